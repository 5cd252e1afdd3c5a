package program

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

func TestThePasswordIsInTheDatabaseAndItsSecretOnly(t *testing.T) {
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
			"aws:secretsmanager/secretVersion:SecretVersion.secretString",
		}, places)
		for name, value := range s.outputs {
			require.NotContains(t, fmt.Sprint(value), password, name)
		}
	})
}

func TestTheSecretIsAsRdsWritesIt(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		version := s.one("aws:secretsmanager/secretVersion:SecretVersion", "")
		require.Equal(t, id(s.one("aws:secretsmanager/secret:Secret", "")), version.get(t, "secretId"))
		hidden, ok := version.get(t, "secretString").(secret)
		require.True(t, ok)
		require.JSONEq(t, fmt.Sprintf(`{"engine":"mysql","host":"db.internal","port":%d,"username":"mystiquemaster",
			"password":%q,"dbname":"store_events"}`, s.config.Database.Port, password), hidden.value.(string))
	})
}

func TestTheSecretIsRotatedInProd(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		const kind = "aws:secretsmanager/secretRotation:SecretRotation"
		if s.name != "prod" {
			require.Empty(t, s.all(kind))
			return
		}
		rotation, function := s.one(kind, ""), s.one("aws:lambda/function:Function", "-rotation")
		login := arn(s.one("aws:secretsmanager/secret:Secret", ""))
		require.Equal(t, login, rotation.get(t, "secretId"))
		require.Equal(t, arn(function), rotation.get(t, "rotationLambdaArn"))
		require.InDelta(t, 30, rotation.get(t, "rotationRules", "automaticallyAfterDays"), 0)
		require.True(t, strings.HasSuffix(function.get(t, "code").(string), "/bin/rotation.zip"))
		require.Len(t, function.get(t, "vpcConfig", "subnetIds"), 2)
		require.Equal(t, []any{id(s.one("aws:ec2/securityGroup:SecurityGroup", "-rotation-group"))}, function.get(t, "vpcConfig", "securityGroupIds"))
		require.Equal(t, map[string]any{"STORE_EVENTS_DATABASE": s.outputs["StoreEventsDatabase"]}, function.get(t, "environment", "variables"))

		caller := s.one("aws:lambda/permission:Permission", "")
		require.Equal(t, "secretsmanager.amazonaws.com", caller.get(t, "principal"))
		require.Equal(t, login, caller.get(t, "sourceArn"))
		require.Equal(t, []string{"arn:aws:rds:" + region + ":" + account + ":db:store-events-prod"}, s.allowed(t, "rotation", "rds:ModifyDBInstance"))
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
