package program

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

// find calls visit for every string in a value, with its path.
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

func TestPasswordsAreOnlyInTheDatabaseAndSecrets(t *testing.T) {
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

// No string in the program may look like a password.
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
