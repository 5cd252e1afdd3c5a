package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// user is a user of the database beside its master.
type user struct {
	// label is in the names of what is made for the user, name is that in the database.
	label, name string
	description string
	// privileges are those on the job's tables, server those on the whole server.
	// There are no others.
	privileges []string
	server     []string
}

var (
	// The job logs in as the loader, and makes the tables.
	loader = user{
		label: "loader", name: "store_events_loader",
		description: "Login by which the job loads the store events database",
		privileges:  []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"},
		// It sees other sessions, so that a run which another one blocks can name it.
		// https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html#priv_process
		server: []string{"PROCESS"},
	}
	// The consumer logs in as the reader.
	reader = user{
		label: "reader", name: "store_events_reader",
		description: "Login by which the store events database is queried",
		privileges:  []string{"SELECT"},
	}
	users = []user{loader, reader}
)

// newUsers makes the logins of master and users, the users in the database, and
// the rotation of all. The master is the instance's own.
func (d *Database) newUsers(ctx *pulumi.Context, name string, args *DatabaseArgs, instance *rds.Instance, secret *secretsmanager.Secret, password *random.RandomPassword, child pulumi.ResourceOption) error {
	master, err := newLogin(ctx, name+"-login", secret, password, facts(instance, instance.Username), child)
	if err != nil {
		return err
	}
	logins, secrets := map[string]login{}, pulumi.StringArray{secret.Arn}
	for _, u := range users {
		if logins[u.label], err = userLogin(ctx, name, args, u, instance, master, child); err != nil {
			return err
		}
		secrets = append(secrets, logins[u.label].secret.Arn)
	}
	d.SecretArn, d.LoaderSecretArn, d.ReaderSecretArn = secret.Arn, logins[loader.label].secret.Arn, logins[reader.label].secret.Arn
	function, err := newRotation(ctx, name, args, secrets, child)
	if err != nil {
		return err
	}
	first, err := makeUser(ctx, name+"-master-user", args, function, instance, master, child)
	if err != nil {
		return err
	}
	made := []pulumi.Resource{first} // The function makes the others by the master's login.
	for _, u := range users {
		m, err := makeUser(ctx, name+"-"+u.label+"-user", args, function, instance, logins[u.label], child, pulumi.DependsOn([]pulumi.Resource{first}))
		if err != nil {
			return err
		}
		made = append(made, m)
	}
	d.Ready = pulumi.DependsOn(made)
	if err := rotateSecret(ctx, name+"-rotation", args, function, master, child, d.Ready); err != nil {
		return err
	}
	for _, u := range users {
		if err := rotateSecret(ctx, name+"-"+u.label+"-rotation", args, function, logins[u.label], child, d.Ready); err != nil {
			return err
		}
	}
	return nil
}
