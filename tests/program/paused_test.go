package program

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/program/output"
)

// A running stack and the same stack paused differ only in these resources.
func TestPausingKeepsTheData(t *testing.T) {
	running := triggered(t, "prod", config.ByBoth)
	settings, err := readStack("prod")
	require.NoError(t, err)
	settings["trigger"], settings["paused"] = config.ByBoth, "true"
	paused, err := deploy("prod", settings)
	require.NoError(t, err)
	paused.t = t

	inputs := func(s *stack) map[string]map[string]any {
		all := map[string]map[string]any{}
		for _, r := range s.Resources {
			all[r.Type+" "+r.Name] = r.Inputs
		}
		return all
	}
	before, after := inputs(running), inputs(paused)
	for _, kind := range []string{
		"aws:s3/bucketV2:BucketV2", "aws:rds/instance:Instance", "aws:kms/key:Key", "aws:secretsmanager/secret:Secret", "aws:sqs/queue:Queue",
		"aws:glue/catalogTable:CatalogTable", "aws:lambda/invocation:Invocation", "aws:ec2/subnet:Subnet", "aws:s3/bucketNotification:BucketNotification",
	} {
		require.NotEmpty(t, running.all(kind), kind)
		for _, r := range running.all(kind) {
			require.Equal(t, before[r.Type+" "+r.Name], after[r.Type+" "+r.Name], "%s is unchanged", r.Name)
		}
	}
	for _, kind := range []string{
		"aws:ec2/instance:Instance", "aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip", "aws:cloudwatch/metricAlarm:MetricAlarm",
		"aws:cloudwatch/dashboard:Dashboard", "aws:secretsmanager/secretRotation:SecretRotation",
	} {
		require.Empty(t, paused.all(kind), kind)
	}
	for _, e := range paused.all("aws:ec2/vpcEndpoint:VpcEndpoint") {
		require.Equal(t, "Gateway", e.Get(t, "vpcEndpointType"), "the gateway endpoint of S3 costs nothing")
	}
	require.Equal(t, "ON_DEMAND", paused.one("aws:glue/trigger:Trigger", "-start").Get(t, "type"))
	require.Nil(t, paused.one("aws:glue/crawler:Crawler", "").Get(t, "schedule"))
	require.Equal(t, false, paused.one("aws:lambda/eventSourceMapping:EventSourceMapping", "").Get(t, "enabled"))

	require.Equal(t, true, paused.Outputs[output.Paused])
	require.NotContains(t, running.Outputs, output.Paused)
	require.Empty(t, paused.Outputs[output.Consumer])
	require.Empty(t, paused.Outputs[output.Alarms])
	for _, name := range []string{output.Bucket, output.Database, output.LoaderSecretArn, output.ReaderSecretArn, output.StartQueue} {
		require.Equal(t, running.Outputs[name], paused.Outputs[name], name)
	}
}
