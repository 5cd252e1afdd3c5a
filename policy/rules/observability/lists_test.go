package observability

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// A failed job is reported by an alarm on a failure metric, or by an event for each failed run.
func TestFailuresAreReported(t *testing.T) {
	topic, job := R(aws.Topic, "topic", Props{}), R(aws.GlueJob, "job", Props{"name": "loader"})
	for _, namespace := range []string{"Glue", "AWS/Glue", "AWS/RDS"} {
		for metric, failures := range map[string]bool{"glue.driver.aggregate.numFailedTasks": true, "job_failed_runs": true, "glue.error.ALL": true, "glue.succeed.ALL": false} {
			alarm := R(aws.MetricAlarm, "alarm", Props{"namespace": namespace, "metricName": metric})
			require.Equal(t, !failures || namespace == "AWS/RDS", Finds(t, pipelineFailureAlerted, []Res{job, topic, alarm}), "%s %s", namespace, metric)
		}
	}
	event := func(pattern string, more Props) []Res {
		more["eventPattern"] = pattern
		return []Res{
			R(aws.EventRule, "event", more), job, topic, R(aws.EventTarget, "target", Props{"rule": Attr("event", "name"), "arn": Arn("topic")}),
		}
	}
	const failed = `{"source":["aws.glue"],"detail-type":["Glue Job State Change"],"detail":{"state":["FAILED","TIMEOUT"],"jobName":["loader"]}}`
	for change, want := range map[[2]string]bool{
		{"", ""}: false, {`,"jobName":["loader"]`, ""}: false, {`"loader"`, `"other"`}: true, {`"loader"`, `"other",{"prefix":"load"}`}: false,
		{"aws.glue", "aws.rds"}: true, {"Glue Job State", "Crawler State"}: true, {`"FAILED",`, ""}: true, {`,"TIMEOUT"`, ""}: true, {failed, "text"}: true, {failed, ""}: true,
	} {
		require.Equal(t, want, Finds(t, pipelineFailureAlerted, event(strings.Replace(failed, change[0], change[1], 1), Props{})), change)
	}
	for _, off := range []Props{{"state": "DISABLED"}, {"isEnabled": false}} {
		require.True(t, Finds(t, pipelineFailureAlerted, event(failed, off)), off)
	}
	for _, on := range []Props{{"state": "ENABLED"}, {"isEnabled": true}} {
		require.False(t, Finds(t, pipelineFailureAlerted, event(failed, on)), on)
	}
	unnamed := event(failed, Props{})
	unnamed[1] = R(aws.GlueJob, "job", Props{})
	require.False(t, Finds(t, pipelineFailureAlerted, unnamed), "the name of the job is not known")
	s := Build(t, event("text", Props{}), rule.DefaultSettings(rule.Prod))
	findings := pipelineFailureAlerted.CheckStack(s)
	require.Len(t, findings, 1)
	require.Equal(t, rule.Failed, findings[0].Kind)
	require.Equal(t, "eventPattern", findings[0].Property)
	require.Equal(t, "eventPattern is another string, expected an event pattern", findings[0].Message)
}

// Before the topic exists, the alarm's action is unknown.
func TestActionsOfAlarms(t *testing.T) {
	alarm := []Res{R(aws.MetricAlarm, "alarm", Props{"alarmActions": List{property.New(property.Computed)}}), R(aws.Topic, "topic", Props{})}
	stack := Build(t, alarm, rule.Settings{})
	require.Equal(t, []rule.Finding{{
		Kind: rule.Undecided, URN: stack.Resources[0].URN, Property: "alarmActions", Message: "not known yet",
	}}, alarmActionsPresent.CheckStack(stack))
}

