package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newPassword makes the master password. RDS refuses / @ " and spaces in one;
// quotes, # and \ are left out as well, for the sake of option files.
func newPassword(ctx *pulumi.Context, name string, child pulumi.ResourceOption) (*random.RandomPassword, error) {
	p, err := random.NewRandomPassword(ctx, name+"-password", &random.RandomPasswordArgs{
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

type databaseSecret struct {
	arn   pulumi.StringOutput
	ready pulumi.ResourceOption
}

// newSecret keeps the login as RDS itself writes it:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
func newSecret(ctx *pulumi.Context, name string, args *DatabaseArgs, instance *rds.Instance, password *random.RandomPassword, child pulumi.ResourceOption) (databaseSecret, error) {
	recovery := 0 // The name can be used again at once.
	if args.Common.ProtectData {
		recovery = 30
	}
	secret, err := secretsmanager.NewSecret(ctx, name+"-login", &secretsmanager.SecretArgs{
		Description:          pulumi.String("Master login of the store events database"),
		KmsKeyId:             args.KeyArn,
		RecoveryWindowInDays: pulumi.Int(recovery),
		Tags:                 classified(name, args.Common),
	}, child, pulumi.Protect(args.Common.ProtectData))
	if err != nil {
		return databaseSecret{}, fmt.Errorf("database secret: %w", err)
	}
	login := pulumi.JSONMarshal(pulumi.Map{
		"engine":   pulumi.String("mysql"),
		"host":     instance.Address,
		"port":     instance.Port,
		"username": instance.Username,
		"password": password.Result,
		"dbname":   instance.DbName,
	})
	version, err := secretsmanager.NewSecretVersion(ctx, name+"-login-version", &secretsmanager.SecretVersionArgs{
		SecretId:     secret.ID(),
		SecretString: login, // Secret, because the password in it is.
	}, child)
	if err != nil {
		return databaseSecret{}, fmt.Errorf("database secret's value: %w", err)
	}
	return databaseSecret{arn: secret.Arn, ready: pulumi.DependsOn([]pulumi.Resource{version})}, nil
}
