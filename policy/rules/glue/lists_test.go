package glue

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

var bucket = R(aws.Bucket, "bucket", Props{})

// acting returns a trigger whose action starts a job with arguments or other settings.
func acting(action Props) []Res {
	return []Res{R(aws.GlueTrigger, "trigger", Props{"actions": List{action}}), bucket, R(aws.GlueSecurity, "security", Props{})}
}

// The arguments of a trigger replace those of the job, and are checked in the same way.
func TestArgumentsOfTriggers(t *testing.T) {
	for _, kind := range []string{aws.GlueJob, aws.GlueTrigger} {
		given := func(key, text string) []Res {
			if kind == aws.GlueTrigger {
				return acting(Props{"arguments": Props{key: text}})
			}
			return append(job(Props{"command": Props{"scriptLocation": "s3://bucket-id/x"}, "defaultArguments": Props{key: text}}), bucket)
		}
		require.True(t, Finds(t, jobArgumentsNoCredential, given("--password", "a8F3kQ9z")), kind)
		require.True(t, Finds(t, jobModulesPinned, given("--additional-python-modules", "requests")), kind)
		for option, elsewhere := range map[string]bool{
			"--no-deps": false, "--index-url x": true, "--find-links x": true, "--trusted-host x": true, "-i x": true, "-r x": true, "https://example.com": true, "--requirement x": true,
		} {
			require.Equal(t, elsewhere, Finds(t, jobModulesPinned, given("--python-modules-installer-option", option)), "%s of a %s", option, kind)
		}
		for _, modules := range []string{"", "boto3==1.2, ", "boto3[crt]==1.35.10,s3://bucket/x.whl"} {
			require.False(t, Finds(t, jobModulesPinned, given("--additional-python-modules", modules)), modules)
		}
		for argument, elsewhere := range map[[2]string]bool{
			{"--TempDir", "s3://bucket-id/x"}: false, {"--TempDir", "s3a://other/x"}: true, {"--extra-jars", "https://example.com/x.jar"}: true, {"--url", "https://example.com"}: false,
			{"--conf", "spark.jars.packages=x"}: true, {"--conf", "spark.jars.repositories=x"}: true, {"--conf", "spark.jars.ivy=x"}: true, {"--conf", "spark.jars=s3://bucket-id/x"}: false,
		} {
			require.Equal(t, elsewhere, Finds(t, jobScriptInStack, given(argument[0], argument[1])), "%v of a %s", argument, kind)
		}
	}
	require.True(t, Finds(t, jobSecurityConfiguration, acting(Props{"securityConfiguration": "elsewhere"})))
	require.False(t, Finds(t, jobSecurityConfiguration, acting(Props{"securityConfiguration": Ref("security")})))
	require.False(t, Finds(t, jobSecurityConfiguration, acting(Props{})))
}

func TestJobs(t *testing.T) {
	command := func(name string, more Props) []Res {
		more["command"] = Props{"name": name, "pythonVersion": "3"}
		return job(more)
	}
	for _, name := range []string{"", "glueetl", "gluestreaming"} {
		for version, old := range map[string]bool{"4.0": false, "5.1": false, "3.0": true} {
			require.Equal(t, old, Finds(t, jobVersion, command(name, Props{"glueVersion": version})), "%s %s", name, version)
		}
		require.False(t, Finds(t, jobVersion, job(Props{"glueVersion": "5.1", "command": Props{"name": name}})), name)
		bounded := func(timeout, workers, retries int, kind string) []Res {
			return command(name, Props{"timeout": timeout, "numberOfWorkers": workers, "maxRetries": retries, "workerType": kind})
		}
		require.False(t, Finds(t, jobBounded, bounded(120, 10, 1, "G.2X")))
		require.False(t, Finds(t, jobBounded, bounded(120, 10, 1, "G.1X")))
		for _, example := range [][]Res{bounded(121, 10, 1, "G.1X"), bounded(120, 11, 1, "G.1X"), bounded(120, 10, 2, "G.1X"), bounded(120, 10, 1, "G.4X")} {
			require.True(t, Finds(t, jobBounded, example), example[0].Props)
		}
	}
	require.True(t, Finds(t, jobVersion, command("glueray", Props{"glueVersion": "5.1"})))
	require.False(t, Finds(t, jobBounded, command("pythonshell", Props{"timeout": 120, "workerType": "G.8X"})), "a shell has no workers")
	require.True(t, Finds(t, jobBookmarkEnabled, command("glueetl", Props{})))
	require.False(t, Finds(t, jobBookmarkEnabled, command("gluestreaming", Props{})))
	script := func(more Props) []Res {
		more["command"] = Props{"scriptLocation": "s3://bucket-id/x"}
		return append(job(more), bucket, R(aws.GlueConnection, "connection", Props{}))
	}
	require.False(t, Finds(t, jobScriptInStack, script(Props{"connections": List{Attr("connection", "name")}})))
	require.True(t, Finds(t, jobScriptInStack, script(Props{"connections": List{"other"}})))
	require.True(t, Finds(t, jobScriptInStack, script(Props{"sourceControlDetails": Props{"repository": "x"}})))
	password := R(aws.RandomPassword, "password", Props{})
	for _, key := range []string{"defaultArguments", "nonOverridableArguments"} {
		require.True(t, Finds(t, jobArgumentsNoCredential, append(job(Props{key: Props{"--x": Attr("password", "result")}}), password)), key)
	}
	require.True(t, Finds(t, jobArgumentsNoCredential, append(acting(Props{"arguments": Props{"--x": Attr("password", "result")}}), password)))
	logging := func(prefix, log string) []Res {
		return append(job(Props{"glueVersion": "5.1", "defaultArguments": Props{"--custom-logGroup-prefix": prefix, "--enable-continuous-cloudwatch-log": log}}),
			R(aws.LogGroup, "error", Props{"name": "/jobs/x/error"}), R(aws.LogGroup, "output", Props{"name": "/jobs/x/output"}))
	}
	require.False(t, Finds(t, jobLogging, logging("/jobs", "true")))
	require.False(t, Finds(t, jobLogging, logging("/jobs/", "true")))
	require.True(t, Finds(t, jobLogging, logging("/jobs", "false")))
	require.True(t, Finds(t, jobLogging, logging("/jo", "true")))
	require.True(t, Finds(t, jobLogging, logging("/jobs", "true")[:2]), "no group of the output")
	unknown := logging("/jobs", "true")
	unknown[2].Props["name"] = property.New(property.Computed)
	findings := jobLogging.CheckStack(Build(t, unknown, rule.Settings{}))
	require.Len(t, findings, 1)
	require.Equal(t, rule.Undecided, findings[0].Kind, "the name of a group is not known yet")
}

