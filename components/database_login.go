package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/lambda/rotation/rotationapi"
)

// login is a secret with what a user of the database logs in by.
type login struct {
	secret *secretsmanager.Secret
	// facts are the login without its password.
	facts   pulumi.Map
	version *secretsmanager.SecretVersion
}

// logins are the logins of all users of the database.
type logins struct{ master, loader, reader login }

func (l logins) secretArns() pulumi.StringArray {
	return pulumi.StringArray{l.master.secret.Arn, l.loader.secret.Arn, l.reader.secret.Arn}
}

// newLogins creates the logins of all users. The instance has the master's
// password already.
func newLogins(s scope, args *DatabaseArgs, instance *rds.Instance, master credential) (all logins, err error) {
	if all.master, err = newLogin(s, master, facts(instance, instance.Username)); err != nil {
		return logins{}, err
	}
	for _, user := range []struct {
		user  user
		login *login
	}{{loader, &all.loader}, {reader, &all.reader}} {
		own := facts(instance, pulumi.String(user.user.name))
		own["masterarn"] = master.secret.Arn // As in the rotation with two users of Secrets Manager.
		inner := s.within(user.user.label)
		c, err := newCredential(inner, args, s.name, user.user.description)
		if err != nil {
			return logins{}, err
		}
		if *user.login, err = newLogin(inner, c, own); err != nil {
			return logins{}, err
		}
	}
	return all, nil
}

// facts returns what all logins of the database share, and the user's name.
func facts(instance *rds.Instance, user pulumi.StringInput) pulumi.Map {
	return pulumi.Map{
		"engine":   pulumi.String("mysql"),
		"host":     instance.Address,
		"port":     instance.Port,
		"username": user,
		"dbname":   instance.DbName,
	}
}

// newLogin puts the first password of a login into its secret, and nothing that
// may change later. createUser has the rotation function add the facts, in the form
// that RDS itself writes:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
//
// The first version never becomes current again after another one was: the
// function writes all later ones.
func newLogin(s scope, c credential, facts pulumi.Map) (login, error) {
	version, err := secretsmanager.NewSecretVersion(s.ctx, s.label("login-version"), &secretsmanager.SecretVersionArgs{
		SecretId:     c.secret.ID(),
		SecretString: pulumi.JSONMarshal(pulumi.Map{"password": c.password.Result}), // Secret, because the password is.
		// Without a label that stays, AWS would drop the version after two rotations,
		// and the update after a refresh would write it again.
		VersionStages: list(rotationapi.First),
	}, s.parent, pulumi.IgnoreChanges([]string{"versionStages"}), pulumi.RetainOnDelete(true)) // It goes with the secret.
	if err != nil {
		return login{}, fmt.Errorf("value of secret %s: %w", s.label("login"), err)
	}
	return login{secret: c.secret, facts: facts, version: version}, nil
}
