package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Etl is the Glue job that loads the events, its way to the database, and the
// workflow that starts it after the crawler.
type Etl struct {
	pulumi.ResourceState

	Job      pulumi.StringOutput
	Workflow pulumi.StringOutput
}

// EtlArgs are the inputs of an Etl.
type EtlArgs struct {
	Site     Site
	Common   config.Common
	Etl      config.Etl
	Catalog  config.Catalog // names of what the job reads
	Storage  *Storage
	Network  *Network
	Database *Database
	// Tables is the catalog that the job reads, with its crawler.
	Tables *Catalog
}

// NewEtl makes an Etl.
func NewEtl(ctx *pulumi.Context, name string, args *EtlArgs, opts ...pulumi.ResourceOption) (*Etl, error) {
	e := &Etl{}
	child, err := register(ctx, "Etl", name, pulumi.Map{
		"job":         pulumi.String(args.Etl.JobName),
		"workerType":  pulumi.String(args.Etl.WorkerType),
		"workers":     pulumi.Int(args.Etl.Workers),
		"schedule":    pulumi.String(args.Etl.Schedule),
		"targetTable": pulumi.String(args.Etl.TargetTable),
	}, e, opts)
	if err != nil {
		return nil, err
	}
	connection, err := newConnection(ctx, name, args, child)
	if err != nil {
		return nil, err
	}
	if e.Job, err = newJob(ctx, name, args, connection.Name, child); err != nil {
		return nil, err
	}
	if e.Workflow, err = e.newWorkflow(ctx, name, args, child); err != nil {
		return nil, err
	}
	return e, ctx.RegisterResourceOutputs(e, pulumi.Map{"job": e.Job, "workflow": e.Workflow})
}

// newConnection is the job's way into the VPC and to the database: it holds the
// secret's name, never a password, and accepts TLS only.
func newConnection(ctx *pulumi.Context, name string, args *EtlArgs, child pulumi.ResourceOption) (*glue.Connection, error) {
	subnet := args.Network.AppSubnets[0]
	c, err := glue.NewConnection(ctx, name+"-connection", &glue.ConnectionArgs{
		Name:           pulumi.String(name + "-mysql"),
		Description:    pulumi.String("The store events database, with the login of its secret"),
		ConnectionType: pulumi.String("JDBC"),
		ConnectionProperties: pulumi.StringMap{
			"JDBC_CONNECTION_URL": pulumi.Sprintf("jdbc:mysql://%s/%s", args.Database.Endpoint, args.Database.Name),
			"JDBC_ENFORCE_SSL":    pulumi.String("true"),
			"SECRET_ID":           args.Database.LoaderSecretArn,
		},
		PhysicalConnectionRequirements: glue.ConnectionPhysicalConnectionRequirementsArgs{
			AvailabilityZone:     subnet.AvailabilityZone,
			SubnetId:             subnet.ID(),
			SecurityGroupIdLists: pulumi.StringArray{args.Network.Groups.Job.ID()},
		},
	}, child, args.Database.Ready)
	if err != nil {
		return nil, fmt.Errorf("glue connection: %w", err)
	}
	return c, nil
}

// newWorkflow starts the crawler on schedule, and the job when a crawl has
// succeeded.
func (e *Etl) newWorkflow(ctx *pulumi.Context, name string, args *EtlArgs, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	flow, err := glue.NewWorkflow(ctx, name+"-workflow", &glue.WorkflowArgs{
		Name:              pulumi.String(name),
		Description:       pulumi.String("Crawls the events, then loads them"),
		MaxConcurrentRuns: pulumi.Int(1),
	}, child)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("workflow: %w", err)
	}
	crawl, err := e.newStart(ctx, name, args, flow.Name, child)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	// One trigger of a workflow at a time: Glue refuses concurrent changes of it.
	_, err = glue.NewTrigger(ctx, name+"-crawled", &glue.TriggerArgs{
		Name:         pulumi.String(name + "-crawled"),
		Description:  pulumi.String("Starts the job when the crawl has succeeded"),
		Type:         pulumi.String("CONDITIONAL"),
		WorkflowName: flow.Name,
		Actions:      glue.TriggerActionArray{glue.TriggerActionArgs{JobName: e.Job}},
		Predicate: glue.TriggerPredicateArgs{
			Conditions: glue.TriggerPredicateConditionArray{glue.TriggerPredicateConditionArgs{
				CrawlerName: args.Tables.Crawler,
				CrawlState:  pulumi.String("SUCCEEDED"),
			}},
		},
	}, child, pulumi.DependsOn([]pulumi.Resource{crawl}))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("job's trigger: %w", err)
	}
	return flow.Name, nil
}

// newStart makes the trigger that a run of the workflow begins with. Without a
// schedule it is one on demand: a scheduled one that is not activated is not
// documented to be started by StartWorkflowRun.
// https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
func (e *Etl) newStart(ctx *pulumi.Context, name string, args *EtlArgs, workflow pulumi.StringInput, child pulumi.ResourceOption) (*glue.Trigger, error) {
	spec := &glue.TriggerArgs{
		Name:        pulumi.String(name + "-start"),
		Description: pulumi.String("Starts the crawler on demand"),
		Type:        pulumi.String("ON_DEMAND"),
		// The provider fires a trigger on demand at once if it is enabled.
		Enabled:      pulumi.Bool(args.Etl.ScheduleEnabled),
		WorkflowName: workflow,
		Actions:      glue.TriggerActionArray{glue.TriggerActionArgs{CrawlerName: args.Tables.Crawler}},
	}
	if args.Etl.ScheduleEnabled {
		spec.Description = pulumi.String("Starts the crawler on schedule")
		spec.Type, spec.Schedule = pulumi.String("SCHEDULED"), pulumi.String(args.Etl.Schedule)
	}
	// Its name is fixed and a workflow has one start only.
	t, err := glue.NewTrigger(ctx, name+"-start", spec, child, pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return nil, fmt.Errorf("workflow's start: %w", err)
	}
	return t, nil
}
