package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
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
		privileges:  []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX"},
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

// newUsers makes the secrets of master and users, the users in the database, and
// the rotation of all. The master is the instance's own.
func (d *Database) newUsers(ctx *pulumi.Context, name string, args *DatabaseArgs, instance *rds.Instance, password *random.RandomPassword, child pulumi.ResourceOption) error {
	master, err := masterLogin(ctx, name, args, instance, password, child)
	if err != nil {
		return err
	}
	logins, secrets := map[string]login{}, pulumi.StringArray{master.arn}
	for _, u := range users {
		if logins[u.label], err = userLogin(ctx, name, args, u, instance, master, child); err != nil {
			return err
		}
		secrets = append(secrets, logins[u.label].arn)
	}
	d.SecretArn, d.LoaderSecretArn, d.ReaderSecretArn = master.arn, logins[loader.label].arn, logins[reader.label].arn
	function, err := newRotation(ctx, name, args, secrets, child)
	if err != nil {
		return err
	}
	var made []pulumi.Resource
	for _, u := range users {
		m, err := makeUser(ctx, name+"-"+u.label+"-user", args, function, instance, master, logins[u.label], child)
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
