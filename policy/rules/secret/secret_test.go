package secret

import (
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	held := func(props Props) []Res { return []Res{R(aws.Secret, "secret", props)} }
	key := R(aws.Key, "key", Props{})
	password := func(props Props) []Res { return []Res{R(aws.RandomPassword, "password", props)} }
	strong := func(length int, special string) Props { return Props{"length": length, "overrideSpecial": special} }
	rotation := func(rules Props) []Res {
		return []Res{
			R(aws.SecretRotation, "rotation", Props{"secretId": Ref("secret"), "rotationLambdaArn": Arn("function"), "rotationRules": rules}),
			R(aws.Function, "function", Props{}), held(Props{})[0],
		}
	}
	version := func(text any) []Res {
		return []Res{R(aws.SecretVersion, "version", Props{"secretString": text}), R(aws.RandomPassword, "password", Props{})}
	}
	private := func(principal string, block bool) []Res {
		return []Res{R(aws.SecretPolicy, "policy", Props{"blockPublicPolicy": block, "policy": `{"Statement":{"Effect":"Allow","Principal":` + principal + `,"Action":"secretsmanager:GetSecretValue","Resource":"*"}}`})}
	}
	role := `{"AWS":"arn:aws:iam::123456789012:role/r"}`
	Run(t, Rules(), []Case{
		{
			Rule: "secret-rotation-configured", Property: "secretId",
			Compliant: rotation(Props{}), Violating: held(Props{}),
			AlsoPasses: map[string][]Res{"database kept stopped": append(held(Props{}), KeptStopped()...)},
		},
		{
			Rule: "secret-rotation-interval", Property: "rotationRules.automaticallyAfterDays",
			Compliant: rotation(Props{"automaticallyAfterDays": 30}), Violating: rotation(Props{"automaticallyAfterDays": 180}),
			AlsoViolates: map[string][]Res{"rare": rotation(Props{"scheduleExpression": "rate(120 days)"}), "yearly": rotation(Props{"scheduleExpression": "cron(0 0 1 1 ? *)"})},
			AlsoPasses:   map[string][]Res{"rate": rotation(Props{"scheduleExpression": "rate(10 days)"}), "monthly": rotation(Props{"scheduleExpression": "cron(0 0 1 * ? *)"})},
		},
		{
			Rule: "secret-cmk", Property: "kmsKeyId",
			Compliant: append(held(Props{"kmsKeyId": Arn("key")}), key), Violating: append(held(Props{}), key),
			AlsoViolates: map[string][]Res{
				"parameter with AWS's key": {R(aws.Parameter, "login", Props{"type": "SecureString", "value": Secret("x")}), key},
				"secret in clear":          {R(aws.Parameter, "login", Props{"type": "String", "value": Secret("x")})},
				"generated, in clear": {R(aws.Parameter, "login", Props{"type": "StringList", "insecureValue": Ref("password")}),
					R(aws.RandomPassword, "password", Props{})},
			},
			AlsoPasses: map[string][]Res{
				"parameter with the key": {R(aws.Parameter, "login", Props{"type": "SecureString", "value": Secret("x"), "keyId": Ref("key")}), key},
				"no secret":              {R(aws.Parameter, "size", Props{"type": "String", "value": "20"})},
			},
		},
		{
			Rule: "secret-value-generated", Property: "secretString",
			Compliant: version(Secret(Attr("password", "result"))), Violating: version(`{"password":"correct-horse"}`),
			AlsoViolates: map[string][]Res{"in clear": version(Attr("password", "result"))},
		},
		{
			Rule: "random-password-strength", Property: "length",
			Compliant: password(strong(32, "!#%")), Violating: password(strong(12, "!#%")),
			AlsoViolates: map[string][]Res{
				"refused by RDS":     password(strong(32, "!@#")),
				"default characters": password(Props{"length": 32}),
				"two kinds":          password(Props{"length": 32, "special": false, "upper": false}),
			},
			AlsoPasses: map[string][]Res{"no special": password(Props{"length": 32, "special": false})},
		},
		{
			Rule: "secret-recovery-window", Property: "recoveryWindowInDays", Missing: Passes,
			Compliant: held(Props{"recoveryWindowInDays": 30}), Violating: held(Props{"recoveryWindowInDays": 0}),
		},
		{
			Rule: "secret-policy-private", Property: "policy", Missing: Passes,
			Compliant: private(role, true), Violating: private(`"*"`, true),
			AlsoViolates: map[string][]Res{"not blocked": private(role, false)},
		},
		{
			Rule: "secret-in-use", Property: "connectionProperties.SECRET_ID",
			Compliant:  []Res{R(aws.GlueConnection, "connection", Props{"connectionProperties": Props{"SECRET_ID": Arn("secret")}}), held(Props{})[0]},
			Violating:  held(Props{}),
			AlsoPasses: map[string][]Res{"database kept stopped": append(held(Props{}), KeptStopped()...)},
		},
	})
}
