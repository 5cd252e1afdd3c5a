package program

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

// find calls visit for every string in a value, with where it is.
func find(where string, value any, hidden bool, visit func(where, text string, hidden bool)) {
	switch v := value.(type) {
	case secret:
		find(where, v.value, true, visit)
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
		for _, r := range s.resources {
			find(r.Type, r.Inputs, false, func(where, text string, hidden bool) {
				if strings.Contains(text, password) {
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
		for name, value := range s.outputs {
			require.NotContains(t, fmt.Sprint(value), password, name)
		}
	})
}

// Each user has a password of its own, in a secret as RDS writes it.
func TestSecretsAreAsRdsWritesThem(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for name, want := range map[string]string{
			"login":        `"username":"mystiquemaster","password":"%s%s-password"`,
			"loader-login": `"username":"store_events_loader","password":"%s%s-loader-password","masterarn":"` + s.secretArn("master") + `"`,
			"reader-login": `"username":"store_events_reader","password":"%s%s-reader-password","masterarn":"` + s.secretArn("master") + `"`,
		} {
			name = config.Namespace + "-" + s.name + "-" + name
			version := s.one("aws:secretsmanager/secretVersion:SecretVersion", name+"-version")
			require.Equal(t, name+"-id", version.get(t, "secretId"))
			hidden, ok := version.get(t, "secretString").(secret)
			require.True(t, ok)
			common := fmt.Sprintf(`{"engine":"mysql","host":"db.internal","port":%d,"dbname":"store_events",`, s.config.Database.Port)
			require.JSONEq(t, common+fmt.Sprintf(want, password, config.Namespace+"-"+s.name)+"}", hidden.value.(string))
		}
	})
}

// grants are the whole of what the database's users may do, beside its master.
const grants = `{
	"store_events_loader": {
		"privileges": ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX"],
		"tables": ["sales_txns_tbl", "etl_batches", "etl_objects", "etl_runs"],
		"server": ["PROCESS"]
	},
	"store_events_reader": {"privileges": ["SELECT"], "tables": ["sales_txns_tbl", "etl_batches", "etl_objects", "etl_runs"]}
}`

func TestTheRotationFunctionLivesBesideTheDatabase(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		function := s.one("aws:lambda/function:Function", "-rotation")
		require.True(t, strings.HasSuffix(function.get(t, "code").(string), "/bin/rotation.zip"))
		require.Len(t, function.get(t, "vpcConfig", "subnetIds"), 2)
		require.Equal(t, []any{id(s.one("aws:ec2/securityGroup:SecurityGroup", "-rotation-group"))}, function.get(t, "vpcConfig", "securityGroupIds"))
		require.Equal(t, s.outputs["DatabaseCa"], function.get(t, "environment", "variables", "STORE_EVENTS_AUTHORITIES"))
		require.JSONEq(t, grants, function.get(t, "environment", "variables", "STORE_EVENTS_GRANTS").(string))
		require.Len(t, function.get(t, "environment", "variables"), 2)
	})
}

func TestADeploymentMakesTheUsers(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		require.Len(t, s.all("aws:lambda/invocation:Invocation"), 2)
		for _, user := range []string{"loader", "reader"} {
			call := s.one("aws:lambda/invocation:Invocation", "-"+user+"-user")
			require.Equal(t, s.one("aws:lambda/function:Function", "-rotation").get(t, "name"), call.get(t, "functionName"))
			require.JSONEq(t, fmt.Sprintf(`{"Step":"createUser","SecretId":%q}`, s.secretArn(user)), call.get(t, "input").(string))
			require.JSONEq(t, grants, call.get(t, "triggers", "grants").(string), "what changes them makes the user anew")
		}
	})
}

func TestAllSecretsAreRotated(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		const kind = "aws:secretsmanager/secretRotation:SecretRotation"
		function := s.one("aws:lambda/function:Function", "-rotation")
		for user, name := range map[string]string{"master": s.name + "-rotation", "loader": "-loader-rotation", "reader": "-reader-rotation"} {
			rotation, caller := s.one(kind, name), s.one("aws:lambda/permission:Permission", name+"-caller")
			require.Equal(t, s.secretArn(user), rotation.get(t, "secretId"))
			require.Equal(t, arn(function), rotation.get(t, "rotationLambdaArn"))
			require.InDelta(t, 30, rotation.get(t, "rotationRules", "automaticallyAfterDays"), 0)
			require.Equal(t, "secretsmanager.amazonaws.com", caller.get(t, "principal"))
			require.Equal(t, s.secretArn(user), caller.get(t, "sourceArn"))
		}
	})
}

// Nothing in the program's own text may look like a password.
func TestNoLiteralPassword(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.resources {
			for _, key := range []string{"password", "masterPassword", "PASSWORD", "secretString"} {
				if value, set := r.Inputs[key]; set && value != nil {
					require.IsType(t, secret{}, value, "%s %s", r.Type, key)
				}
			}
		}
	})
}
