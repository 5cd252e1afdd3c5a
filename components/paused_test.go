package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/config"
)

func paused() Environment {
	e := environment()
	e.Paused = true
	return e
}

func TestPausedDatabaseIsStoppedEachDay(t *testing.T) {
	s := settings(t).Database
	s.RotationDays = 0
	require.Empty(t, buildDatabase(t, environment(), s).all("aws:cloudwatch/eventRule:EventRule"))

	r := buildDatabase(t, paused(), s)
	rule, target := r.one("aws:cloudwatch/eventRule:EventRule", "stopped"), r.one("aws:cloudwatch/eventTarget:EventTarget", "stopped")
	require.Equal(t, "rate(1 day)", rule.Get(t, "scheduleExpression"))
	require.Equal(t, rule.Name, target.Get(t, "rule"))
	runbook := "arn:aws:ssm:" + region + "::automation-definition/AWS-StopRdsInstance:"
	require.Equal(t, runbook+"$DEFAULT", target.Get(t, "arn"))
	instance := r.one("aws:rds/instance:Instance", "instance")
	require.JSONEq(t, `{"InstanceId":["`+instance.Get(t, "identifier").(string)+`"]}`, target.Get(t, "input").(string))
	require.Equal(t, r.ARN(r.one("aws:iam/role:Role", "stopped")), target.Get(t, "roleArn"))

	policy := r.role("stopped")
	require.Equal(t, []string{
		runbook + "*", "arn:aws:ssm:" + region + "::document/AWS-StopRdsInstance", "arn:aws:ssm:" + region + ":" + account + ":automation-execution/*",
	}, policy["StartRunbook"].Resource)
	require.Equal(t, []string{"ssm:StartAutomationExecution"}, policy["StartRunbook"].Action)
	require.Equal(t, []string{r.ARN(instance)}, policy["StopDatabase"].Resource)
	require.Equal(t, []string{r.ARN(instance)}, policy["SeeDatabase"].Resource)
	trust := statements(t, r.one("aws:iam/role:Role", "stopped").Get(t, "assumeRolePolicy"))["Trust"]
	require.Equal(t, map[string]any{"Service": "events.amazonaws.com"}, trust.Principal)
	require.Equal(t, map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}, trust.Condition)
	require.Equal(t, []string{"rds:StopDBInstance"}, policy["StopDatabase"].Action)
	require.Equal(t, []string{"rds:DescribeDBInstances"}, policy["SeeDatabase"].Action)
	require.Len(t, policy, 3)
}

// The function that creates the users cannot reach a stopped server.
func TestPausedStackCallsNoFunction(t *testing.T) {
	s := settings(t).Database
	for _, e := range []Environment{environment(), paused()} {
		calls := buildDatabase(t, e, s).all("aws:lambda/invocation:Invocation")
		require.Len(t, calls, 3)
		for _, call := range calls {
			if e.Paused {
				require.Equal(t, []string{"input", "triggers"}, call.Ignored, call.Name)
			} else {
				require.Empty(t, call.Ignored, call.Name)
			}
		}
	}
}

// The consumer holds no data, and a stopped instance would still cost its volume.
func TestPausedStackHasNoConsumer(t *testing.T) {
	r := buildConsumerIn(t, paused(), settings(t).Consumer)
	require.Empty(t, r.all("aws:ec2/instance:Instance"))
	require.Equal(t, "", r.Outputs["instance"])
	r.one("aws:iam/instanceProfile:InstanceProfile", "consumer")
}

func TestEventsOfAPausedStackWaitInTheQueue(t *testing.T) {
	s := settings(t).Etl
	s.Trigger = config.ByEvents
	r := record(t, func(ctx *pulumi.Context) (*Starter, error) {
		return NewStarter(ctx, "test", &StarterArgs{
			Environment: paused(), Settings: s, Storage: storageOutputs(), Etl: etlOutputs(s), Zip: "bin/starter.zip",
		})
	})
	require.Equal(t, false, r.one("aws:lambda/eventSourceMapping:EventSourceMapping", "").Get(t, "enabled"))
	r.one("aws:s3/bucketNotification:BucketNotification", "")
	r.one("aws:cloudwatch/eventTarget:EventTarget", "")
}

func TestPausedStackHasNoAlarms(t *testing.T) {
	c := settings(t)
	c.Alerts.LateHours, c.Alerts.SilentHours = 3, 6
	r := record(t, func(ctx *pulumi.Context) (*Alarms, error) {
		database, err := databaseOutputs(ctx)
		if err != nil {
			return nil, err
		}
		topic, err := ready(ctx, "topic")
		if err != nil {
			return nil, err
		}
		return NewAlarms(ctx, "test", &AlarmsArgs{
			Environment: paused(), Settings: c.Alerts, LateHours: c.LateHours(), StorageGiB: c.Database.OwnStorageGiB(),
			Alerts: &Alerts{TopicArn: output("arn:topic"), Ready: topic}, Etl: etlOutputs(c.Etl), Database: database,
			Producer: &Producer{Function: output("test-producer")},
		})
	})
	require.Empty(t, r.all(alarmType))
	require.Empty(t, r.all("aws:cloudwatch/dashboard:Dashboard"))
	require.Equal(t, map[string]any{"dashboard": ""}, r.Outputs)
}
