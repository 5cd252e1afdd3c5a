package mutation

import (
	"store-events/policy/aws"
	"store-events/tests/policy/recording"
)

var secret = []Mutation{
	{Rule: "secret-recovery-window", Change: set(aws.Secret, "login", "recoveryWindowInDays", 0)},
	{Rule: "secret-rotation-interval", Change: set(aws.SecretRotation, "rotation", "rotationRules.automaticallyAfterDays", 365)},
	{Rule: "secret-rotation-configured", Change: remove(aws.SecretRotation, "loader-rotation")},
	{Rule: "secret-cmk", Change: unset(aws.Secret, "login", "kmsKeyId")},
	{Rule: "secret-value-generated", Change: set(aws.SecretVersion, "login-version", "secretString", recording.Secret{Value: `{"username":"loader"}`})},
	{Rule: "random-password-strength", Replaces: true, Change: set(aws.RandomPassword, "password", "length", 8)},
	{Rule: "secret-policy-private", Change: add(aws.SecretPolicy, "login-policy", object{
		"secretArn": to(aws.Secret, "login", "arn"), "blockPublicPolicy": false,
		"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:DescribeSecret","Resource":"*"}]}`,
	})},
	{Rule: "secret-in-use", Also: []string{"secret-rotation-configured", "stateful-resources-protected"}, Change: add(aws.Secret, "spare", object{
		"description": "left over", "kmsKeyId": to(aws.Key, "key", "arn"), "recoveryWindowInDays": 30, "tags": object{"DataClassification": "internal"},
	})},
}
