package rds

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// Each engine has one parameter that requires TLS; the parameter of another engine has no effect.
func TestParametersThatRequireTLS(t *testing.T) {
	group := func(engine string, parameters ...any) []Res {
		return []Res{
			R(aws.DBInstance, "db", Props{"engine": engine, "parameterGroupName": Attr("group", "name")}),
			R(aws.DBParameterGroup, "group", Props{"parameters": parameters}),
		}
	}
	const mysql, others = "require_secure_transport", "rds.force_ssl"
	for engine, demands := range map[string]string{
		"mysql": mysql, "mariadb": mysql, "postgres": others, "sqlserver-ee": others, "sqlserver-se": others, "sqlserver-ex": others, "sqlserver-web": others,
	} {
		for _, name := range []string{mysql, others} {
			require.Equal(t, name != demands, Finds(t, tlsRequired, group(engine, Props{"name": name, "value": "1"})), "%s of %s", name, engine)
		}
	}
	for _, name := range []string{mysql, others} {
		require.False(t, Finds(t, tlsRequired, group("oracle-ee", Props{"name": name, "value": "1"})), "either of an engine that is not known")
	}
	for _, on := range []string{"1", "ON", "on", "true"} {
		require.False(t, Finds(t, tlsRequired, group("mysql", Props{"name": mysql, "value": on})), on)
	}
	require.True(t, Finds(t, tlsRequired, group("mysql", Props{"name": mysql, "value": "1"}, Props{"name": mysql, "value": "0"})), "taken back")
	for version, old := range map[string]bool{
		"TLSv1.2,TLSv1.3": false, "TLSv1.1,TLSv1.2": true, "TLSv1": true, "TLSv1.0": true, "SSLv3": true, "TLSv1.2": false, "sslv2 TLSv1.2": true, "TLSv1.3": false,
	} {
		for _, name := range []string{"tls_version", "ssl_min_protocol_version"} {
			example := group("mysql", Props{"name": mysql, "value": "1"}, Props{"name": name, "value": version})
			require.Equal(t, old, Finds(t, tlsRequired, example), "%s %s", name, version)
		}
	}
}

func TestValuesOfInstances(t *testing.T) {
	for _, authority := range []string{"", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"} {
		require.False(t, Finds(t, modernCA, database(Props{"caCertIdentifier": authority})), authority)
	}
	for _, port := range []int{3306, 5432, 1433, 1521} {
		require.True(t, Finds(t, nonDefaultPort, database(Props{"port": port})), port)
	}
	for _, name := range strings.Fields("admin administrator root postgres mysql rdsadmin") {
		require.True(t, Finds(t, adminUsername, database(Props{"username": name})), name)
	}
	for _, class := range strings.Fields("db.t2.micro db.t2.small db.t3.micro db.t3.small db.t4g.micro db.t4g.small") {
		require.False(t, Finds(t, performanceInsights, database(Props{"instanceClass": class})), class)
	}
	for interval, off := range map[int]bool{0: true, 1: false, 60: false} {
		require.Equal(t, off, Finds(t, enhancedMonitoring, database(Props{"monitoringInterval": interval, "monitoringRoleArn": "arn"})), interval)
	}
	for versions, want := range map[string]bool{
		"mysql 8.4 8.4.6": false, "mariadb 10.11 10.11.9 11.4 11.4.3 11.8 11.8.1": false, "postgres 14 14.2 15 16 17 18 18.1": false,
		"mysql 8.0 5.7.44 9.0": true, "mariadb 10.6 10.5.1 11.5": true, "postgres 13 13.9 19 9.6": true, "oracle-ee 19": false,
	} {
		engine, list, _ := strings.Cut(versions, " ")
		for _, version := range strings.Fields(list) {
			require.Equal(t, want, Finds(t, engineSupported, database(Props{"engine": engine, "engineVersion": version})), "%s %s", engine, version)
		}
	}
	for engine, passes := range map[string]bool{"mysql": true, "mariadb": true, "postgres": false, "": false} {
		pinned := database(Props{"engine": engine, "engineVersion": "8.4.3", "autoMinorVersionUpgrade": false})
		require.Equal(t, !passes, Finds(t, minorUpgrades, pinned), engine)
	}
}

func TestStorage(t *testing.T) {
	limit := rule.DefaultSettings(rule.Prod).DBStorageGiB
	class := strings.ReplaceAll(rule.DefaultSettings(rule.Prod).DBInstanceClasses[0], "*", "large")
	for _, key := range []string{"allocatedStorage", "maxAllocatedStorage"} {
		for size, above := range map[float64]bool{limit: false, limit + 1: true} {
			require.Equal(t, above, Finds(t, instanceClassAllowed, database(Props{"instanceClass": class, key: size})), "%s %v", key, size)
		}
	}
}

func TestPasswords(t *testing.T) {
	require.True(t, Finds(t, passwordNotLiteral, database(Props{"manageMasterUserPassword": true, "password": "x"})))
	require.True(t, Finds(t, passwordNotLiteral, database(Props{"manageMasterUserPassword": true, "passwordWo": "x"})))
	require.False(t, Finds(t, passwordNotLiteral, database(Props{"replicateSourceDb": "db"})), "a replica has the users of its source")
}

func TestLogGroups(t *testing.T) {
	logs := R(aws.LogGroup, "logs", Props{"name": "/aws/rds/instance//error"})
	require.True(t, Finds(t, logGroupsPrecreated, append(database(Props{"enabledCloudwatchLogsExports": List{"error"}}), logs)), "an instance without an identifier")
	for name, want := range map[string]string{
		"audit": "audit", "error": "error", "general": "general", "slowquery": "slowquery", "postgresql": "postgresql", "upgrade": "upgrade",
		"slow": "exported", "a password": "exported", "": "exported",
	} {
		require.Equal(t, want, logName(name))
	}
}

// Data must come from the stack's instances and buckets.
func TestSources(t *testing.T) {
	for kind, examples := range map[string][]Props{
		"a database": {
			{"replicateSourceDb": "other"}, {"restoreToPointInTime": Props{"sourceDbInstanceIdentifier": "other"}},
			{"restoreToPointInTime": Props{"sourceDbiResourceId": "other"}},
		},
		"a snapshot": {{"snapshotIdentifier": "other"}}, "a backup": {{"restoreToPointInTime": Props{"sourceDbInstanceAutomatedBackupsArn": "other"}}},
		"a bucket": {{"s3Import": Props{"bucketName": "other"}}},
	} {
		for _, example := range examples {
			findings := sourceKnown.CheckStack(Build(t, database(example), rule.Settings{}))
			require.Len(t, findings, 1, example)
			require.Equal(t, "the instance comes from "+kind+" outside this stack", findings[0].Message, example)
		}
	}
	for _, name := range []string{"MARIADB_AUDIT_PLUGIN", "SQLSERVER_AUDIT", "Timezone", "TDE", "NATIVE_NETWORK_ENCRYPTION"} {
		require.False(t, Finds(t, optionGroupKnown, []Res{R(aws.DBOptionGroup, "options", Props{"options": List{Props{"optionName": name}}})}), name)
	}
}
