package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Etl is the Glue job that loads the events, its connection to the database, and
// the workflow that starts it.
type Etl struct {
	pulumi.ResourceState

	Job      pulumi.StringOutput `pulumi:"job"`
	Workflow pulumi.StringOutput `pulumi:"workflow"`
}

// EtlArgs are the inputs of an Etl.
type EtlArgs struct {
	Environment Environment
	Settings    config.Etl
	Storage     *Storage
	Network     *Network
	Database    *Database
	Catalog     *Catalog
	// LineageKeyArn is the customer managed key of the lineage server's secret, if any.
	LineageKeyArn string
}

// NewEtl creates an Etl.
func NewEtl(ctx *pulumi.Context, name string, args *EtlArgs, opts ...pulumi.ResourceOption) (*Etl, error) {
	e := &Etl{}
	s, err := open(ctx, name, e, pulumi.Map{
		"job":         pulumi.String(args.Settings.JobName),
		"workerType":  pulumi.String(args.Settings.WorkerType),
		"workers":     pulumi.Int(args.Settings.Workers),
		"schedule":    pulumi.String(args.Settings.Schedule),
		"targetTable": pulumi.String(args.Settings.TargetTable),
	}, opts)
	if err != nil {
		return nil, err
	}
	connection, err := newConnection(s, args)
	if err != nil {
		return nil, err
	}
	if e.Job, err = newJob(s, args, connection.Name); err != nil {
		return nil, err
	}
	if e.Workflow, err = e.newWorkflow(s, args); err != nil {
		return nil, err
	}
	return e, s.close(e)
}

// newConnection connects the job to the VPC and the database. It contains the name
// of the secret instead of a password, and requires TLS.
func newConnection(s scope, args *EtlArgs) (*glue.Connection, error) {
	c, err := glue.NewConnection(s.ctx, s.label("connection"), &glue.ConnectionArgs{
		Name:           pulumi.String(s.label("mysql")),
		Description:    pulumi.String("The store events database, with the credentials in its secret"),
		ConnectionType: pulumi.String("JDBC"),
		ConnectionProperties: pulumi.StringMap{
			"JDBC_CONNECTION_URL": pulumi.Sprintf("jdbc:mysql://%s/%s", args.Database.Endpoint, args.Database.Name),
			"JDBC_ENFORCE_SSL":    pulumi.String("true"),
			"SECRET_ID":           args.Database.LoaderSecretArn,
		},
		PhysicalConnectionRequirements: glue.ConnectionPhysicalConnectionRequirementsArgs{
			AvailabilityZone:     args.Network.AppZones[0],
			SubnetId:             args.Network.AppSubnetIDs[0],
			SecurityGroupIdLists: pulumi.StringArray{args.Network.SecurityGroups.Job},
		},
	}, s.parent, args.Database.Ready)
	if err != nil {
		return nil, fmt.Errorf("glue connection: %w", err)
	}
	return c, nil
}
