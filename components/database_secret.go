package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/lambda/rotation/protocol"
)

// newPassword makes a user's first password. RDS refuses / @ " and spaces in
// the master's; quotes, # and \ are left out as well, for the sake of option files.
// A secret that was lost and is made again gets another password: the database
// then takes that one, where the old one had been changed since.
func newPassword(ctx *pulumi.Context, label string, secret *secretsmanager.Secret, child pulumi.ResourceOption) (*random.RandomPassword, error) {
	p, err := random.NewRandomPassword(ctx, label, &random.RandomPasswordArgs{
		Length:          pulumi.Int(32),
		Special:         pulumi.Bool(true),
		OverrideSpecial: pulumi.String("!%*()-_=+[]{}<>:?"),
		MinLower:        pulumi.Int(2),
		MinUpper:        pulumi.Int(2),
		MinNumeric:      pulumi.Int(2),
		MinSpecial:      pulumi.Int(2),
		Keepers:         pulumi.StringMap{"secret": secret.Arn},
	}, child)
	if err != nil {
		return nil, fmt.Errorf("database password: %w", err)
	}
	return p, nil
}

// login is a secret with what a user of the database logs in by.
type login struct {
	secret *secretsmanager.Secret
	// facts are the login without its password.
	facts   pulumi.Map
	version *secretsmanager.SecretVersion
}

// newLogin puts the first password of a login into its secret, and nothing that
// may change later. makeUser has the rotation function add the facts, in the form
// that RDS itself writes:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
//
// The first version is never current again after another one was: the function
// writes all later ones.
func newLogin(ctx *pulumi.Context, label string, secret *secretsmanager.Secret, password *random.RandomPassword, facts pulumi.Map, child pulumi.ResourceOption) (login, error) {
	version, err := secretsmanager.NewSecretVersion(ctx, label+"-version", &secretsmanager.SecretVersionArgs{
		SecretId:     secret.ID(),
		SecretString: pulumi.JSONMarshal(pulumi.Map{"password": password.Result}), // Secret, because the password is.
		// Without a label that stays, AWS would drop the version after two rotations,
		// and the update after a refresh would write it again.
		VersionStages: list(protocol.First),
	}, child, pulumi.IgnoreChanges([]string{"versionStages"}), pulumi.RetainOnDelete(true)) // It goes with the secret.
	if err != nil {
		return login{}, fmt.Errorf("value of secret %s: %w", label, err)
	}
	return login{secret: secret, facts: facts, version: version}, nil
}

// facts are what all logins of the database share, and the user's name.
func facts(instance *rds.Instance, user pulumi.StringInput) pulumi.Map {
	return pulumi.Map{
		"engine":   pulumi.String("mysql"),
		"host":     instance.Address,
		"port":     instance.Port,
		"username": user,
		"dbname":   instance.DbName,
	}
}

// userLogin names the master's secret, as those of the rotation with two users do.
func userLogin(ctx *pulumi.Context, name string, args *DatabaseArgs, u user, instance *rds.Instance, master login, child pulumi.ResourceOption) (login, error) {
	label := name + "-" + u.label + "-login"
	secret, err := newSecret(ctx, label, name, args, u.description, child)
	if err != nil {
		return login{}, err
	}
	password, err := newPassword(ctx, name+"-"+u.label+"-password", secret, child)
	if err != nil {
		return login{}, err
	}
	own := facts(instance, pulumi.String(u.name))
	own["masterarn"] = master.secret.Arn
	return newLogin(ctx, label, secret, password, own, child)
}

func newSecret(ctx *pulumi.Context, label, name string, args *DatabaseArgs, description string, child pulumi.ResourceOption) (*secretsmanager.Secret, error) {
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
		return nil, fmt.Errorf("secret %s: %w", label, err)
	}
	return secret, nil
}