func TestWidgetsOfDashboards(t *testing.T) {
	widget := func(properties string) []rule.Finding {
		return dashboardOwnFunctions.CheckStack(Build(t, []Res{
			R(aws.Dashboard, "d", Props{"dashboardBody": `{"widgets":[{` + properties + `}]}`}), R(aws.Function, "f", Props{}),
			R(aws.Function, "new", Props{"arn": property.New(property.Computed)}),
		}, rule.Settings{}))
	}
	const own = "arn:aws:test:eu-west-1:123456789012:f"
	for properties, found := range map[string]bool{
		`"type":"custom","properties":{"endpoint":"` + own + `"}`:      false,
		`"type":"custom","properties":{"endpoint":"` + own + `:live"}`: false,
		`"type":"custom","properties":{"endpoint":"` + own + `2"}`:     true,
		`"type":"custom","properties":{"endpoint":":live"}`:            true,
		`"type":"custom"`: true,
		`"type":"text"`:   false,
		`"type":"text","properties":{"endpoint":"arn:other"}`:   true,
		`"type":"text","properties":{"endpoint":"` + own + `"}`: false,
	} {
		require.Equal(t, found, len(widget(properties)) > 0, properties)
	}
	findings := widget(`"type":`)
	require.Len(t, findings, 1)
	require.Equal(t, rule.Failed, findings[0].Kind)
	require.Equal(t, "dashboardBody", findings[0].Property)
	require.Equal(t, "dashboardBody is another string, expected the JSON of a dashboard", findings[0].Message)
	require.False(t, Finds(t, dashboardOwnFunctions, []Res{R(aws.Dashboard, "d", Props{"dashboardBody": ""})}))
}

func TestAlarmsOfDatabases(t *testing.T) {
	db := R(aws.DBInstance, "db", Props{"identifier": "store"})
	alarms := func(first, second any) []Res {
		of := func(metric string, identifier any) Res {
			return R(aws.MetricAlarm, metric, Props{"metricName": metric, "dimensions": Props{"DBInstanceIdentifier": identifier}})
		}
		return []Res{db, of("FreeStorageSpace", first), of("CPUUtilization", second)}
	}
	require.False(t, Finds(t, rdsAlarmsExist, alarms("store", "store")))
	require.False(t, Finds(t, rdsAlarmsExist, alarms(Ref("db"), "store")))
	require.True(t, Finds(t, rdsAlarmsExist, alarms("other", "store")))
	require.True(t, Finds(t, rdsAlarmsExist, alarms("store", "other")))
	require.True(t, Finds(t, rdsAlarmsExist, alarms("store", "")))
	unnamed := alarms("", "")
	unnamed[0] = R(aws.DBInstance, "db", Props{})
	require.True(t, Finds(t, rdsAlarmsExist, unnamed), "neither the database nor the alarms have an identifier")
}

func TestEndpointsOfSubscriptions(t *testing.T) {
	for endpoint, refused := range map[string]bool{
		"arn:aws:sqs:eu-west-1:123456789012:x": false, "http://example.com": true, "HTTP://example.com": true, "https://example.com": true, " HTTPS://example.com": true,
		"https://global.sns-api.chatbot.amazonaws.com": false, "ops@example.com": false, "": false,
	} {
		require.Equal(t, refused, Finds(t, subscriptionProtocol, []Res{R(aws.TopicSubscription, "x", Props{"protocol": "x", "endpoint": endpoint})}), endpoint)
	}
}

func TestPersonalSubscriptions(t *testing.T) {
	for protocol, person := range map[string]bool{"email": true, "email-json": true, "SMS": true, "lambda": false, "": false} {
		require.Equal(t, person, Finds(t, subscriptionProtocol, []Res{R(aws.TopicSubscription, "x", Props{"protocol": protocol, "endpoint": "x"})}), protocol)
		require.False(t, Finds(t, subscriptionProtocol, []Res{R(aws.TopicSubscription, "x", Props{"protocol": protocol})}), protocol)
	}
}

// The message names the resource that is public.
func TestPublicPolicies(t *testing.T) {
	const open = `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`
	for kind, message := range map[string]string{
		aws.Queue: "opens the queue to everyone", aws.QueuePolicy: "opens the queue to everyone", aws.EventBusPolicy: "opens the event bus to everyone",
	} {
		findings := queueNotPublic.CheckResource(Build(t, []Res{R(kind, "x", Props{"policy": open})}, rule.Settings{}).Resources[0])
		require.Len(t, findings, 1, kind)
		require.Contains(t, findings[0].Message, message, kind)
	}
}

