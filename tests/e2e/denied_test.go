package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"store-events/program/output"
	"store-events/tests/policy/mutation"
)

// deniedStatements removes one statement from the policy of each role, uses each role,
// and expects "local denied" to report the role, action, resource and statement.
func (r *recorded) deniedStatements(t *testing.T) {
	t.Helper()
	roles := []struct {
		role, sid        string
		use              func(*testing.T, *recorded) string
		action, resource string
	}{
		{"producer", "StoreEvents", fails("produce", "--events", "1"), "s3:PutObject", "_events/dt="},
		{"crawler", "WriteCatalog", fails("crawl"), "glue:GetTable", "arn:aws:glue:"},
		{"job", "CreateInterface", fails("ingest"), "ec2:CreateNetworkInterface", ":network-interface/*"},
		{"rotation", "RotateLogins", rotateReader, "secretsmanager:DescribeSecret", ":secret:"},
		{"consumer", "StoreCommandOutput", storeRows, "s3:PutObject", "/command-output/"},
		{"flow-log", "DescribeLogGroups", createFlowLog, "logs:DescribeLogGroups", ":log-group:"},
		{"monitoring", "MetricsGroup", monitorDatabase, "logs:CreateLogGroup", ":log-group:RDSOSMetrics"},
	}
	var changes []mutation.Change
	for _, c := range roles {
		changes = append(changes, statements(rolePolicy, c.role+"-policy", "policy", without(c.sid)))
	}
	_, err := r.deploy(t, r.changed(t, changes...))
	require.NoError(t, err)
	for _, c := range roles {
		t.Run(c.role+" without "+c.sid, func(t *testing.T) {
			start := time.Now()
			c.use(t, r)
			for _, d := range r.denials(t, start) {
				if d.Action == c.action && strings.Contains(d.Resource, c.resource) {
					require.Contains(t, d.Role, ":role/store-events-local-"+c.role)
					require.Equal(t, "identity-based policy", d.Lacks)
					require.JSONEq(t, `{"Effect":"Allow","Action":"`+c.action+`","Resource":"`+d.Resource+`"}`, string(d.Missing))
					return
				}
			}
			require.Fail(t, "not listed", "%s %s: %v", c.action, c.resource, r.denied(t, start))
		})
	}
}

// rotateReader changes the reader's password.
func rotateReader(t *testing.T, r *recorded) string {
	t.Helper()
	_, err := secretsmanager.NewFromConfig(r.config(r.outputs)).RotateSecret(t.Context(), &secretsmanager.RotateSecretInput{
		SecretId: aws.String(r.outputs[output.ReaderSecretArn].(string)),
	})
	require.Error(t, err)
	return err.Error()
}

// createFlowLog creates another flow log with the role of the stack's flow log.
func createFlowLog(t *testing.T, r *recorded) string {
	t.Helper()
	client := ec2.NewFromConfig(r.config(r.outputs))
	found, err := client.DescribeFlowLogs(t.Context(), &ec2.DescribeFlowLogsInput{})
	require.NoError(t, err)
	require.Len(t, found.FlowLogs, 1)
	like := found.FlowLogs[0]
	made, err := client.CreateFlowLogs(t.Context(), &ec2.CreateFlowLogsInput{
		ResourceIds: []string{*like.ResourceId}, ResourceType: ec2types.FlowLogsResourceTypeVpc, TrafficType: ec2types.TrafficTypeAll,
		DeliverLogsPermissionArn: like.DeliverLogsPermissionArn, LogDestination: like.LogDestination, LogDestinationType: ec2types.LogDestinationTypeCloudWatchLogs,
	})
	require.NoError(t, err)
	_, err = client.DeleteFlowLogs(t.Context(), &ec2.DeleteFlowLogsInput{FlowLogIds: made.FlowLogIds})
	require.NoError(t, err)
	return ""
}
