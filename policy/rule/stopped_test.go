package rule

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
)

// paused returns a stack that keeps a database stopped, with changed properties.
func paused(changes map[string]map[string]any) Stack {
	const runbook = "arn:aws:ssm:eu-west-1::automation-definition/AWS-StopRdsInstance:$DEFAULT"
	of := func(resourceType, name string, properties map[string]any) Resource {
		for key, v := range changes[name] {
			properties[key] = v
		}
		values := map[string]property.Value{}
		for key, v := range properties {
			if of, ok := v.(property.Value); ok {
				values[key] = of
				continue
			}
			of, err := property.Any(v)
			if err != nil {
				panic(err) // Values are strings and booleans.
			}
			values[key] = of
		}
		return Resource{URN: "urn:" + name, Type: resourceType, Name: name, Inputs: property.NewMap(values)}
	}
	target := of(aws.EventTarget, "target", map[string]any{"arn": runbook, "rule": "daily", "input": `{"InstanceId":["store"]}`})
	target.PropertyDependencies = map[string][]string{"input": {"urn:db"}}
	return Stack{Resources: []Resource{
		of(aws.DBInstance, "db", map[string]any{"identifier": "store"}), target,
		of(aws.EventRule, "rule", map[string]any{"name": "daily", "scheduleExpression": "rate(1 day)"}),
	}}
}

func TestDatabaseIsKeptStopped(t *testing.T) {
	require.True(t, paused(nil).DatabaseStopped())
	type changes = map[string]any
	for name, test := range map[string]struct {
		resource string
		changes  changes
		stopped  bool
	}{
		"the rule is disabled":        {"rule", changes{"state": "DISABLED"}, false},
		"the rule is enabled":         {"rule", changes{"state": "ENABLED"}, true},
		"the rule is off":             {"rule", changes{"isEnabled": false}, false},
		"the rule is on":              {"rule", changes{"isEnabled": true}, true},
		"the rule is unknown":         {"rule", changes{"isEnabled": property.New(property.Computed)}, false},
		"the rule's state is unknown": {"rule", changes{"state": property.New(property.Computed)}, false},
		"another rule":                {"rule", changes{"name": "hourly"}, false},
		"no schedule":                 {"rule", changes{"scheduleExpression": ""}, false},
		"each week":                   {"rule", changes{"scheduleExpression": "rate(7 days)"}, true},
		"each eight days":             {"rule", changes{"scheduleExpression": "rate(8 days)"}, false},
		"each 168 hours":              {"rule", changes{"scheduleExpression": "rate(168 hours)"}, true},
		"each 169 hours":              {"rule", changes{"scheduleExpression": "rate(169 hours)"}, false},
		"each 10,080 minutes":         {"rule", changes{"scheduleExpression": "rate(10080 minutes)"}, true},
		"each 10,081 minutes":         {"rule", changes{"scheduleExpression": "rate(10081 minutes)"}, false},
		"too many":                    {"rule", changes{"scheduleExpression": "rate(99999999999999999999 days)"}, false},
		"each morning":                {"rule", changes{"scheduleExpression": "cron(0 4 * * ? *)"}, true},
		"each Monday":                 {"rule", changes{"scheduleExpression": "cron(0 4 ? * MON *)"}, true},
		"the first Monday":            {"rule", changes{"scheduleExpression": "cron(0 4 ? * 2#1 *)"}, false},
		"the last Friday":             {"rule", changes{"scheduleExpression": "cron(0 4 ? * 6L *)"}, false},
		"each month":                  {"rule", changes{"scheduleExpression": "cron(0 4 1 * ? *)"}, false},
		"each day of May":             {"rule", changes{"scheduleExpression": "cron(0 4 * 5 ? *)"}, false},
		"in one year":                 {"rule", changes{"scheduleExpression": "cron(0 4 * * ? 2026)"}, false},
		"an unknown schedule":         {"rule", changes{"scheduleExpression": property.New(property.Computed)}, false},
		"another runbook":             {"target", changes{"arn": "arn:aws:ssm:eu-west-1::automation-definition/AWS-StartRdsInstance:$DEFAULT"}, false},
		"another's runbook":           {"target", changes{"arn": "arn:aws:ssm:eu-west-1:1:automation-definition/AWS-StopRdsInstance"}, false},
		"another database":            {"target", changes{"input": `{"InstanceId":["payroll"]}`}, false},
		"one more":                    {"target", changes{"input": `{"InstanceId":["payroll","store"]}`}, true},
		"no input":                    {"target", changes{"input": ""}, false},
		"a database without one":      {"target", changes{"input": `{"InstanceId":[""]}`}, false},
		"a number":                    {"target", changes{"input": true}, false},
		"an input that comes from it": {"target", changes{"input": property.New(property.Computed)}, true},
		"a database without a name":   {"db", changes{"identifier": ""}, false},
	} {
		require.Equal(t, test.stopped, paused(map[string]map[string]any{test.resource: test.changes}).DatabaseStopped(), name)
	}
}

func TestOneOfTwoDatabasesIsKeptStopped(t *testing.T) {
	s := paused(nil)
	second := Resource{URN: "urn:second", Type: aws.DBInstance, Outputs: property.NewMap(map[string]property.Value{"identifier": property.New("payroll")})}
	s.Resources = append(s.Resources, second)
	require.False(t, s.DatabaseStopped())
	require.True(t, s.KeptStopped(s.Resources[0]))
	require.False(t, s.KeptStopped(second))
	second.Outputs = property.NewMap(map[string]property.Value{"identifier": property.New("store")})
	require.True(t, s.KeptStopped(second), "by an identifier from AWS")
	s.Resources = s.Resources[1:3]
	require.False(t, s.DatabaseStopped(), "there is none")
}
