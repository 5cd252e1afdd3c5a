package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newInstance creates the instance and the resources that it needs.
func newInstance(s scope, args *DatabaseArgs, password *random.RandomPassword) (*rds.Instance, error) {
	identifier, err := newIdentifier(s, args)
	if err != nil {
		return nil, err
	}
	logs, err := newDatabaseLogs(s, args, identifier)
	if err != nil {
		return nil, err
	}
	spec := instanceArgs(args, identifier)
	spec.Password = password.Result
	spec.Tags = args.Environment.classified(s.name)
	subnets, err := newSubnetGroup(s, args.Network)
	if err != nil {
		return nil, err
	}
	spec.DbSubnetGroupName = subnets.Name
	parameters, err := newParameterGroup(s)
	if err != nil {
		return nil, err
	}
	spec.ParameterGroupName = parameters.Name
	if err := monitor(s, args, spec); err != nil {
		return nil, err
	}
	instance, err := rds.NewInstance(s.ctx, s.label("instance"), spec,
		s.parent, logs, pulumi.Protect(args.Environment.ProtectData), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return nil, fmt.Errorf("database instance: %w", err)
	}
	return instance, nil
}

// RDS stripes a gp3 volume of MySQL over four volumes from a certain size, and then refuses values below its baseline,
// which the price of the storage includes. Without a value, the provider sends the baseline from before the instance
// grew. Below that size RDS refuses any value.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
// https://github.com/hashicorp/terraform-provider-aws/issues/28382
const (
	stripedGiB        = 400
	stripedIOPS       = 12000
	stripedThroughput = 500 // MiB a second.
)

// instanceArgs returns the inputs of the instance that need no other resource.
func instanceArgs(args *DatabaseArgs, identifier pulumi.StringOutput) *rds.InstanceArgs {
	settings, keep := args.Settings, args.Environment.ProtectData
	spec := &rds.InstanceArgs{
		Identifier:    identifier,
		Engine:        pulumi.String("mysql"),
		EngineVersion: pulumi.String(settings.EngineVersion),
		InstanceClass: pulumi.String(settings.InstanceClass),
		DbName:        pulumi.String(settings.Name),
		Username:      pulumi.String(settings.User),
		Port:          pulumi.Int(settings.Port),

		StorageType:         pulumi.String("gp3"),
		AllocatedStorage:    pulumi.Int(settings.StorageGiB),
		MaxAllocatedStorage: pulumi.Int(settings.MaxStorageGiB),
		StorageEncrypted:    pulumi.Bool(true),
		KmsKeyId:            args.Storage.KeyArn,

		VpcSecurityGroupIds: pulumi.StringArray{args.Network.SecurityGroups.Database},
		PubliclyAccessible:  pulumi.Bool(false),
		MultiAz:             pulumi.Bool(settings.MultiAz),
		CaCertIdentifier:    pulumi.String("rds-ca-rsa2048-g1"),
		// For people: the job and the consumer log in with their secrets.
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),

		AutoMinorVersionUpgrade: pulumi.Bool(settings.MinorUpgrades()),
		// Until the maintenance window, a pending change would appear in every preview
		// and be requested again by every update.
		ApplyImmediately: pulumi.Bool(true),

		BackupRetentionPeriod:  pulumi.Int(settings.BackupDays),
		CopyTagsToSnapshot:     pulumi.Bool(true),
		DeletionProtection:     pulumi.Bool(keep),
		DeleteAutomatedBackups: pulumi.Bool(!keep),
		SkipFinalSnapshot:      pulumi.Bool(!keep),

		EnabledCloudwatchLogsExports: list(exportedLogs...),
	}
	if settings.StorageGiB >= stripedGiB {
		spec.Iops, spec.StorageThroughput = pulumi.Int(stripedIOPS), pulumi.Int(stripedThroughput)
	}
	if keep {
		spec.FinalSnapshotIdentifier = pulumi.Sprintf("%s-final", identifier)
	}
	return spec
}

// newIdentifier returns a unique name. The final snapshot, and the log groups that RDS
// creates again after a deletion, contain it: they must not collide with those of a
// later instance of the stack.
func newIdentifier(s scope, args *DatabaseArgs) (pulumi.StringOutput, error) {
	id, err := random.NewRandomId(s.ctx, s.label("instance-id"), &random.RandomIdArgs{
		ByteLength: pulumi.Int(4),
		Keepers: pulumi.StringMap{ // What replaces the instance.
			"database": pulumi.String(args.Settings.Name),
			"user":     pulumi.String(args.Settings.User),
			"key":      args.Storage.KeyArn,
		},
	}, s.parent)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("database identifier: %w", err)
	}
	return pulumi.Sprintf("%s-%s", s.name, id.Hex), nil
}

func newSubnetGroup(s scope, network *Network) (*rds.SubnetGroup, error) {
	g, err := rds.NewSubnetGroup(s.ctx, s.label("subnets"), &rds.SubnetGroupArgs{
		Description: pulumi.String("Subnets of the store events database"),
		SubnetIds:   network.DbSubnetIDs,
		Tags:        tagged(s.name),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("database subnet group: %w", err)
	}
	return g, nil
}
