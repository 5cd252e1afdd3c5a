package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Alerts notifies people of failed crawls and job runs, and of costs.
type Alerts struct {
	pulumi.ResourceState

	TopicArn pulumi.StringOutput
}

// AlertsArgs are the inputs of an Alerts.
type AlertsArgs struct {
	Site   Site
	Alerts config.Alerts
	KeyArn pulumi.StringInput
	// Job and Crawler are the names of those in Glue.
	Job     pulumi.StringInput
	Crawler pulumi.StringInput
}

// NewAlerts makes an Alerts.
func NewAlerts(ctx *pulumi.Context, name string, args *AlertsArgs, opts ...pulumi.ResourceOption) (*Alerts, error) {
	a := &Alerts{}
	child, err := register(ctx, "Alerts", name, pulumi.Map{
		"monthlyBudgetUsd": pulumi.Int(args.Alerts.MonthlyBudgetUSD),
		"job":              args.Job,
		"crawler":          args.Crawler,
	}, a, opts)
	if err != nil {
		return nil, err
	}
	topic, err := sns.NewTopic(ctx, name+"-alerts", &sns.TopicArgs{KmsMasterKeyId: args.KeyArn}, child)
	if err != nil {
		return nil, fmt.Errorf("topic of alerts: %w", err)
	}
	a.TopicArn = topic.Arn
	policy, err := sns.NewTopicPolicy(ctx, name+"-alerts-policy", &sns.TopicPolicyArgs{
		Arn:    topic.Arn,
		Policy: topicPolicy(args.Site, topic.Arn),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("policy of alerts: %w", err)
	}
	ready := pulumi.DependsOn([]pulumi.Resource{policy})
	if err := a.subscribe(ctx, name, args.Alerts.Email, child); err != nil {
		return nil, err
	}
	for _, f := range []failure{
		// Glue sends the event of a run after its last retry.
		{"job", "Runs of the job that failed or took too long", "Glue Job State Change",
			pulumi.Map{"jobName": pulumi.StringArray{args.Job}, "state": list("FAILED", "TIMEOUT", "ERROR")}},
		// After a failed crawl the job does not start, so no run fails.
		{"crawler", "Crawls that failed", "Glue Crawler State Change",
			pulumi.Map{"crawlerName": pulumi.StringArray{args.Crawler}, "state": list("Failed")}},
	} {
		if err := a.watch(ctx, name, f, child, ready); err != nil {
			return nil, err
		}
	}
	if err := a.watchCosts(ctx, name, args.Alerts.MonthlyBudgetUSD, child, ready); err != nil {
		return nil, err
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"topicArn": a.TopicArn})
}

func topicPolicy(site Site, topic pulumi.StringInput) pulumi.StringOutput {
	own := when("StringEquals", "aws:SourceAccount", pulumi.String(site.Account))
	return document(
		statement{
			// EventBridge cannot deliver to a topic whose policy has a condition for it:
			// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
			sid: "FailedRuns", principal: service("events.amazonaws.com"),
			actions: []string{"sns:Publish"}, resources: pulumi.StringArray{topic},
		},
		statement{
			sid: "Costs", principal: service("budgets.amazonaws.com"),
			actions: []string{"sns:Publish"}, resources: pulumi.StringArray{topic}, condition: own,
		},
		statement{
			sid: "TLSOnly", deny: true, principal: pulumi.String("*"),
			actions: []string{"sns:Publish"}, resources: pulumi.StringArray{topic},
			condition: when("Bool", "aws:SecureTransport", pulumi.String("false")),
		},
	)
}

// subscribe sends the alerts to an address, which has to confirm it first.
func (a *Alerts) subscribe(ctx *pulumi.Context, name, email string, child pulumi.ResourceOption) error {
	if email == "" {
		return nil
	}
	_, err := sns.NewTopicSubscription(ctx, name+"-alerts-email", &sns.TopicSubscriptionArgs{
		Topic:    a.TopicArn,
		Protocol: pulumi.String("email"),
		Endpoint: pulumi.String(email),
	}, child)
	if err != nil {
		return fmt.Errorf("subscription to alerts: %w", err)
	}
	return nil
}

// failure is an event of Glue that people want to know of:
// https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
type failure struct {
	of, description, detailType string
	detail                      pulumi.Map
}

// watch sends the events of a failure to the topic.
func (a *Alerts) watch(ctx *pulumi.Context, name string, f failure, child, ready pulumi.ResourceOption) error {
	label := name + "-" + f.of + "-failed"
	rule, err := cloudwatch.NewEventRule(ctx, label, &cloudwatch.EventRuleArgs{
		Description: pulumi.String(f.description),
		EventPattern: pulumi.JSONMarshal(pulumi.Map{
			"source": list("aws.glue"), "detail-type": list(f.detailType), "detail": f.detail,
		}),
	}, child)
	if err != nil {
		return fmt.Errorf("rule %s: %w", label, err)
	}
	_, err = cloudwatch.NewEventTarget(ctx, label, &cloudwatch.EventTargetArgs{
		Rule: rule.Name,
		Arn:  a.TopicArn,
	}, child, ready)
	if err != nil {
		return fmt.Errorf("target %s: %w", label, err)
	}
	return nil
}

// watchCosts notifies when the month is forecast to cost more than planned. It counts
// the whole account: a filter by tag counts nothing, silently, until somebody
// activates the tag for billing.
func (a *Alerts) watchCosts(ctx *pulumi.Context, name string, limit int, child, ready pulumi.ResourceOption) error {
	_, err := budgets.NewBudget(ctx, name+"-budget", &budgets.BudgetArgs{
		Name:        pulumi.String(name),
		BudgetType:  pulumi.String("COST"),
		TimeUnit:    pulumi.String("MONTHLY"),
		LimitAmount: pulumi.Sprintf("%d.0", limit), // As Budgets gives it back.
		LimitUnit:   pulumi.String("USD"),
		Notifications: budgets.BudgetNotificationArray{budgets.BudgetNotificationArgs{
			NotificationType:       pulumi.String("FORECASTED"),
			ComparisonOperator:     pulumi.String("GREATER_THAN"),
			Threshold:              pulumi.Float64(100),
			ThresholdType:          pulumi.String("PERCENTAGE"),
			SubscriberSnsTopicArns: pulumi.StringArray{a.TopicArn},
		}},
	}, child, ready)
	if err != nil {
		return fmt.Errorf("budget: %w", err)
	}
	return nil
}
