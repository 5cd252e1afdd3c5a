package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Database is the private MySQL that the job loads, and the secrets with which
// clients log in to it.
type Database struct {
	pulumi.ResourceState

	Identifier pulumi.StringOutput `pulumi:"identifier"`
	// Endpoint is host:port.
	Endpoint pulumi.StringOutput `pulumi:"endpoint"`
	Name     pulumi.StringOutput `pulumi:"name"`
	// SecretArn is the master's secret, LoaderSecretArn that of the user that loads
	// the events, ReaderSecretArn that of the one that queries them.
	SecretArn       pulumi.StringOutput `pulumi:"secretArn"`
	LoaderSecretArn pulumi.StringOutput `pulumi:"loaderSecretArn"`
	ReaderSecretArn pulumi.StringOutput `pulumi:"readerSecretArn"`
	// Rotation is the name of the function that changes the passwords.
	Rotation pulumi.StringOutput `pulumi:"rotation"`
	// Ready is the option of resources that log in when they start.
	Ready pulumi.ResourceOption
}

// DatabaseArgs are the inputs of a Database.
type DatabaseArgs struct {
	Environment Environment
	Settings    config.Database
	Storage     *Storage
	Network     *Network
	// TargetTable is the table of the events.
	TargetTable string
	// RotationZip is the path of the rotation function's zip on this machine.
	RotationZip string
}

// NewDatabase creates a Database.
func NewDatabase(ctx *pulumi.Context, name string, args *DatabaseArgs, opts ...pulumi.ResourceOption) (*Database, error) {
	d := &Database{}
	s, err := open(ctx, name, d, pulumi.Map{
		"instanceClass": pulumi.String(args.Settings.InstanceClass),
		"engineVersion": pulumi.String(args.Settings.EngineVersion),
		"multiAz":       pulumi.Bool(args.Settings.MultiAz),
		"protectData":   pulumi.Bool(args.Environment.ProtectData),
	}, opts)
	if err != nil {
		return nil, err
	}
	master, err := newCredential(s, args, s.name, "Master login of the store events database")
	if err != nil {
		return nil, err
	}
	instance, err := newInstance(s, args, master.password)
	if err != nil {
		return nil, err
	}
	d.Identifier, d.Endpoint, d.Name = instance.Identifier, instance.Endpoint, instance.DbName
	logins, err := newLogins(s, args, instance, master)
	if err != nil {
		return nil, err
	}
	d.SecretArn, d.LoaderSecretArn, d.ReaderSecretArn = logins.master.secret.Arn, logins.loader.secret.Arn, logins.reader.secret.Arn
	function, err := newRotation(s, args, logins)
	if err != nil {
		return nil, err
	}
	d.Rotation = function.Name
	if d.Ready, err = createUsers(s, args, rotation{function, instance}, logins); err != nil {
		return nil, err
	}
	if err := rotateSecrets(s, args, function, logins, d.Ready); err != nil {
		return nil, err
	}
	return d, s.close(d)
}
