package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newPassword makes a user's first password. RDS refuses / @ " and spaces in
// the master's; quotes, # and \ are left out as well, for the sake of option files.
func newPassword(ctx *pulumi.Context, label string, child pulumi.ResourceOption) (*random.RandomPassword, error) {
	p, err := random.NewRandomPassword(ctx, label, &random.RandomPasswordArgs{
		Length:          pulumi.Int(32),
		Special:         pulumi.Bool(true),
		OverrideSpecial: pulumi.String("!%*()-_=+[]{}<>:?"),
		MinLower:        pulumi.Int(2),
		MinUpper:        pulumi.Int(2),
		MinNumeric:      pulumi.Int(2),
		MinSpecial:      pulumi.Int(2),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("database password: %w", err)
	}
	return p, nil
}

// login is a secret with what a user of the database logs in by.
type login struct {
	arn     pulumi.StringOutput
	version *secretsmanager.SecretVersion
}

// masterLogin keeps the login as RDS itself writes it:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
func masterLogin(ctx *pulumi.Context, name string, args *DatabaseArgs, instance *rds.Instance, password *random.RandomPassword, child pulumi.ResourceOption) (login, error) {
	return newLogin(ctx, name+"-login", name, args, "Master login of the store events database", pulumi.Map{
		"engine":   pulumi.String("mysql"),
		"host":     instance.Address,
		"port":     instance.Port,
		"username": instance.Username,
		"password": password.Result,
		"dbname":   instance.DbName,
	}, child)
}

// userLogin names the master's secret, as those of the rotation with two users do.
func userLogin(ctx *pulumi.Context, name string, args *DatabaseArgs, u user, instance *rds.Instance, master login, child pulumi.ResourceOption) (login, error) {
	password, err := newPassword(ctx, name+"-"+u.label+"-password", child)
	if err != nil {
		return login{}, err
	}
	return newLogin(ctx, name+"-"+u.label+"-login", name, args, u.description, pulumi.Map{
		"engine":    pulumi.String("mysql"),
		"host":      instance.Address,
		"port":      instance.Port,
		"username":  pulumi.String(u.name),
		"password":  password.Result,
		"dbname":    instance.DbName,
		"masterarn": master.arn,
	}, child)
}

func newLogin(ctx *pulumi.Context, label, name string, args *DatabaseArgs, description string, fields pulumi.Map, child pulumi.ResourceOption) (login, error) {
	recovery := 0 // The name can be used again at once.
	if args.Common.ProtectData {
		recovery = 30
	}
	secret, err := secretsmanager.NewSecret(ctx, label, &secretsmanager.SecretArgs{
		Description:          pulumi.String(description),
		KmsKeyId:             args.Storage.KeyArn,
		RecoveryWindowInDays: pulumi.Int(recovery),
		Tags:                 classified(name, args.Common),
	}, child, pulumi.Protect(args.Common.ProtectData))
	if err != nil {
		return login{}, fmt.Errorf("secret %s: %w", label, err)
	}
	version, err := secretsmanager.NewSecretVersion(ctx, label+"-version", &secretsmanager.SecretVersionArgs{
		SecretId:     secret.ID(),
		SecretString: pulumi.JSONMarshal(fields), // Secret, because the password in it is.
	}, child)
	if err != nil {
		return login{}, fmt.Errorf("value of secret %s: %w", label, err)
	}
	return login{arn: secret.Arn, version: version}, nil
}
