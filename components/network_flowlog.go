package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newFlowLog records every connection of the VPC, rejected ones included.
func newFlowLog(s scope, args *NetworkArgs, vpc *ec2.Vpc) error {
	group, err := newLogGroup(s, "flow-logs", pulumi.String("/aws/vpc/"+s.name), args.Environment, args.Storage.KeyArn)
	if err != nil {
		return err
	}
	role, err := newRole(s.within("flow-log"), roleArgs{
		service:     "vpc-flow-logs.amazonaws.com",
		description: "Writes the flow logs of the VPC",
		account:     args.Environment.Account,
		// The permissions that flow logs need "at least", except to create the group: records that arrive after the
		// stack has deleted it would create it again, without retention and key.
		// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
		// https://github.com/terraform-aws-modules/terraform-aws-vpc/pull/550
		policy: []statement{
			{
				sid:       "WriteFlowLogs",
				actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"},
				resources: args.Environment.logGroupArns(group.Name),
			},
			{
				// The action lists all groups, so the ARN of one group does not match.
				sid:       "DescribeLogGroups",
				actions:   []string{"logs:DescribeLogGroups"},
				resources: list("*"),
			},
		},
	})
	if err != nil {
		return err
	}
	_, err = ec2.NewFlowLog(s.ctx, s.label("flow-log"), &ec2.FlowLogArgs{
		VpcId:                  vpc.ID(),
		TrafficType:            pulumi.String("ALL"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.Arn,
		MaxAggregationInterval: pulumi.Int(600),
		Tags:                   tagged(s.name),
	}, s.parent, role.ready)
	if err != nil {
		return fmt.Errorf("flow log: %w", err)
	}
	return nil
}
