package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/lambda/rotation/rotationapi"
)

// login is a secret with the credentials of a user of the database.
type login struct {
	secret *secretsmanager.Secret
	// facts are the login without its password.
	facts   pulumi.Map
	version *secretsmanager.SecretVersion
}

// server is the server that the logins are for.
type server struct {
	host, database pulumi.StringInput
	port           pulumi.IntInput
	// id changes if another server replaces it.
	id pulumi.StringInput
}

// logins are the logins of the users of the database.
type logins struct{ loader, reader login }

// newLogins creates the logins of the users that the master creates.
func newLogins(s scope, args *DatabaseArgs, on server, masterArn pulumi.StringInput) (all logins, err error) {
	for _, user := range []struct {
		user  user
		login *login
	}{{loader, &all.loader}, {reader, &all.reader}} {
		values := facts(on, pulumi.String(args.userName(s, user.user)))
		values["masterarn"] = masterArn // Same key as in Secrets Manager's rotation with alternating users.
		inner := s.within(user.user.label)
		c, err := newCredential(inner, args, s.name, user.user.description)
		if err != nil {
			return logins{}, err
		}
		if *user.login, err = newLogin(inner, c, values); err != nil {
			return logins{}, err
		}
	}
	return all, nil
}

// facts returns what all logins of the database share, and the user's name.
func facts(on server, user pulumi.StringInput) pulumi.Map {
	return pulumi.Map{
		"engine":   pulumi.String("mysql"),
		"host":     on.host,
		"port":     on.port,
		"username": user,
		"dbname":   on.database,
	}
}

// newLogin writes the first password of a login to its secret, and nothing that
// may change later. createUser adds the facts through the rotation function, in
// RDS's own format:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
//
// The first version never becomes current again after another one was: the
// function writes all later ones.
func newLogin(s scope, c credential, facts pulumi.Map) (login, error) {
	version, err := secretsmanager.NewSecretVersion(s.ctx, s.label("login-version"), &secretsmanager.SecretVersionArgs{
		SecretId:     c.secret.ID(),
		SecretString: pulumi.JSONMarshal(pulumi.Map{"password": c.password.Result}), // Secret, because the password is.
		// Without a permanent label, AWS would delete the version after two rotations,
		// and the update after a refresh would write it again.
		VersionStages: list(rotationapi.First),
	}, s.parent, pulumi.IgnoreChanges([]string{"versionStages"}), pulumi.RetainOnDelete(true)) // It is deleted with the secret.
	if err != nil {
		return login{}, fmt.Errorf("value of secret %s: %w", s.label("login"), err)
	}
	return login{secret: c.secret, facts: facts, version: version}, nil
}
