package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/lambda/rotation/rotationapi"
	"store-events/schema"
)

// user is a user of the database other than its master.
type user struct {
	// label is part of the names of the user's resources, name is the name in the database.
	label, name string
	// suffix is the end of the name on a server that stacks share.
	suffix      string
	description string
	// privileges are granted on the job's tables, server on the whole server. The user has no others.
	privileges []string
	server     []string
}

var (
	// The job logs in as the loader, and creates the tables.
	loader = user{
		label: "loader", name: "store_events_loader", suffix: "_load",
		description: "Credentials with which the job loads the store events database",
		privileges:  []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"},
		// PROCESS shows other sessions, so that a run can report the session that blocks it.
		// https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html#priv_process
		server: []string{"PROCESS"},
	}
	// The consumer logs in as the reader.
	reader = user{
		label: "reader", name: "store_events_reader", suffix: "_read",
		description: "Credentials with which the consumer queries the store events database",
		privileges:  []string{"SELECT"},
	}
)

// grants returns the privileges of each user, in the format of the rotation
// function's configuration.
func grants(s scope, args *DatabaseArgs) pulumi.StringOutput {
	all := pulumi.Map{}
	for _, u := range []user{loader, reader} {
		all[args.userName(s, u)] = u.grants(args)
	}
	return pulumi.JSONMarshal(all)
}

func (u user) grants(args *DatabaseArgs) pulumi.Map {
	tables := list(append([]string{args.TargetTable}, schema.Load().Ledger.Tables()...)...)
	grants := pulumi.Map{"privileges": list(u.privileges...), "tables": tables}
	if len(u.server) > 0 {
		grants["server"] = list(u.server...)
	}
	return grants
}

// userName returns the name of a user in the database. On a server that other stacks may
// share, it contains the stack's name, within the 32 characters that MySQL allows.
func (args *DatabaseArgs) userName(s scope, u user) string {
	if !args.Settings.Existing() {
		return u.name
	}
	return "se_" + strings.ReplaceAll(s.ctx.Stack(), "-", "_") + u.suffix
}

// rotation is the function and the server that it creates users in.
type rotation struct {
	function *lambda.Function
	server   server
	grants   pulumi.StringOutput
	// paused reports whether the function cannot reach its server.
	paused bool
}

// createUsers creates the users in the database. They depend on first, the master's secret, with
// which the function logs in. It returns the option for resources that log in as one of the users.
func createUsers(s scope, r rotation, all logins, first pulumi.Resource) (pulumi.ResourceOption, error) {
	created := []pulumi.Resource{first}
	for _, user := range []struct {
		label string
		login login
	}{{loader.label, all.loader}, {reader.label, all.reader}} {
		made, err := createUser(s.within(user.label+"-user").with(after(first)), r, user.login)
		if err != nil {
			return nil, err
		}
		created = append(created, made)
	}
	return after(created...), nil
}

// createUser invokes the function to create a login's user in the database and write
// the facts of the login to the secret, and again when either changes. The update
// fails if the function does. The secret's version is not a trigger, because
// only its first version is in the program. In a paused stack, changes wait for the
// update that resumes it.
func createUser(s scope, r rotation, user login) (pulumi.Resource, error) {
	if r.paused {
		s = s.with(pulumi.IgnoreChanges([]string{"input", "triggers"}))
	}
	made, err := lambda.NewInvocation(s.ctx, s.name, &lambda.InvocationArgs{
		FunctionName: r.function.Name,
		Input: pulumi.JSONMarshal(pulumi.Map{
			"Step": pulumi.String(rotationapi.CreateUser), "SecretId": user.secret.Arn, "Facts": user.facts,
		}),
		Triggers: pulumi.StringMap{
			"code":     r.function.SourceCodeHash,
			"database": r.server.id,
			"grants":   r.grants,
		},
	}, s.parent, after(user.version))
	if err != nil {
		return nil, fmt.Errorf("user of the database: %w", err)
	}
	return made, nil
}