// The periods that CloudWatch Logs accepts.
func TestValidRetentions(t *testing.T) {
	known := []float64{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	for i, days := range known {
		require.InDelta(t, days, retentionOf(days), 0)
		require.InDelta(t, known[min(i+1, len(known)-1)], retentionOf(days+0.5), 0)
	}
	group := Build(t, []Res{R(aws.LogGroup, "logs", Props{})}, rule.Settings{LogDays: 20, RemediedLogDays: 80}).Resources[0]
	group.Settings = rule.Settings{LogDays: 20, RemediedLogDays: 80}
	require.Equal(t, map[string]property.Value{"retentionInDays": property.New(90.0)}, retentionSet.Remediate(group))
}

func TestKeysOfLogs(t *testing.T) {
	key := func(effect, service, action, condition string) []Res {
		return []Res{R(aws.LogGroup, "logs", Props{"kmsKeyId": Arn("key")}), R(aws.Key, "key", Props{
			"policy": `{"Statement":{"Effect":"` + effect + `","Principal":{"Service":"` + service + `"},"Action":"` + action + `","Resource":"*","Condition":` + condition + `}}`,
		})}
	}
	const of = `{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:eu-west-1:123456789012:*"}}`
	for service, allowed := range map[string]bool{
		"logs.amazonaws.com": true, "logs.eu-west-1.amazonaws.com": true, "sns.amazonaws.com": false, "logs.example.com": false, "catalogs.amazonaws.com": false,
	} {
		require.Equal(t, !allowed, Finds(t, logKeyPolicy, key("Allow", service, "kms:*", of)), service)
	}
	const logs = "logs.amazonaws.com"
	require.True(t, Finds(t, logKeyPolicy, key("Deny", logs, "kms:*", of)))
	require.Equal(t, "policy", logKeyPolicy.CheckStack(Build(t, key("Deny", logs, "kms:*", of), rule.Settings{}))[0].Property)
	require.True(t, Finds(t, logKeyPolicy, key("Allow", logs, "kms:Encrypt", of)))
	require.True(t, Finds(t, logKeyPolicy, key("Allow", logs, "kms:*", "{}")))
}

func TestMessagesWithoutTLS(t *testing.T) {
	const arn = "arn:aws:test:eu-west-1:123456789012:target"
	statement := func(resource string) string {
		return `{"Statement":{"Effect":"Deny","Principal":"*","Action":["sns:Publish","sqs:SendMessage"],` + resource + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}}`
	}
	for resource, refused := range map[string]bool{
		`"Resource":"*"`: false, `"Resource":"` + arn + `"`: false, `"Resource":"arn:aws:test:*"`: false, `"Resource":"arn:other"`: true,
		`"NotResource":"arn:other"`: true, `"Resource":"**"`: false,
	} {
		topic := []Res{R(aws.Topic, "target", Props{}), R(aws.TopicPolicy, "policy", Props{"arn": Arn("target"), "policy": statement(resource)})}
		require.Equal(t, refused, Finds(t, topicTLSOnly, topic), resource)
		queue := []Res{R(aws.Queue, "target", Props{"policy": statement(resource)})}
		require.Equal(t, refused, len(queues.demandTLS(Build(t, queue, rule.Settings{}))) > 0, resource)
	}
	// Before the topic exists, its ARN is not known.
	unknown := []Res{R(aws.Topic, "target", Props{"arn": property.New(property.Computed), "policy": statement(`"Resource":"` + arn + `"`)})}
	findings := topics.demandTLS(Build(t, unknown, rule.Settings{}))
	require.Len(t, findings, 1)
	require.Equal(t, rule.Undecided, findings[0].Kind)
	require.Equal(t, "the ARN of the topic is not known yet", findings[0].Message)
	require.Equal(t, "policy", findings[0].Property)
	unknown[0].Props["policy"] = statement(`"Resource":"*"`)
	require.Empty(t, topics.demandTLS(Build(t, unknown, rule.Settings{})), "for any ARN")
	unknown[0].Props["policy"] = statement(`"NotResource":"x"`)
	findings = topics.demandTLS(Build(t, unknown, rule.Settings{}))
	require.Equal(t, rule.Violation, findings[0].Kind)
	require.Equal(t, "policy", findings[0].Property)
	queue := Build(t, []Res{R(aws.Queue, "target", Props{})}, rule.Settings{})
	require.Equal(t, "the queue has no policy that requires TLS", queues.demandTLS(queue)[0].Message)
}