func TestCrawlers(t *testing.T) {
	crawler := func(props Props) []Res {
		return []Res{R(aws.GlueCrawler, "crawler", props), bucket, R(aws.GlueConnection, "connection", Props{}), R(aws.CatalogDatabase, "database", Props{})}
	}
	excluding := func(path string, exclusions ...any) []Res {
		return crawler(Props{"s3Targets": List{Props{"path": path, "exclusions": exclusions}}})
	}
	all := []any{"bookmarks/**", "temp/**", "**_spark_metadata**", "**$folder$", "athena-results/**"}
	for i := range all {
		require.True(t, Finds(t, crawlerExclusions, excluding("s3://bucket", slices.Delete(slices.Clone(all), i, i+1)...)), all[i])
	}
	all[1], all[4] = "tmp/**", "results/**"
	require.False(t, Finds(t, crawlerExclusions, excluding("s3://bucket", all...)))
	require.True(t, Finds(t, crawlerExclusions, excluding("s3://bucket//")), "no folder")
	for _, behavior := range []string{"", "LOG", "DEPRECATE_IN_DATABASE"} {
		require.False(t, Finds(t, crawlerDeleteBehavior, crawler(Props{"schemaChangePolicy": Props{"deleteBehavior": behavior}})), behavior)
	}
	for target, list := range map[string]string{"deltaTargets": "deltaTables", "hudiTargets": "paths", "icebergTargets": "paths"} {
		require.True(t, Finds(t, catalogLocationInStack, crawler(Props{target: List{Props{list: List{"s3://other/x"}}}})), target)
		require.False(t, Finds(t, catalogLocationInStack, crawler(Props{target: List{Props{list: List{"s3://bucket-id/x"}}}})), target)
	}
	for _, target := range []string{"jdbcTargets", "mongodbTargets"} {
		require.True(t, Finds(t, catalogLocationInStack, crawler(Props{target: List{Props{"connectionName": "other"}}})), target)
		require.False(t, Finds(t, catalogLocationInStack, crawler(Props{target: List{Props{"connectionName": Attr("connection", "name")}}})), target)
	}
	require.True(t, Finds(t, catalogLocationInStack, crawler(Props{"catalogTargets": List{Props{"databaseName": "other"}}})))
	require.False(t, Finds(t, catalogLocationInStack, crawler(Props{"catalogTargets": List{Props{"databaseName": Attr("database", "name")}}})))
	require.True(t, Finds(t, catalogLocationInStack, crawler(Props{"dynamodbTargets": List{Props{"path": "x"}}})))
	require.True(t, Finds(t, catalogLocationInStack, crawler(Props{"s3Targets": List{Props{"path": "s3://other/x"}}})))
	require.True(t, Finds(t, catalogLocationInStack, []Res{bucket, R(aws.CatalogTable, "table", Props{"parameters": Props{"storage.location.template": "s3://other/${dt}"}})}))
	require.True(t, Finds(t, catalogLocationInStack, []Res{bucket, R(aws.GluePartition, "partition", Props{"storageDescriptor": Props{"additionalLocations": List{"s3://other/x"}}})}))
}

