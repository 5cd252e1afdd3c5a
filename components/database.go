package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Database is the private MySQL that the job loads, and the secrets with which
// it is reached.
type Database struct {
	pulumi.ResourceState

	Identifier pulumi.StringOutput
	// Endpoint is host:port.
	Endpoint pulumi.StringOutput
	Name     pulumi.StringOutput
	// SecretArn is the master's secret, LoaderSecretArn that of the user that loads
	// the events, ReaderSecretArn that of the one that queries them.
	SecretArn       pulumi.StringOutput
	LoaderSecretArn pulumi.StringOutput
	ReaderSecretArn pulumi.StringOutput
	// Ready is the option of resources that log in when they start.
	Ready pulumi.ResourceOption
}

// DatabaseArgs are the inputs of a Database.
type DatabaseArgs struct {
	Site     Site
	Common   config.Common
	Database config.Database
	Network  *Network
	Storage  *Storage
	// TargetTable is the table of the events.
	TargetTable string
	// Rotation is the path of the rotation function's zip on this machine.
	Rotation string
}

// NewDatabase makes a Database.
func NewDatabase(ctx *pulumi.Context, name string, args *DatabaseArgs, opts ...pulumi.ResourceOption) (*Database, error) {
	d := &Database{}
	child, err := register(ctx, "Database", name, pulumi.Map{
		"instanceClass": pulumi.String(args.Database.InstanceClass),
		"engineVersion": pulumi.String(args.Database.EngineVersion),
		"multiAz":       pulumi.Bool(args.Database.MultiAz),
		"protectData":   pulumi.Bool(args.Common.ProtectData),
	}, d, opts)
	if err != nil {
		return nil, err
	}
	master, err := newSecret(ctx, name+"-login", name, args, "Master login of the store events database", child)
	if err != nil {
		return nil, err
	}
	password, err := newPassword(ctx, name+"-password", master, child)
	if err != nil {
		return nil, err
	}
	instance, err := newInstance(ctx, name, args, password, child)
	if err != nil {
		return nil, err
	}
	d.Identifier, d.Endpoint, d.Name = instance.Identifier, instance.Endpoint, instance.DbName
	if err := d.newUsers(ctx, name, args, instance, master, password, child); err != nil {
		return nil, err
	}
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{
		"identifier":      d.Identifier,
		"endpoint":        d.Endpoint,
		"secretArn":       d.SecretArn,
		"loaderSecretArn": d.LoaderSecretArn,
		"readerSecretArn": d.ReaderSecretArn,
	})
}

func newInstance(ctx *pulumi.Context, name string, args *DatabaseArgs, password *random.RandomPassword, child pulumi.ResourceOption) (*rds.Instance, error) {
	settings, keep := args.Database, args.Common.ProtectData
	subnets, err := newSubnetGroup(ctx, name, args.Network, child)
	if err != nil {
		return nil, err
	}
	parameters, err := newParameterGroup(ctx, name, child)
	if err != nil {
		return nil, err
	}
	identifier, err := newIdentifier(ctx, name, args, child)
	if err != nil {
		return nil, err
	}
	logs, err := newDatabaseLogs(ctx, name, args, identifier, child)
	if err != nil {
		return nil, err
	}
	spec := &rds.InstanceArgs{
		Identifier:    identifier,
		Engine:        pulumi.String("mysql"),
		EngineVersion: pulumi.String(settings.EngineVersion),
		InstanceClass: pulumi.String(settings.InstanceClass),
		DbName:        pulumi.String(settings.Name),
		Username:      pulumi.String(settings.User),
		Password:      password.Result,
		Port:          pulumi.Int(settings.Port),

		StorageType:         pulumi.String("gp3"),
		AllocatedStorage:    pulumi.Int(settings.StorageGiB),
		MaxAllocatedStorage: pulumi.Int(settings.MaxStorageGiB),
		StorageEncrypted:    pulumi.Bool(true),
		KmsKeyId:            args.Storage.KeyArn,

		DbSubnetGroupName:   subnets.Name,
		VpcSecurityGroupIds: pulumi.StringArray{args.Network.Groups.Database.ID()},
		PubliclyAccessible:  pulumi.Bool(false),
		MultiAz:             pulumi.Bool(settings.MultiAz),
		CaCertIdentifier:    pulumi.String("rds-ca-rsa2048-g1"),
		// For people: the job and the consumer log in with their secrets.
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),

		ParameterGroupName:      parameters.Name,
		AutoMinorVersionUpgrade: pulumi.Bool(settings.MinorUpgrades()),
		// A change that waits for the maintenance window would show up in every
		// preview until then, and be asked for again by every update.
		ApplyImmediately: pulumi.Bool(true),

		BackupRetentionPeriod:  pulumi.Int(settings.BackupDays),
		CopyTagsToSnapshot:     pulumi.Bool(true),
		DeletionProtection:     pulumi.Bool(keep),
		DeleteAutomatedBackups: pulumi.Bool(!keep),
		SkipFinalSnapshot:      pulumi.Bool(!keep),

		EnabledCloudwatchLogsExports: list(exportedLogs...),
		Tags:                         classified(name, args.Common),
	}
	if keep {
		spec.FinalSnapshotIdentifier = pulumi.Sprintf("%s-final", identifier)
	}
	if err := monitor(ctx, name, args, spec, child); err != nil {
		return nil, err
	}
	instance, err := rds.NewInstance(ctx, name+"-instance", spec, child, logs, pulumi.Protect(keep), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return nil, fmt.Errorf("database instance: %w", err)
	}
	return instance, nil
}

// newIdentifier makes a name for this one instance. Its final snapshot and the log
// groups that RDS makes again after its deletion have the name too: a later
// instance of the stack must not meet them.
func newIdentifier(ctx *pulumi.Context, name string, args *DatabaseArgs, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	id, err := random.NewRandomId(ctx, name+"-instance-id", &random.RandomIdArgs{
		ByteLength: pulumi.Int(4),
		Keepers: pulumi.StringMap{ // What replaces the instance.
			"database": pulumi.String(args.Database.Name),
			"user":     pulumi.String(args.Database.User),
			"key":      args.Storage.KeyArn,
		},
	}, child)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("database identifier: %w", err)
	}
	return pulumi.Sprintf("%s-%s", name, id.Hex), nil
}

func newSubnetGroup(ctx *pulumi.Context, name string, network *Network, child pulumi.ResourceOption) (*rds.SubnetGroup, error) {
	ids := make(pulumi.StringArray, len(network.DbSubnets))
	for i, s := range network.DbSubnets {
		ids[i] = s.ID()
	}
	g, err := rds.NewSubnetGroup(ctx, name+"-subnets", &rds.SubnetGroupArgs{
		Description: pulumi.String("Subnets without a route out, for the store events database"),
		SubnetIds:   ids,
		Tags:        tagged(name),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("database subnet group: %w", err)
	}
	return g, nil
}
