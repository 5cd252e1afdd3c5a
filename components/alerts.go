package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Alerts is the topic that notifies people of failed crawls and job runs, and of costs.
type Alerts struct {
	pulumi.ResourceState

	TopicArn pulumi.StringOutput `pulumi:"topicArn"`
	// Ready is the option for resources that publish to the topic.
	Ready pulumi.ResourceOption
}

// AlertsArgs are the inputs of Alerts.
type AlertsArgs struct {
	Environment Environment
	Settings    config.Alerts
	Storage     *Storage
	Catalog     *Catalog
	Etl         *Etl
}

// NewAlerts creates Alerts.
func NewAlerts(ctx *pulumi.Context, name string, args *AlertsArgs, opts ...pulumi.ResourceOption) (*Alerts, error) {
	a := &Alerts{}
	s, err := open(ctx, name, a, pulumi.Map{
		"monthlyBudgetUsd": pulumi.Int(args.Settings.MonthlyBudgetUSD),
		"job":              args.Etl.Job,
		"crawler":          args.Catalog.Crawler,
	}, opts)
	if err != nil {
		return nil, err
	}
	if a.Ready, err = a.newTopic(s, args); err != nil {
		return nil, err
	}
	if err := a.subscribe(s, args.Settings.Email); err != nil {
		return nil, err
	}
	for _, f := range failures(args) {
		if err := a.watch(s, f); err != nil {
			return nil, err
		}
	}
	if limit := args.Settings.MonthlyBudgetUSD; limit > 0 {
		if err := a.watchCosts(s, limit); err != nil {
			return nil, err
		}
	}
	return a, s.close(a)
}

// newTopic creates the encrypted topic. It returns the option for resources
// that publish to it.
func (a *Alerts) newTopic(s scope, args *AlertsArgs) (pulumi.ResourceOption, error) {
	topic, err := sns.NewTopic(s.ctx, s.label("alerts"), &sns.TopicArgs{KmsMasterKeyId: args.Storage.KeyArn}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("topic of alerts: %w", err)
	}
	a.TopicArn = topic.Arn
	policy, err := sns.NewTopicPolicy(s.ctx, s.label("alerts-policy"), &sns.TopicPolicyArgs{
		Arn:    topic.Arn,
		Policy: topicPolicy(args.Environment, topic.Arn),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("policy of alerts: %w", err)
	}
	return after(policy), nil
}

func topicPolicy(env Environment, topic pulumi.StringInput) pulumi.StringOutput {
	return policyDocument(
		statement{
			// EventBridge cannot deliver to a topic if this statement has a condition:
			// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
			sid: "FailedRuns", principal: service("events.amazonaws.com"),
			actions: []string{"sns:Publish"}, resources: pulumi.StringArray{topic},
		},
		statement{
			// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
			sid: "Alarms", principal: service("cloudwatch.amazonaws.com"),
			actions: []string{"sns:Publish"}, resources: pulumi.StringArray{topic},
			condition: when("ArnLike", "aws:SourceArn", pulumi.String(env.arn("cloudwatch", "alarm:*"))),
		},
		statement{
			sid: "Costs", principal: service("budgets.amazonaws.com"),
			actions: []string{"sns:Publish"}, resources: pulumi.StringArray{topic},
			condition: when("StringEquals", "aws:SourceAccount", pulumi.String(env.Account)),
		},
		tlsOnly("sns:Publish", topic),
	)
}
