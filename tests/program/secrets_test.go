package program

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
	"store-events/lambda/rotation/rotationapi"
	"store-events/program/output"
)

// find calls visit for every string in a value, with where it is.
func find(where string, value any, hidden bool, visit func(where, text string, hidden bool)) {
	switch v := value.(type) {
	case pulumitest.Secret:
		find(where, v.Value, true, visit)
	case map[string]any:
		for key, item := range v {
			find(where+"."+key, item, hidden, visit)
		}
	case []any:
		for i, item := range v {
			find(fmt.Sprintf("%s[%d]", where, i), item, hidden, visit)
		}
	case string:
		visit(where, v, hidden)
	}
}

func TestPasswordsAreInTheDatabaseAndTheirSecretsOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		var places []string
		for _, r := range s.Resources {
			find(r.Type, r.Inputs, false, func(where, text string, hidden bool) {
				if strings.Contains(text, pulumitest.Password) {
					require.True(t, hidden, "%s: the engine would store it in plain text", where)
					places = append(places, where)
				}
			})
		}
		require.ElementsMatch(t, []string{
			"aws:rds/instance:Instance.password",
			"aws:secretsmanager/secretVersion:SecretVersion.secretString", "aws:secretsmanager/secretVersion:SecretVersion.secretString",
			"aws:secretsmanager/secretVersion:SecretVersion.secretString",
		}, places)
		for name, value := range s.Outputs {
			require.NotContains(t, fmt.Sprint(value), pulumitest.Password, name)
		}
	})
}

// Each user has a separate password. The first version of a secret has nothing
// else, so that no later change of the database writes a version again.
func TestSecretsBeginWithThePasswordAlone(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for name, label := range map[string]string{"login": "password", "loader-login": "loader-password", "reader-login": "reader-password"} {
			prefix := config.Namespace + "-" + s.name + "-"
			version := s.one("aws:secretsmanager/secretVersion:SecretVersion", prefix+name+"-version")
			require.Equal(t, prefix+name+"-id", version.Get(t, "secretId"))
			require.Equal(t, []any{rotationapi.First}, version.Get(t, "versionStages"))
			require.Equal(t, []string{"versionStages"}, version.Ignored, "only the rotation function moves labels")
			require.True(t, version.Retained)
			hidden, ok := version.Get(t, "secretString").(pulumitest.Secret)
			require.True(t, ok)
			require.JSONEq(t, fmt.Sprintf(`{"password":%q}`, pulumitest.Password+prefix+label), hidden.Value.(string))
		}
	})
}

// grants are the whole of what the database's users may do, beside its master.
const grants = `{
	"store_events_loader": {
		"privileges": ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"],
		"tables": ["sales_txns_tbl", "etl_batches", "etl_objects", "etl_runs", "etl_collisions", "etl_migration", "etl_retired"],
		"server": ["PROCESS"]
	},
	"store_events_reader": {"privileges": ["SELECT"], "tables": ["sales_txns_tbl", "etl_batches", "etl_objects", "etl_runs", "etl_collisions", "etl_migration", "etl_retired"]}
}`

func TestTheRotationFunctionLivesBesideTheDatabase(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		function := s.one("aws:lambda/function:Function", "-rotation")
		require.True(t, strings.HasSuffix(function.Path(t, "code"), "/bin/rotation.zip"))
		require.Len(t, function.Get(t, "vpcConfig", "subnetIds"), 2)
		require.Equal(t, []any{s.one("aws:ec2/securityGroup:SecurityGroup", "-rotation-group").ID()}, function.Get(t, "vpcConfig", "securityGroupIds"))
		require.Equal(t, s.Outputs[output.DatabaseCA], function.Get(t, "environment", "variables", "STORE_EVENTS_AUTHORITIES"))
		require.JSONEq(t, grants, function.Get(t, "environment", "variables", "STORE_EVENTS_GRANTS").(string))
		require.Len(t, function.Get(t, "environment", "variables"), 2)
	})
}

// A secret that is made again has another password, and the database takes it.
func TestAPasswordBelongsToOneSecret(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for user, name := range map[string]string{"master": s.name + "-password", "loader": "-loader-password", "reader": "-reader-password"} {
			password := s.one("random:index/randomPassword:RandomPassword", name)
			require.Equal(t, map[string]any{"secret": s.secretArn(user)}, password.Get(t, "keepers"))
		}
	})
}

func TestADeploymentMakesTheUsers(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		require.Len(t, s.all("aws:lambda/invocation:Invocation"), 3)
		for user, name := range map[string]string{"master": "mystiquemaster", "loader": "store_events_loader", "reader": "store_events_reader"} {
			facts := map[string]any{"engine": "mysql", "host": "db.internal", "port": s.config.Database.Port, "username": name, "dbname": "store_events"}
			if user != "master" {
				facts["masterarn"] = s.secretArn("master")
			}
			want, err := json.Marshal(map[string]any{"Step": rotationapi.CreateUser, "SecretId": s.secretArn(user), "Facts": facts})
			require.NoError(t, err)
			call := s.one("aws:lambda/invocation:Invocation", "-"+user+"-user")
			require.Equal(t, s.one("aws:lambda/function:Function", "-rotation").Get(t, "name"), call.Get(t, "functionName"))
			require.JSONEq(t, string(want), call.Get(t, "input").(string))
			require.JSONEq(t, grants, call.Get(t, "triggers", "grants").(string), "what changes them makes the user again")
		}
	})
}

func TestAllSecretsAreRotated(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		const kind = "aws:secretsmanager/secretRotation:SecretRotation"
		function := s.one("aws:lambda/function:Function", "-rotation")
		for user, name := range map[string]string{"master": s.name + "-rotation", "loader": "-loader-rotation", "reader": "-reader-rotation"} {
			rotation, caller := s.one(kind, name), s.one("aws:lambda/permission:Permission", name+"-caller")
			require.Equal(t, s.secretArn(user), rotation.Get(t, "secretId"))
			require.Equal(t, s.ARN(function), rotation.Get(t, "rotationLambdaArn"))
			require.InDelta(t, 30, rotation.Get(t, "rotationRules", "automaticallyAfterDays"), 0)
			require.Equal(t, "secretsmanager.amazonaws.com", caller.Get(t, "principal"))
			require.Equal(t, s.secretArn(user), caller.Get(t, "sourceArn"))
		}
	})
}

// Nothing in the program's own text may look like a password.
func TestNoLiteralPassword(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.Resources {
			for _, key := range []string{"password", "masterPassword", "PASSWORD", "secretString"} {
				if value, set := r.Inputs[key]; set && value != nil {
					require.IsType(t, pulumitest.Secret{}, value, "%s %s", r.Type, key)
				}
			}
		}
	})
}
