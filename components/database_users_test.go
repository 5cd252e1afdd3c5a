package components

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/lambda/rotation/rotationapi"
)

const (
	secretType     = "aws:secretsmanager/secret:Secret"
	versionType    = "aws:secretsmanager/secretVersion:SecretVersion"
	rotationType   = "aws:secretsmanager/secretRotation:SecretRotation"
	invocationType = "aws:lambda/invocation:Invocation"
	functionType   = "aws:lambda/function:Function"
	passwordType   = "random:index/randomPassword:RandomPassword"
)

// users are the prefixes of the users' resources, before -login, -password and
// -rotation, by the names in the database.
var users = map[string]string{"mystiquemaster": "", "store_events_loader": "loader-", "store_events_reader": "reader-"}

// expectedGrants are all privileges of the database's users, except its master.
const expectedGrants = `{
	"store_events_loader": {
		"privileges": ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"],
		"tables": ["sales", "etl_batches", "etl_objects", "etl_runs", "etl_collisions", "etl_migration", "etl_retired"],
		"server": ["PROCESS"]
	},
	"store_events_reader": {"privileges": ["SELECT"], "tables": ["sales", "etl_batches", "etl_objects", "etl_runs", "etl_collisions", "etl_migration", "etl_retired"]}
}`

// The first version of a secret contains only the password, so that later changes of
// the database do not write another version.
func TestFirstVersionOfASecretHasOnlyThePassword(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	for _, user := range users {
		secret, version, password := r.one(secretType, user+"login"), r.one(versionType, user+"login-version"), r.one(passwordType, user+"password")
		require.Equal(t, secret.ID(), version.Get(t, "secretId"))
		require.Equal(t, []any{rotationapi.First}, version.Get(t, "versionStages"))
		require.Equal(t, []string{"versionStages"}, version.Ignored, "only the rotation function moves labels")
		require.True(t, version.Retained)
		hidden, ok := version.Get(t, "secretString").(pulumitest.Secret)
		require.True(t, ok, "the engine would store it in plain text")
		require.JSONEq(t, fmt.Sprintf(`{"password":%q}`, pulumitest.Password+password.Name), hidden.Value.(string))
		require.Equal(t, map[string]any{"secret": r.ARN(secret)}, password.Get(t, "keepers"), "a secret that is replaced has a new password")
	}
	require.Equal(t, pulumitest.Secret{Value: pulumitest.Password + "test-password"}, r.one(instanceType, "instance").Get(t, "password"))
}

func TestPasswordsAreAcceptedByRDS(t *testing.T) {
	for _, password := range buildDatabase(t, environment(), settings(t).Database).all(passwordType) {
		require.NotRegexp(t, `[/@" '#\\]`, password.Get(t, "overrideSpecial"), "RDS, or option files, do not accept these")
		require.Equal(t, true, password.Get(t, "special"))
		require.InDelta(t, 32, password.Get(t, "length"), 0)
		for _, kind := range []string{"minLower", "minUpper", "minNumeric", "minSpecial"} {
			require.InDelta(t, 2, password.Get(t, kind), 0)
		}
	}
}

func TestADeploymentCreatesTheUsers(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	function, db := r.one(functionType, "rotation"), r.one(instanceType, "instance")
	master := r.one(invocationType, "master-user")
	for name, user := range users {
		facts := map[string]any{"engine": "mysql", "host": "db.internal", "port": 3306, "username": name, "dbname": "store_events"}
		call := master
		if user != "" {
			call = r.one(invocationType, user+"user")
			facts["masterarn"] = r.ARN(r.one(secretType, "login"))
			require.True(t, call.WaitsFor(master), "the function creates the others with the master's login")
		}
		secret := r.one(secretType, user+"login")
		want, err := json.Marshal(map[string]any{"Step": rotationapi.CreateUser, "SecretId": r.ARN(secret), "Facts": facts})
		require.NoError(t, err)
		require.Equal(t, function.Get(t, "name"), call.Get(t, "functionName"))
		require.JSONEq(t, string(want), call.Get(t, "input").(string))
		require.True(t, call.WaitsFor(r.one(versionType, user+"login-version")))
		// A change of one of these triggers creates the user again.
		require.JSONEq(t, expectedGrants, call.Get(t, "triggers", "grants").(string))
		require.Equal(t, "hash-of-"+function.Name, call.Get(t, "triggers", "code"))
		require.Equal(t, "db-ABCDEFGH", call.Get(t, "triggers", "database"))
		require.True(t, call.WaitsFor(db))
	}
}

// Clients that log in when they start wait until all users exist.
func TestClientsWaitForTheUsers(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	clients := append(r.all(rotationType), r.all("test:index:Client")...)
	require.Len(t, clients, 4)
	for _, client := range clients {
		for _, user := range []string{"master-user", "loader-user", "reader-user"} {
			require.True(t, client.WaitsFor(r.one(invocationType, user)), "%s waits for %s", client.Name, user)
		}
	}
}

