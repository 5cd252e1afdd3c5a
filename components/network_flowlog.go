package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newFlowLog records every connection of the VPC, the refused ones included.
func newFlowLog(ctx *pulumi.Context, name string, args *NetworkArgs, vpc *ec2.Vpc, child pulumi.ResourceOption) error {
	group, err := cloudwatch.NewLogGroup(ctx, name+"-flow-logs", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/vpc/" + name),
		RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
		KmsKeyId:        args.KeyArn,
	}, child)
	if err != nil {
		return fmt.Errorf("flow log group: %w", err)
	}
	role, err := newRole(ctx, name+"-flow-log", roleArgs{
		service:     "vpc-flow-logs.amazonaws.com",
		description: "Writes the flow logs of the VPC",
		account:     args.Site.Account,
		// The permissions that flow logs need "at least":
		// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
		policy: []statement{
			{
				sid:       "WriteFlowLogs",
				actions:   []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"},
				resources: args.Site.logGroup(group.Name),
			},
			{
				// It lists groups; no ARN of one of them fits.
				sid:       "DescribeLogGroups",
				actions:   []string{"logs:DescribeLogGroups"},
				resources: list("*"),
			},
		},
	}, child)
	if err != nil {
		return err
	}
	_, err = ec2.NewFlowLog(ctx, name+"-flow-log", &ec2.FlowLogArgs{
		VpcId:                  vpc.ID(),
		TrafficType:            pulumi.String("ALL"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.Arn,
		MaxAggregationInterval: pulumi.Int(600),
		Tags:                   tagged(name),
	}, child, role.ready)
	return err
}
