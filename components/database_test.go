package components

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const instanceType = "aws:rds/instance:Instance"

func TestDatabaseIsPrivateAndEncrypted(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	db := r.one(instanceType, "instance")
	for property, want := range map[string]any{
		"publiclyAccessible": false, "storageEncrypted": true, "kmsKeyId": keyArn, "iamDatabaseAuthenticationEnabled": true,
		"vpcSecurityGroupIds": []any{"sg-database"}, "dbSubnetGroupName": "test-subnets", "parameterGroupName": "test-parameters",
		"caCertIdentifier": "rds-ca-rsa2048-g1",
		"engine":           "mysql", "engineVersion": "8.4", "username": "mystiquemaster", "dbName": "store_events", "port": 3306.0,
		"instanceClass": "db.t4g.micro", "storageType": "gp3", "allocatedStorage": 20.0, "maxAllocatedStorage": 100.0, "multiAz": false,
		"backupRetentionPeriod": 1.0, "monitoringInterval": 0.0,
		// A pending change would appear in every preview until the maintenance window.
		"applyImmediately": true,
	} {
		require.Equal(t, want, db.Get(t, property), property)
	}
	require.Nil(t, db.Get(t, "monitoringRoleArn"))
	require.Equal(t, []any{"db-1", "db-2"}, r.one("aws:rds/subnetGroup:SubnetGroup", "subnets").Get(t, "subnetIds"))
}

// A snapshot without tags has no classification.
func TestSnapshotsHaveTheTagsOfTheDatabase(t *testing.T) {
	db := buildDatabase(t, environment(), settings(t).Database).one(instanceType, "instance")
	require.Equal(t, true, db.Get(t, "copyTagsToSnapshot"))
	require.Equal(t, map[string]any{"Name": "test", "DataClassification": "internal"}, db.Get(t, "tags"))
}

func TestServerParameters(t *testing.T) {
	group := buildDatabase(t, environment(), settings(t).Database).one("aws:rds/parameterGroup:ParameterGroup", "parameters")
	require.Equal(t, "mysql8.4", group.Get(t, "family"))
	got := map[string][2]any{}
	for _, item := range group.Get(t, "parameters").([]any) {
		p := item.(map[string]any)
		got[p["name"].(string)] = [2]any{p["value"], p["applyMethod"]}
	}
	require.Equal(t, map[string][2]any{
		"require_secure_transport": {"1", "immediate"},
		"local_infile":             {"1", "pending-reboot"}, // RDS reports this for a default; another value would be a change at each update.
		"slow_query_log":           {"1", "immediate"},
		"long_query_time":          {"2", "immediate"},
		"log_output":               {"FILE", "immediate"},
	}, got)
}

func TestDataOfTheDatabaseIsProtected(t *testing.T) {
	for _, protect := range []bool{false, true} {
		env := environment()
		env.ProtectData = protect
		r := buildDatabase(t, env, settings(t).Database)
		db := r.one(instanceType, "instance")
		require.Equal(t, protect, db.Protected)
		require.True(t, db.DeleteBeforeReplace)
		require.Equal(t, protect, db.Get(t, "deletionProtection"))
		require.Equal(t, !protect, db.Get(t, "deleteAutomatedBackups"))
		require.Equal(t, !protect, db.Get(t, "skipFinalSnapshot"))
		require.Equal(t, map[bool]any{true: "test-0123abcd-final", false: nil}[protect], db.Get(t, "finalSnapshotIdentifier"))
		for _, secret := range r.all("aws:secretsmanager/secret:Secret") {
			require.Equal(t, protect, secret.Protected, secret.Name)
			require.InDelta(t, map[bool]int{true: 30, false: 0}[protect], secret.Get(t, "recoveryWindowInDays"), 0)
			require.Equal(t, map[string]any{"Name": "test", "DataClassification": "internal"}, secret.Get(t, "tags"))
			require.Equal(t, keyArn, secret.Get(t, "kmsKeyId"))
		}
	}
}

// The final snapshot, and the log groups that RDS creates, contain the identifier.
func TestReplacedInstanceHasANewIdentifier(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	db, id := r.one(instanceType, "instance"), r.one("random:index/randomId:RandomId", "instance-id")
	require.Equal(t, "test-0123abcd", db.Get(t, "identifier"))
	require.InDelta(t, 4, id.Get(t, "byteLength"), 0)
	require.Equal(t, map[string]any{"database": "store_events", "user": "mystiquemaster", "key": keyArn}, id.Get(t, "keepers"), "the same changes that replace the instance")
	require.Equal(t, []any{"error", "slowquery"}, db.Get(t, "enabledCloudwatchLogsExports"))
	for _, log := range []string{"error", "slowquery"} {
		group := r.one("aws:cloudwatch/logGroup:LogGroup", log+"-log")
		require.Equal(t, "/aws/rds/instance/test-0123abcd/"+log, group.Get(t, "name"))
		require.InDelta(t, 30, group.Get(t, "retentionInDays"), 0)
		require.Equal(t, keyArn, group.Get(t, "kmsKeyId"))
		require.True(t, db.WaitsFor(group), "RDS creates a group without retention")
	}
}

func TestPinnedVersionDisablesMinorUpgrades(t *testing.T) {
	for version, automatic := range map[string]bool{"8.4": true, "8.4.3": false} {
		s := settings(t).Database
		s.EngineVersion = version
		db := buildDatabase(t, environment(), s).one(instanceType, "instance")
		require.Equal(t, automatic, db.Get(t, "autoMinorVersionUpgrade"), version)
	}
}

// RDS refuses these values below 400 GiB, and lower values from 400 GiB.
func TestLargeStorageHasItsBaseline(t *testing.T) {
	for size, performance := range map[int][]any{399: {nil, nil}, 400: {12000.0, 500.0}, 65536: {12000.0, 500.0}} {
		s := settings(t).Database
		s.StorageGiB, s.MaxStorageGiB = size, 0
		inputs := buildDatabase(t, environment(), s).one(instanceType, "instance").Inputs
		require.Equal(t, performance, []any{inputs["iops"], inputs["storageThroughput"]}, "%d GiB", size)
	}
}

func TestEnhancedMonitoring(t *testing.T) {
	s := settings(t).Database
	s.MonitoringSeconds = 60
	r := buildDatabase(t, environment(), s)
	db := r.one(instanceType, "instance")
	require.InDelta(t, 60, db.Get(t, "monitoringInterval"), 0)
	require.Equal(t, r.ARN(r.one("aws:iam/role:Role", "monitoring")), db.Get(t, "monitoringRoleArn"))
	require.True(t, db.WaitsFor(r.one("aws:iam/rolePolicy:RolePolicy", "monitoring-policy")), "RDS assumes the role immediately")
	trust := statements(t, r.one("aws:iam/role:Role", "monitoring").Get(t, "assumeRolePolicy"))["Trust"]
	require.Equal(t, map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}, trust.Condition)
	group, policy := "arn:aws:logs:"+region+":"+account+":log-group:RDSOSMetrics", r.role("monitoring")
	require.Equal(t, []string{group, group + ":*"}, policy["MetricsGroup"].Resource)
	require.Equal(t, []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"}, policy["MetricsGroup"].Action)
	require.Equal(t, []string{group + ":log-stream:*"}, policy["WriteMetrics"].Resource)
	require.Equal(t, []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"}, policy["WriteMetrics"].Action)
}
