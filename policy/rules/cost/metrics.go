package cost

import (
	"encoding/json"
	"fmt"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/price"
	"store-events/policy/rule"
	"store-events/policy/value"
)

const dashboard = "aws:cloudwatch/dashboard:Dashboard"

// gluesMetrics is the approximate number of metrics that Glue sends for a job, if the job's arguments turn them on.
// Each executor has its own.
// https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html
const gluesMetrics = 100

// gluesOwn prices the metrics that Glue itself sends for a job. CloudWatch bills them as custom metrics, even if unused.
func (e *estimator) gluesOwn(job rule.Resource, runs float64) {
	for _, argument := range []string{"--enable-metrics", "--enable-observability-metrics"} {
		given := job.Get("defaultArguments", argument)
		if matcher.Missing(given) {
			continue
		}
		if sends, known := e.text(given); !known || sends == "false" {
			continue
		}
		what := fmt.Sprintf("about %d from Glue, for a job that runs %.0f times a month", gluesMetrics, runs)
		e.charge("custom metrics", what, "custom metric", job.Get(), gluesMetrics*min(1, runs/price.HoursPerMonth))
		return
	}
}

// metricsOf prices the custom metrics of a job that alarms and dashboards read. CloudWatch bills a metric for
// the hours in which it receives data, so a job that runs once a day pays a 24th.
// https://aws.amazon.com/cloudwatch/pricing/
func (e *estimator) metricsOf(job rule.Resource, runs float64) {
	names := map[string]bool{}
	for _, alarm := range e.stack.Of(aws.MetricAlarm) {
		sources := []value.Value{alarm.Get()}
		for _, query := range alarm.Get("metricQueries").Elements() {
			sources = append(sources, query.Get("metric"))
		}
		for _, source := range sources {
			if name := customMetric(alarm, source, job); name != "" {
				names[name] = true
			}
		}
	}
	for _, d := range e.stack.Of(dashboard) {
		for _, name := range drawnMetrics(d.Get("dashboardBody"), job) {
			names[name] = true
		}
	}
	if len(names) > 0 {
		what := fmt.Sprintf("%d for a job that runs %.0f times a month", len(names), runs)
		e.charge("custom metrics", what, "custom metric", job.Get(), float64(len(names))*min(1, runs/price.HoursPerMonth))
	}
}

// customMetric returns the name of a custom metric with the job as a dimension, or "".
func customMetric(alarm rule.Resource, source value.Value, job rule.Resource) string {
	namespace, err := source.Get("namespace").Text()
	if err != nil || !isCustom(namespace) {
		return ""
	}
	for _, dimension := range source.Get("dimensions").Fields() {
		if rule.Refers(alarm, dimension.Value, job) != rule.Yes {
			continue
		}
		if name, err := source.Get("metricName").Text(); err == nil {
			return namespace + " " + name
		}
	}
	return ""
}

// drawnMetrics returns the custom metrics of a job in a dashboard; none if its body is not known yet.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
func drawnMetrics(body value.Value, job rule.Resource) (names []string) {
	text, err := body.Text()
	if err != nil {
		return nil
	}
	var drawn struct {
		Widgets []struct{ Properties struct{ Metrics [][]any } }
	}
	if json.Unmarshal([]byte(text), &drawn) != nil {
		return nil
	}
	for _, widget := range drawn.Widgets {
		for _, line := range widget.Properties.Metrics {
			if len(line) < 4 { // Namespace, name, and at least one dimension.
				continue
			}
			namespace, _ := line[0].(string)
			value, _ := line[3].(string)
			for _, identity := range job.Identities() {
				if isCustom(namespace) && value == identity {
					names = append(names, fmt.Sprintf("%s %s", namespace, line[1]))
				}
			}
		}
	}
	return names
}

// isCustom reports whether metrics of a namespace are billed. AWS's services are free, and gluesOwn prices Glue's
// metrics.
func isCustom(namespace string) bool {
	return namespace != "" && !strings.HasPrefix(namespace, "AWS/") && !strings.HasPrefix(namespace, "Glue")
}
