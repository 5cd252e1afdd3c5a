package secret

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestIntervals(t *testing.T) {
	rotation := func(rules Props) []Res {
		return []Res{R(aws.SecretRotation, "rotation", Props{"rotationLambdaArn": Arn("function"), "rotationRules": rules}), R(aws.Function, "function", Props{})}
	}
	for days, often := range map[int]bool{90: true, 91: false} {
		require.Equal(t, !often, Finds(t, rotationInterval, rotation(Props{"automaticallyAfterDays": days})), days)
	}
	for schedule, often := range map[string]bool{
		"rate(90 days)": true, "rate(91 days)": false, "rate(1 day)": true, "rate(2160 hours)": true, "rate(2161 hours)": false, "rate(2 weeks)": false,
		"cron(0 0 1 * ? *)": true, "cron(0 0 31 * ? *)": true, "cron(0 0 31 */1 ? *)": true, "cron(0 0 ? * SUN *)": true, "cron(0 0 ? * 1#4 *)": true,
		"cron(0 0 1 1/2 ? *)": true, "cron(0 0 30 */2 ? *)": true, "cron(0 0 3 */2 ? *)": true, "cron(0 0 L 1/2 ? *)": true,
		// Gaps of 92, 182, 184, 184 and 119 days.
		"cron(0 0 1 */3 ? *)": false, "cron(0 0 31 1/3 ? *)": false, "cron(0 0 31 */2 ? *)": false, "cron(0 0 31W 1/2 ? *)": false, "cron(0 0 ? * 1#5 *)": false,
		"cron(0 0 1 */4 ? *)": false, "cron(0 0 1 2/2 ? *)": false,
	} {
		require.Equal(t, !often, Finds(t, rotationInterval, rotation(Props{"scheduleExpression": schedule})), schedule)
	}
}

func TestKeysOfReplicas(t *testing.T) {
	secret := func(replica Props) []Res {
		return []Res{R(aws.Secret, "secret", Props{"kmsKeyId": Arn("key"), "replicas": List{replica}}), R(aws.Key, "key", Props{})}
	}
	require.False(t, Finds(t, cmk, secret(Props{"kmsKeyId": "arn:aws:kms:us-east-1:1:key/x"})))
	require.True(t, Finds(t, cmk, secret(Props{"region": "us-east-1"})))
}

// A password in a secret's value must be generated, with any other fields.
func TestFieldsOfAValue(t *testing.T) {
	password := R(aws.RandomPassword, "password", Props{"result": "password-result"}) // The value once it exists.
	version := func(format string) []Res {
		return []Res{R(aws.SecretVersion, "version", Props{"secretString": Secret(Sub(format, "password", "result"))}), password}
	}
	for format, written := range map[string]bool{
		`%s`: false, `{"password":"%s"}`: false, `{"password":"%s","username":"store","port":3306}`: false, `{"password":"%s","title":"a word"}`: false,
		`{"password":"%s","master_password":"x"}`: true, `{"password":"%s","note":"password=Tr0ub4dor"}`: true, `{"password":"%s","more":{"password":"correct-horse"}}`: false,
	} {
		require.Equal(t, written, Finds(t, valueGenerated, version(format)), format)
	}
}

func TestStrengthOfPasswords(t *testing.T) {
	password := func(length int, props Props) []Res {
		props["length"], props["overrideSpecial"] = length, "!"
		return []Res{R(aws.RandomPassword, "password", props)}
	}
	require.False(t, Finds(t, passwordStrength, password(24, Props{})))
	require.True(t, Finds(t, passwordStrength, password(23, Props{})))
	kinds := []string{"upper", "lower", "numeric", "special"}
	for i, first := range kinds {
		require.False(t, Finds(t, passwordStrength, password(24, Props{first: false})), first)
		for _, second := range kinds[i+1:] {
			require.True(t, Finds(t, passwordStrength, password(24, Props{first: false, second: false})), "%s and %s", first, second)
		}
	}
}

func TestRecoveryAndUse(t *testing.T) {
	for days, short := range map[int]bool{7: false, 6: true} {
		require.Equal(t, short, Finds(t, recoveryWindow, []Res{R(aws.Secret, "secret", Props{"recoveryWindowInDays": days})}), days)
	}
	secret := R(aws.Secret, "secret", Props{})
	require.False(t, Finds(t, inUse, []Res{secret, R(aws.SecretRotation, "rotation", Props{"secretId": Ref("secret")})}))
	require.True(t, Finds(t, inUse, []Res{secret, R(aws.SecretRotation, "rotation", Props{"secretId": "other"})}))
}

// Until it is known which secret a connection uses, this one may be in use.
func TestSecretsWithUnknownUse(t *testing.T) {
	stack := Build(t, []Res{
		R(aws.Secret, "secret", Props{}), R(aws.GlueConnection, "connection", Props{"connectionProperties": property.New(property.Computed)}),
	}, rule.Settings{})
	findings := inUse.CheckStack(stack)
	require.Len(t, findings, 1)
	require.Equal(t, rule.Undecided, findings[0].Kind)
	require.Equal(t, "whether a resource uses the secret is not known yet", findings[0].Message)
}
