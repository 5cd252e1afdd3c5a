package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// The dashboard's grid has 24 columns, room for three graphs.
const (
	graphWidth  = 8
	graphHeight = 6
	alarmHeight = 3
)

// graph is a widget of the dashboard.
type graph struct {
	title string
	// metrics are drawn in one graph.
	metrics []metric
	period  int
}

// newDashboard creates a dashboard with the states of all alarms and graphs of their
// metrics. It returns the dashboard's name.
func newDashboard(s scope, args *AlarmsArgs, alarms pulumi.StringArray) (pulumi.StringOutput, error) {
	d, err := cloudwatch.NewDashboard(s.ctx, s.label("dashboard"), &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(s.name),
		DashboardBody: pulumi.JSONMarshal(pulumi.Map{"widgets": widgets(args, alarms)}),
	}, s.parent)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("dashboard: %w", err)
	}
	return d.DashboardName, nil
}

// widgets follow
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
func widgets(args *AlarmsArgs, alarms pulumi.StringArray) pulumi.Array {
	all := pulumi.Array{widget("alarm", [4]int{0, 0, 3 * graphWidth, alarmHeight}, pulumi.Map{
		"title": pulumi.String("Alarms"), "alarms": alarms,
	})}
	for i, g := range graphs(args) {
		place := [4]int{i % 3 * graphWidth, alarmHeight + i/3*graphHeight, graphWidth, graphHeight}
		all = append(all, widget("metric", place, pulumi.Map{
			"title": pulumi.String(g.title), "region": pulumi.String(args.Environment.Region), "view": pulumi.String("timeSeries"),
			"period": pulumi.Int(g.period), "metrics": lines(g.metrics),
		}))
	}
	return all
}

// widget returns a widget; place is x, y, width and height.
func widget(kind string, place [4]int, properties pulumi.Map) pulumi.Map {
	return pulumi.Map{
		"type": pulumi.String(kind), "x": pulumi.Int(place[0]), "y": pulumi.Int(place[1]),
		"width": pulumi.Int(place[2]), "height": pulumi.Int(place[3]), "properties": properties,
	}
}

func lines(metrics []metric) pulumi.Array {
	var all pulumi.Array
	for _, m := range metrics {
		line := pulumi.Array{pulumi.String(m.namespace), pulumi.String(m.name)}
		for name, value := range m.dimensions { // Each metric has one dimension.
			line = append(line, pulumi.String(name), value)
		}
		all = append(all, append(line, pulumi.Map{"stat": pulumi.String(m.statistic)}))
	}
	return all
}

func graphs(args *AlarmsArgs) []graph {
	m := schema.Load().Metrics
	runs := func(statistic string, names ...string) (all []metric) {
		for _, name := range names {
			all = append(all, ofRuns(args, name, statistic))
		}
		return all
	}
	database := func(statistic, name string) []metric {
		return []metric{{"AWS/RDS", name, statistic, pulumi.StringMap{"DBInstanceIdentifier": args.Database.Identifier}}}
	}
	callsOf := func(function pulumi.StringInput) []metric {
		return []metric{calls(function, "Invocations"), calls(function, "Errors")}
	}
	all := []graph{
		{"Runs and failed crawls", runs("Sum", m.Succeeded, m.Failed, m.CrawlFailed), hour},
		{"Lines", runs("Sum", m.Read, m.New, m.Repeated), hour},
		{"Lines in quarantine, unknown fields, unread and archived objects, failed expectations",
			runs("Sum", m.Quarantined, m.Unknown, m.Unread, m.Archived, m.Expectations, m.Streams), hour},
		{"Lag and duration, seconds", runs("Maximum", m.Lag, m.Seconds), hour},
		{"Lines of the last 24 hours, relative to the daily average", runs("Maximum", m.Volume), hour},
		{"Producer", callsOf(args.Producer.Function), 300},
		{"Password rotation", callsOf(args.Database.Rotation), hour},
	}
	if args.Starter != nil {
		all = append(all,
			graph{"Starter", callsOf(args.Starter.Function), 300},
			graph{"Waiting events about new objects, and dead letters", []metric{waiting(args.Starter.Queue), waiting(args.Starter.DeadLetters)}, 300},
		)
	}
	if args.StorageGiB == 0 {
		return all
	}
	return append(all,
		graph{"Free storage of the database, bytes", database("Minimum", "FreeStorageSpace"), 300},
		graph{"CPU of the database, %", database("Average", "CPUUtilization"), 300},
	)
}
