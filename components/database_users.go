package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/lambda/rotation/rotationapi"
	"store-events/schema"
)

// user is a user of the database other than its master.
type user struct {
	// label is in the names of the user's resources, name is that in the database.
	label, name string
	description string
	// privileges are those on the job's tables, server those on the whole server.
	// There are no others.
	privileges []string
	server     []string
}

var (
	// The job logs in as the loader, and creates the tables.
	loader = user{
		label: "loader", name: "store_events_loader",
		description: "Login by which the job loads the store events database",
		privileges:  []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"},
		// It sees other sessions, so that a run can name the one that blocks it.
		// https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html#priv_process
		server: []string{"PROCESS"},
	}
	// The consumer logs in as the reader.
	reader = user{
		label: "reader", name: "store_events_reader",
		description: "Login by which the store events database is queried",
		privileges:  []string{"SELECT"},
	}
)

// grants returns what each user may do, in the form of the rotation function's
// configuration.
func grants(args *DatabaseArgs) pulumi.StringOutput {
	tables := list(append([]string{args.TargetTable}, schema.Load().Ledger.Tables()...)...)
	all := pulumi.Map{}
	for _, u := range []user{loader, reader} {
		grants := pulumi.Map{"privileges": list(u.privileges...), "tables": tables}
		if len(u.server) > 0 {
			grants["server"] = list(u.server...)
		}
		all[u.name] = grants
	}
	return pulumi.JSONMarshal(all)
}

// rotation is the function and the instance that it creates users in.
type rotation struct {
	function *lambda.Function
	instance *rds.Instance
}

// createUsers creates the users in the database, the master first: the function
// creates the others with the master's login. It returns the option of what logs in
// as one of them.
func createUsers(s scope, args *DatabaseArgs, r rotation, all logins) (pulumi.ResourceOption, error) {
	master, err := createUser(s.within("master-user"), args, r, all.master)
	if err != nil {
		return nil, err
	}
	created := []pulumi.Resource{master}
	for _, user := range []struct {
		label string
		login login
	}{{loader.label, all.loader}, {reader.label, all.reader}} {
		made, err := createUser(s.within(user.label+"-user").with(after(master)), args, r, user.login)
		if err != nil {
			return nil, err
		}
		created = append(created, made)
	}
	return after(created...), nil
}

// createUser has the function create a login's user in the database and write the
// facts of the login into the secret, and again when either changes. The update
// fails if the function does. The secret's version is not a trigger: it is the
// first one, which does not describe the current login.
func createUser(s scope, args *DatabaseArgs, r rotation, user login) (pulumi.Resource, error) {
	made, err := lambda.NewInvocation(s.ctx, s.name, &lambda.InvocationArgs{
		FunctionName: r.function.Name,
		Input: pulumi.JSONMarshal(pulumi.Map{
			"Step": pulumi.String(rotationapi.CreateUser), "SecretId": user.secret.Arn, "Facts": user.facts,
		}),
		Triggers: pulumi.StringMap{
			"code":     r.function.SourceCodeHash,
			"database": r.instance.ResourceId,
			"grants":   grants(args),
		},
	}, s.parent, after(user.version))
	if err != nil {
		return nil, fmt.Errorf("user of the database: %w", err)
	}
	return made, nil
}
