package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Database is the MySQL server that the job loads, an RDS instance of the stack or an
// existing server, and the secrets with which clients log in.
type Database struct {
	pulumi.ResourceState

	Identifier pulumi.StringOutput `pulumi:"identifier"`
	// Endpoint is host:port.
	Endpoint pulumi.StringOutput `pulumi:"endpoint"`
	Name     pulumi.StringOutput `pulumi:"name"`
	// SecretArn is the master's secret; LoaderSecretArn and ReaderSecretArn are the
	// secrets of the users that load and query the events.
	SecretArn       pulumi.StringOutput `pulumi:"secretArn"`
	LoaderSecretArn pulumi.StringOutput `pulumi:"loaderSecretArn"`
	ReaderSecretArn pulumi.StringOutput `pulumi:"readerSecretArn"`
	// Rotation is the name of the function that changes the passwords.
	Rotation pulumi.StringOutput `pulumi:"rotation"`
	// Ready is the option for resources that log in when they start.
	Ready pulumi.ResourceOption

	// keys are the keys of existing secrets; readers of the secrets are allowed to use them.
	keys []string
}

// DatabaseArgs are the inputs of a Database.
type DatabaseArgs struct {
	Environment Environment
	Settings    config.Database
	Storage     *Storage
	Network     *Network
	// TargetTable is the table of the events.
	TargetTable string
	// Existing describes the existing server, if the settings contain one.
	Existing ExistingDatabase
	// Connections is the maximum number of connections that a run opens at once.
	Connections int
	// RotationZip is the path of the rotation function's zip on this machine.
	RotationZip string
}

// NewDatabase creates a Database.
func NewDatabase(ctx *pulumi.Context, name string, args *DatabaseArgs, opts ...pulumi.ResourceOption) (*Database, error) {
	d := &Database{}
	s, err := open(ctx, name, d, databaseInputs(args), opts)
	if err != nil {
		return nil, err
	}
	if args.Settings.Existing() {
		err = d.attachExisting(s, args)
	} else {
		err = d.create(s, args)
	}
	if err != nil {
		return nil, err
	}
	return d, s.close(d)
}

func databaseInputs(args *DatabaseArgs) pulumi.Map {
	if args.Settings.Existing() {
		return pulumi.Map{"host": pulumi.String(args.Settings.Host), "database": pulumi.String(args.Settings.Name)}
	}
	return pulumi.Map{
		"instanceClass": pulumi.String(args.Settings.InstanceClass),
		"engineVersion": pulumi.String(args.Settings.EngineVersion),
		"multiAz":       pulumi.Bool(args.Settings.MultiAz),
		"protectData":   pulumi.Bool(args.Environment.ProtectData),
	}
}

// create creates an instance with its master and users.
func (d *Database) create(s scope, args *DatabaseArgs) error {
	credential, err := newCredential(s, args, s.name, "Credentials of the master user of the store events database")
	if err != nil {
		return err
	}
	instance, err := newInstance(s, args, credential.password)
	if err != nil {
		return err
	}
	d.Identifier, d.Endpoint, d.Name = instance.Identifier, instance.Endpoint, instance.DbName
	if err := keepStopped(s, args, instance); err != nil {
		return err
	}
	on := server{host: instance.Address, port: instance.Port, database: instance.DbName, id: instance.ResourceId}
	// The instance already has the master's password.
	master, err := newLogin(s, credential, facts(on, instance.Username))
	if err != nil {
		return err
	}
	all, err := newLogins(s, args, on, master.secret.Arn)
	if err != nil {
		return err
	}
	d.SecretArn, d.LoaderSecretArn, d.ReaderSecretArn = master.secret.Arn, all.loader.secret.Arn, all.reader.secret.Arn
	r := rotation{server: on, grants: grants(s, args), paused: args.Environment.Paused}
	if r.function, err = newRotation(s, args, r.grants, pulumi.StringArray{d.SecretArn, d.LoaderSecretArn, d.ReaderSecretArn}); err != nil {
		return err
	}
	d.Rotation = r.function.Name
	first, err := createUser(s.within("master-user"), r, master)
	if err != nil {
		return err
	}
	if d.Ready, err = createUsers(s, r, all, first); err != nil {
		return err
	}
	return rotateSecrets(args, r.function, d.Ready, append([]rotatedLogin{{s, master}}, all.rotated(s)...)...)
}
