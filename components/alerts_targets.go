package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// subscribe sends the alerts to an address, once its owner has confirmed the subscription.
func (a *Alerts) subscribe(s scope, email string) error {
	if email == "" {
		return nil
	}
	_, err := sns.NewTopicSubscription(s.ctx, s.label("alerts-email"), &sns.TopicSubscriptionArgs{
		Topic:    a.TopicArn,
		Protocol: pulumi.String("email"),
		Endpoint: pulumi.String(email),
	}, s.parent)
	if err != nil {
		return fmt.Errorf("subscription to alerts: %w", err)
	}
	return nil
}

// failure is an event of Glue that people are notified of:
// https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
type failure struct {
	of, description, detailType string
	detail                      pulumi.Map
}

func failures(args *AlertsArgs) []failure {
	return []failure{
		// AWS does not document whether each attempt of a run sends an event, or only the last one.
		{
			"job", "Failed and timed-out runs of the job. Runbook: " + runbook("job-failed"), "Glue Job State Change",
			pulumi.Map{"jobName": pulumi.StringArray{args.Etl.Job}, "state": list("FAILED", "TIMEOUT", "ERROR")},
		},
		// The job does not need the catalog, so a failed crawl does not fail a run.
		{
			"crawler", "Failed crawls. Runbook: " + runbook("crawler-failed"), "Glue Crawler State Change",
			pulumi.Map{"crawlerName": pulumi.StringArray{args.Catalog.Crawler}, "state": list("Failed")},
		},
	}
}

// watch creates the rule that sends the events of a failure to the topic.
func (a *Alerts) watch(s scope, f failure) error {
	label := s.label(f.of + "-failed")
	rule, err := cloudwatch.NewEventRule(s.ctx, label, &cloudwatch.EventRuleArgs{
		Description: pulumi.String(f.description),
		EventPattern: pulumi.JSONMarshal(pulumi.Map{
			"source": list("aws.glue"), "detail-type": list(f.detailType), "detail": f.detail,
		}),
	}, s.parent)
	if err != nil {
		return fmt.Errorf("rule %s: %w", label, err)
	}
	_, err = cloudwatch.NewEventTarget(s.ctx, label, &cloudwatch.EventTargetArgs{
		Rule: rule.Name,
		Arn:  a.TopicArn,
	}, s.parent, a.Ready)
	if err != nil {
		return fmt.Errorf("target %s: %w", label, err)
	}
	return nil
}

// watchCosts notifies when the month's costs exceed 80 % or 100 % of the limit, or the
// forecast exceeds it. AWS has no forecast in an account's first five weeks or so.
// The budget covers the whole account: a filter by tag would silently match nothing
// until the tag is activated for billing.
// https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-best-practices.html
func (a *Alerts) watchCosts(s scope, limit int) error {
	_, err := budgets.NewBudget(s.ctx, s.label("budget"), &budgets.BudgetArgs{
		Name:        pulumi.String(s.name),
		BudgetType:  pulumi.String("COST"),
		TimeUnit:    pulumi.String("MONTHLY"),
		LimitAmount: pulumi.Sprintf("%d.0", limit), // The format that Budgets returns.
		LimitUnit:   pulumi.String("USD"),
		Notifications: budgets.BudgetNotificationArray{
			a.notification("ACTUAL", 80), a.notification("ACTUAL", 100), a.notification("FORECASTED", 100),
		},
	}, s.parent, a.Ready)
	if err != nil {
		return fmt.Errorf("budget: %w", err)
	}
	return nil
}

// notification notifies the topic when the month's costs exceed a percentage of the limit.
func (a *Alerts) notification(of string, percentage float64) budgets.BudgetNotificationArgs {
	return budgets.BudgetNotificationArgs{
		NotificationType:       pulumi.String(of),
		ComparisonOperator:     pulumi.String("GREATER_THAN"),
		Threshold:              pulumi.Float64(percentage),
		ThresholdType:          pulumi.String("PERCENTAGE"),
		SubscriberSnsTopicArns: pulumi.StringArray{a.TopicArn},
	}
}