func TestAllSecretsAreRotated(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	function := r.one(functionType, "rotation")
	for _, user := range users {
		secret := r.ARN(r.one(secretType, user+"login"))
		rotation, caller := r.one(rotationType, user+"rotation"), r.one("aws:lambda/permission:Permission", user+"rotation-caller")
		require.Equal(t, secret, rotation.Get(t, "secretId"))
		require.Equal(t, r.ARN(function), rotation.Get(t, "rotationLambdaArn"))
		require.Equal(t, false, rotation.Get(t, "rotateImmediately"))
		require.InDelta(t, 30, rotation.Get(t, "rotationRules", "automaticallyAfterDays"), 0)
		require.True(t, rotation.WaitsFor(caller))
		require.Equal(t, "lambda:InvokeFunction", caller.Get(t, "action"))
		require.Equal(t, "secretsmanager.amazonaws.com", caller.Get(t, "principal"))
		require.Equal(t, function.Get(t, "name"), caller.Get(t, "function"))
		require.Equal(t, secret, caller.Get(t, "sourceArn"))
	}
	s := settings(t).Database
	s.RotationDays = 0
	require.Empty(t, buildDatabase(t, environment(), s).all(rotationType))
}

func TestRotationFunctionIsInTheAppSubnets(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	f := r.one(functionType, "rotation")
	require.Equal(t, "bin/rotation.zip", f.Path(t, "code"))
	require.Equal(t, []any{"app-1", "app-2"}, f.Get(t, "vpcConfig", "subnetIds"))
	require.Equal(t, []any{"sg-rotation"}, f.Get(t, "vpcConfig", "securityGroupIds"))
	variables := f.Get(t, "environment", "variables").(map[string]any)
	require.Equal(t, "s3://events-bucket/scripts/ca.pem", variables["STORE_EVENTS_AUTHORITIES"])
	require.JSONEq(t, expectedGrants, variables["STORE_EVENTS_GRANTS"].(string))
	require.Len(t, variables, 2)
	require.True(t, waitsForMarker(f, "reachable"))
	requireFunction(t, r, "rotation")
	require.InDelta(t, 300, f.Get(t, "timeout"), 0, "a new NAT instance does not forward immediately")
}

// Lambda checks the role without a subnet, so that the statement can limit neither ARN
// nor subnet. The function's own code is denied these actions.
func TestRotationPolicy(t *testing.T) {
	r := buildDatabase(t, environment(), settings(t).Database)
	policy := r.role("rotation")
	interfaces := []string{ // The actions of AWSLambdaVPCAccessExecutionRole.
		"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
	}
	require.Equal(t, policyStatement{Sid: "ManageInterfaces", Effect: "Allow", Action: interfaces, Resource: []string{"*"}}, policy["ManageInterfaces"])
	own := "arn:aws:lambda:" + region + ":" + account + ":function:test-rotation"
	require.Equal(t, policyStatement{
		Sid: "NotByTheFunctionItself", Effect: "Deny", Action: interfaces, Resource: []string{"*"},
		Condition: map[string]map[string]any{"ArnEquals": {"lambda:SourceFunctionArn": own}},
	}, policy["NotByTheFunctionItself"])
	var secrets []string
	for _, user := range []string{"", "loader-", "reader-"} {
		secrets = append(secrets, r.ARN(r.one(secretType, user+"login")))
	}
	require.Equal(t, secrets, policy["RotateLogins"].Resource)
	require.Equal(t, []string{
		"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
	}, policy["RotateLogins"].Action)
	require.Equal(t, []string{events + "/scripts/ca.pem"}, policy["ReadAuthorities"].Resource)
	require.Equal(t, []string{"s3:GetObject"}, policy["ReadAuthorities"].Action)
	require.Equal(t, []string{keyArn}, policy["UseKey"].Resource)
	require.Equal(t, through("s3", "secretsmanager", "lambda"), policy["UseKey"].Condition)
	require.Len(t, policy, 6)
}

// requireFunction checks the properties that all functions share.
func requireFunction(t *testing.T, r recorded, name string) {
	t.Helper()
	f, log, role := r.one(functionType, name), r.one("aws:cloudwatch/logGroup:LogGroup", name+"-log"), r.one("aws:iam/role:Role", name)
	require.Equal(t, "provided.al2023", f.Get(t, "runtime"))
	require.Equal(t, []any{"x86_64"}, f.Get(t, "architectures"))
	require.Equal(t, "bootstrap", f.Get(t, "handler"))
	require.Equal(t, keyArn, f.Get(t, "kmsKeyArn"))
	require.Equal(t, "test-"+name, f.Get(t, "name"))
	require.Equal(t, r.ARN(role), f.Get(t, "role"))
	require.True(t, f.WaitsFor(r.one("aws:iam/rolePolicy:RolePolicy", name+"-policy")))
	trust := statements(t, role.Get(t, "assumeRolePolicy"))["Trust"]
	require.Equal(t, policyStatement{
		Sid: "Trust", Effect: "Allow", Principal: map[string]any{"Service": "lambda.amazonaws.com"}, Action: []string{"sts:AssumeRole"},
	}, trust)
	require.Equal(t, "/aws/lambda/test-"+name, log.Get(t, "name"))
	require.InDelta(t, 30, log.Get(t, "retentionInDays"), 0)
	require.Equal(t, keyArn, log.Get(t, "kmsKeyId"))
	logs := r.role(name)["WriteLogs"]
	require.Equal(t, []string{"logs:CreateLogStream", "logs:PutLogEvents"}, logs.Action)
	require.Equal(t, []string{"arn:aws:logs:" + region + ":" + account + ":log-group:/aws/lambda/test-" + name + ":*"}, logs.Resource)
}