// Resources in the stack's configuration may be used.
func TestResourcesOfTheConfiguration(t *testing.T) {
	settings := rule.DefaultSettings(rule.Prod).WithConfigured(map[string]string{"a:secret": "arn:aws:secretsmanager:eu-west-1:1:secret:x", "a:job": "existing"})
	for arn, found := range map[string]int{"arn:aws:secretsmanager:eu-west-1:1:secret:x": 0, "arn:aws:secretsmanager:eu-west-1:1:secret:y": 1} {
		require.Len(t, connectionSecretID.CheckStack(Build(t, connection(Props{"SECRET_ID": arn}), settings)), found, arn)
	}
	trigger := func(name any) []Res {
		return []Res{R(aws.GlueTrigger, "trigger", Props{"actions": List{Props{"jobName": name, "crawlerName": ""}}}), R(aws.GlueJob, "job", Props{})}
	}
	for found, names := range [][]any{{"existing", "", Attr("job", "name")}, {"other", property.New(property.Computed)}} {
		for _, name := range names {
			require.Len(t, triggerStartsOwn.CheckStack(Build(t, trigger(name), settings)), found, name)
		}
	}
}

// If all properties of a connection are unknown, their sources decide.
func TestOriginOfConnections(t *testing.T) {
	stack := func(kind string, origins ...string) rule.Stack {
		s := Build(t, []Res{
			R(aws.GlueConnection, "connection", Props{"connectionType": kind, "connectionProperties": property.New(property.Computed)}),
			R(aws.Secret, "secret", Props{}), R(aws.RandomPassword, "password", Props{}),
		}, rule.Settings{})
		for _, r := range s.Resources {
			if slices.Contains(origins, r.Name) {
				s.Resources[0].PropertyDependencies["connectionProperties"] = append(s.Resources[0].PropertyDependencies["connectionProperties"], r.URN)
			}
		}
		return s
	}
	for _, c := range []struct {
		stack rule.Stack
		kind  rule.Kind
		about string
	}{
		{stack("JDBC", "secret"), rule.Undecided, "not known yet"}, {stack("JDBC"), rule.Undecided, "not known yet"},
		{stack("NETWORK"), rule.Undecided, "not known yet"},
		{stack("JDBC", "secret", "password"), rule.Violation, "the connection contains a generated password"},
	} {
		findings := connectionSecretID.CheckStack(c.stack)
		require.Len(t, findings, 1)
		require.Equal(t, c.kind, findings[0].Kind)
		require.Equal(t, c.about, findings[0].Message)
		require.Equal(t, "connectionProperties", findings[0].Property)
	}
}

func TestConnections(t *testing.T) {
	for _, key := range []string{"JDBC_CONNECTION_URL", "CONNECTION_URL", "HOST", "KAFKA_BOOTSTRAP_SERVERS"} {
		require.True(t, Finds(t, connectionURLClean, connection(Props{key: "jdbc:mysql://u:p@db/x"})), key)
	}
	kafka := func(properties Props) []Res {
		return []Res{R(aws.GlueConnection, "connection", Props{"connectionType": "KAFKA", "connectionProperties": properties})}
	}
	require.False(t, Finds(t, connectionTLS, kafka(Props{})))
	require.True(t, Finds(t, connectionTLS, kafka(Props{"KAFKA_SSL_ENABLED": "false"})))
	require.True(t, Finds(t, connectionTLS, kafka(Props{"KAFKA_SKIP_CUSTOM_CERT_VALIDATION": "true"})))
	require.False(t, Finds(t, connectionTLS, kafka(Props{"KAFKA_SKIP_CUSTOM_CERT_VALIDATION": "false"})))
	require.True(t, Finds(t, connectionTLS, connection(Props{"JDBC_ENFORCE_SSL": "true", "JDBC_CONNECTION_URL": "jdbc:mysql://db/x?useSSL=false"})))
	placed := func(zone, of string) []Res {
		return []Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{
				"subnetId": Ref("subnet"), "availabilityZone": zone, "securityGroupIdLists": List{Ref("group")},
			}}),
			R(aws.Subnet, "subnet", Props{"availabilityZone": of}), R(aws.SecurityGroup, "group", Props{}),
			R(aws.RouteTable, "table", Props{}), R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
		}
	}
	for zones, want := range map[[2]string]bool{{"a", "a"}: false, {"a", "b"}: true, {"", "b"}: false, {"a", ""}: false} {
		require.Equal(t, want, Finds(t, connectionNetwork, placed(zones[0], zones[1])), zones)
	}
	findings := connectionNetwork.CheckStack(Build(t, placed("a", "b"), rule.Settings{}))
	require.Len(t, findings, 1)
	require.Equal(t, "physicalConnectionRequirements.availabilityZone", findings[0].Property)
	require.False(t, Finds(t, catalogEncrypted, nil), "nothing to encrypt")
}
