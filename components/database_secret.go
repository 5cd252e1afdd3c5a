package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// credential is a secret without a value, and its first password.
type credential struct {
	secret   *secretsmanager.Secret
	password *random.RandomPassword
}

// newCredential creates a secret and its first password. The secret's tags contain name.
func newCredential(s scope, args *DatabaseArgs, name, description string) (credential, error) {
	env, recovery := args.Environment, 0 // Without recovery, the name is available immediately.
	if env.ProtectData {
		recovery = 30
	}
	secret, err := secretsmanager.NewSecret(s.ctx, s.label("login"), &secretsmanager.SecretArgs{
		Description:          pulumi.String(description),
		KmsKeyId:             args.Storage.KeyArn,
		RecoveryWindowInDays: pulumi.Int(recovery),
		Tags:                 env.classified(name),
	}, s.parent, pulumi.Protect(env.ProtectData))
	if err != nil {
		return credential{}, fmt.Errorf("secret %s: %w", s.label("login"), err)
	}
	password, err := newPassword(s, secret)
	return credential{secret, password}, err
}

// newPassword creates a user's first password. RDS refuses / @ " and spaces in the
// master's; option files rule out quotes, # and \. If a secret is lost and created
// again, it gets a new password, which is then set in the database too.
func newPassword(s scope, secret *secretsmanager.Secret) (*random.RandomPassword, error) {
	p, err := random.NewRandomPassword(s.ctx, s.label("password"), &random.RandomPasswordArgs{
		Length:          pulumi.Int(32),
		Special:         pulumi.Bool(true),
		OverrideSpecial: pulumi.String("!%*()-_=+[]{}<>:?"),
		MinLower:        pulumi.Int(2),
		MinUpper:        pulumi.Int(2),
		MinNumeric:      pulumi.Int(2),
		MinSpecial:      pulumi.Int(2),
		Keepers:         pulumi.StringMap{"secret": secret.Arn},
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("database password: %w", err)
	}
	return p, nil
}
