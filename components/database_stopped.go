package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// stopRunbook is AWS's own runbook that stops an instance if it runs.
// https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-stoprdsinstance.html
const stopRunbook = "AWS-StopRdsInstance"

// keepStopped stops the instance of a paused stack again, once a day: AWS starts a
// stopped instance after seven days.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
//
// A rule of EventBridge starts the runbook, which has the permissions of the rule's role.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/running-automations-event-bridge.html
func keepStopped(s scope, args *DatabaseArgs, instance *rds.Instance) error {
	if !args.Environment.Paused {
		return nil
	}
	s = s.within("stopped")
	role, err := newRole(s, roleArgs{
		service:     "events.amazonaws.com",
		description: "Stops the database of the paused stack",
		account:     args.Environment.Account,
		policy:      stopPolicy(args.Environment, instance.Arn),
	})
	if err != nil {
		return err
	}
	rule, err := cloudwatch.NewEventRule(s.ctx, s.name, &cloudwatch.EventRuleArgs{
		Description:        pulumi.String("Stops the database of the paused stack again, because AWS starts it after seven days"),
		ScheduleExpression: pulumi.String("rate(1 day)"),
	}, s.parent)
	if err != nil {
		return fmt.Errorf("rule that keeps the database stopped: %w", err)
	}
	_, err = cloudwatch.NewEventTarget(s.ctx, s.name, &cloudwatch.EventTargetArgs{
		Rule:    rule.Name,
		Arn:     pulumi.String(runbookArn(args.Environment, "$DEFAULT")),
		RoleArn: role.readyArn(),
		Input:   pulumi.JSONMarshal(pulumi.Map{"InstanceId": pulumi.Array{instance.Identifier}}),
	}, s.parent)
	if err != nil {
		return fmt.Errorf("target that keeps the database stopped: %w", err)
	}
	return nil
}

// stopPolicy allows starting the runbook, and the calls that the runbook makes. Systems Manager authorizes a start for
// the runbook, as a document and as a definition, and for the execution, whose ID is not known in advance.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBudgetsActions_RolePolicyForResourceAdministrationWithSSM.html
func stopPolicy(env Environment, instance pulumi.StringInput) []statement {
	document := fmt.Sprintf("arn:%s:ssm:%s::document/%s", env.Partition, env.Region, stopRunbook)
	return []statement{
		{sid: "StartRunbook", actions: []string{"ssm:StartAutomationExecution"},
			resources: list(runbookArn(env, "*"), document, env.arn("ssm", "automation-execution/*"))},
		{sid: "StopDatabase", actions: []string{"rds:StopDBInstance"}, resources: pulumi.StringArray{instance}},
		{sid: "SeeDatabase", actions: []string{"rds:DescribeDBInstances"}, resources: pulumi.StringArray{instance}},
	}
}

// runbookArn returns the ARN of AWS's runbook, which has no account.
func runbookArn(env Environment, version string) string {
	return fmt.Sprintf("arn:%s:ssm:%s::automation-definition/%s:%s", env.Partition, env.Region, stopRunbook, version)
}
