package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Alarms are the alarms of runs, data, database and functions, with a dashboard. They
// notify the topic of the alerts when they fire and when they recover.
type Alarms struct {
	pulumi.ResourceState

	// Dashboard is empty while the stack is paused.
	Dashboard pulumi.StringOutput `pulumi:"dashboard"`
	// Names are the names of all alarms.
	Names pulumi.StringArray
}

// AlarmsArgs are the inputs of Alarms.
type AlarmsArgs struct {
	Environment Environment
	Settings    config.Alerts
	// LateHours is the value of config.Config.LateHours. With 0, missing runs raise no alarm.
	LateHours int
	// StorageGiB is the database's initial storage; 0 for an existing database.
	StorageGiB int
	Alerts     *Alerts
	Etl        *Etl
	Database   *Database
	Producer   *Producer
	// Starter is nil if events do not start the workflow.
	Starter *Starter
}

// NewAlarms creates Alarms.
func NewAlarms(ctx *pulumi.Context, name string, args *AlarmsArgs, opts ...pulumi.ResourceOption) (*Alarms, error) {
	a := &Alarms{}
	s, err := open(ctx, name, a, pulumi.Map{
		"job": args.Etl.Job, "topicArn": args.Alerts.TopicArn,
		"lateHours":       pulumi.Int(args.LateHours),
		"quarantineShare": pulumi.Float64(args.Settings.QuarantineShare),
		"volumeFactor":    pulumi.Float64(args.Settings.VolumeFactor),
	}, opts)
	if err != nil {
		return nil, err
	}
	if args.Environment.Paused { // A paused stack runs nothing, and most metrics have no data.
		a.Dashboard, a.Names = output(""), pulumi.StringArray{}
		return a, s.close(a)
	}
	var arns pulumi.StringArray
	for _, one := range alarms(args) {
		made, err := one.create(s, args.Alerts)
		if err != nil {
			return nil, err
		}
		arns, a.Names = append(arns, made.Arn), append(a.Names, made.Name)
	}
	if a.Dashboard, err = newDashboard(s, args, arns); err != nil {
		return nil, err
	}
	return a, s.close(a)
}

// runbook returns the link to an alarm's runbook.
func runbook(role string) string { return "docs/alarms.md#alarm-" + role }

// Ways in which alarms treat periods without data:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
const (
	// keepState is for metrics of single runs and calls: the alarm shows the result of
	// the last one until the next one.
	keepState  = "ignore"
	noDataIsIt = "breaching"
	unknown    = "missing"
)

// alarm describes an alarm that fires if the comparison with the threshold is true in all
// of its periods.
type alarm struct {
	// role is the last part of the names of the alarm and of its runbook.
	role string
	// meaning is the beginning of the message.
	meaning string
	// metrics are named m0, m1 and so on in the expression.
	metrics []metric
	// expression is CloudWatch's metric math; empty if there is only one metric.
	expression string
	// comparison is one of CloudWatch's operators.
	comparison string
	threshold  float64
	// period is in seconds, and the number of periods is at least 1.
	period, periods int
	missing         string
}

const (
	above   = "GreaterThanThreshold"
	below   = "LessThanThreshold"
	atLeast = "GreaterThanOrEqualToThreshold"
)

// metric is a statistic of a CloudWatch metric.
type metric struct {
	namespace, name, statistic string
	dimensions                 pulumi.StringMap
}

func (a alarm) create(s scope, alerts *Alerts) (*cloudwatch.MetricAlarm, error) {
	label := s.label(a.role)
	topic := pulumi.Array{alerts.TopicArn}
	spec := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(label),
		AlarmDescription:   pulumi.String(fmt.Sprintf("%s. Runbook: %s", a.meaning, runbook(a.role))),
		ComparisonOperator: pulumi.String(a.comparison),
		Threshold:          pulumi.Float64(a.threshold),
		EvaluationPeriods:  pulumi.Int(a.periods),
		DatapointsToAlarm:  pulumi.Int(a.periods),
		TreatMissingData:   pulumi.String(a.missing),
		AlarmActions:       topic,
		OkActions:          topic,
	}
	if a.expression == "" {
		only := a.metrics[0]
		spec.Namespace, spec.MetricName, spec.Statistic = pulumi.String(only.namespace), pulumi.String(only.name), pulumi.String(only.statistic)
		spec.Dimensions, spec.Period = only.dimensions, pulumi.Int(a.period)
	} else {
		spec.MetricQueries = a.queries()
	}
	made, err := cloudwatch.NewMetricAlarm(s.ctx, label, spec, s.parent, alerts.Ready)
	if err != nil {
		return nil, fmt.Errorf("alarm %s: %w", label, err)
	}
	return made, nil
}

func (a alarm) queries() cloudwatch.MetricAlarmMetricQueryArray {
	queries := cloudwatch.MetricAlarmMetricQueryArray{cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("value"), Expression: pulumi.String(a.expression), Label: pulumi.String(a.role), ReturnData: pulumi.Bool(true),
	}}
	for i, m := range a.metrics {
		queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(fmt.Sprintf("m%d", i)),
			Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(m.namespace), MetricName: pulumi.String(m.name), Stat: pulumi.String(m.statistic),
				Period: pulumi.Int(a.period), Dimensions: m.dimensions,
			},
		})
	}
	return queries
}
