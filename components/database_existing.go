package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
	"store-events/lambda/rotation/rotationapi"
)

// ExistingDatabase is what AWS reports about the secrets of an existing server.
type ExistingDatabase struct {
	// KeyArns are the customer managed keys that encrypt its secrets.
	KeyArns []string
}

// lookupDatabase finds the keys of the secrets.
func lookupDatabase(ctx *pulumi.Context, env Environment, settings config.Database) (found ExistingDatabase, err error) {
	for setting, arn := range settings.Secrets() {
		key, err := secretKey(ctx, env, setting, arn)
		if err != nil {
			return found, err
		}
		if key != "" {
			found.KeyArns = append(found.KeyArns, key)
		}
	}
	slices.Sort(found.KeyArns) // So that the policy is the same in each update.
	found.KeyArns = slices.Compact(found.KeyArns)
	return found, nil
}

// attachExisting checks an existing server before anything uses it. With an administrator's
// login it creates the users; otherwise it checks the privileges of the existing users.
func (d *Database) attachExisting(s scope, args *DatabaseArgs) (err error) {
	settings := args.Settings
	d.Identifier, d.Name = output(settings.Host), output(settings.Name)
	d.Endpoint = output(fmt.Sprintf("%s:%d", settings.Host, settings.Port))
	d.SecretArn, d.keys = output(settings.SecretArn), args.Existing.KeyArns
	on := server{host: d.Identifier, port: pulumi.Int(settings.Port), database: d.Name, id: d.Endpoint}
	r := rotation{server: on, grants: grants(s, args)}
	if !settings.Administered() {
		return d.useUsers(s, args, r)
	}
	all, err := newLogins(s, args, on, d.SecretArn)
	if err != nil {
		return err
	}
	d.LoaderSecretArn, d.ReaderSecretArn = all.loader.secret.Arn, all.reader.secret.Arn
	if r.function, err = newRotation(s, args, r.grants, pulumi.StringArray{d.LoaderSecretArn, d.ReaderSecretArn}); err != nil {
		return err
	}
	d.Rotation = r.function.Name
	checked, err := checkServer(s.within("server-check"), args, r, d.SecretArn, nil)
	if err != nil {
		return err
	}
	if d.Ready, err = createUsers(s, r, all, checked); err != nil {
		return err
	}
	return rotateSecrets(args, r.function, d.Ready, all.rotated(s)...)
}

// useUsers checks existing users. Nothing changes their passwords.
func (d *Database) useUsers(s scope, args *DatabaseArgs, r rotation) (err error) {
	d.LoaderSecretArn, d.ReaderSecretArn = output(args.Settings.LoaderSecretArn), output(args.Settings.ReaderSecretArn)
	if r.function, err = newRotation(s, args, r.grants, nil); err != nil {
		return err
	}
	d.Rotation = r.function.Name
	var checked []pulumi.Resource
	for _, u := range []struct {
		user   user
		secret pulumi.StringOutput
	}{{loader, d.LoaderSecretArn}, {reader, d.ReaderSecretArn}} {
		made, err := checkServer(s.within(u.user.label+"-check"), args, r, u.secret, u.user.grants(args))
		if err != nil {
			return err
		}
		checked = append(checked, made)
	}
	d.Ready = after(checked...)
	return nil
}

// checkServer invokes the function to log in to the server and check its settings and the
// user's privileges. The update fails if it finds a problem.
func checkServer(s scope, args *DatabaseArgs, r rotation, secret pulumi.StringInput, grants pulumi.Map) (pulumi.Resource, error) {
	event := pulumi.Map{
		"Step": pulumi.String(rotationapi.CheckDatabase), "SecretId": secret,
		"Facts":       pulumi.Map{"host": r.server.host, "port": r.server.port, "dbname": r.server.database},
		"Connections": pulumi.Int(args.Connections),
	}
	if grants != nil {
		event["Grants"] = grants
	}
	made, err := lambda.NewInvocation(s.ctx, s.name, &lambda.InvocationArgs{
		FunctionName: r.function.Name,
		Input:        pulumi.JSONMarshal(event),
		Triggers:     pulumi.StringMap{"code": r.function.SourceCodeHash},
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("check of the database: %w", err)
	}
	return made, nil
}

func output(text string) pulumi.StringOutput { return pulumi.String(text).ToStringOutput() }
