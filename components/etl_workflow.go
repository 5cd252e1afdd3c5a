package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newWorkflow creates the workflow that runs the crawler on schedule, and the job
// after a successful crawl.
func (e *Etl) newWorkflow(s scope, args *EtlArgs) (pulumi.StringOutput, error) {
	flow, err := glue.NewWorkflow(s.ctx, s.label("workflow"), &glue.WorkflowArgs{
		Name:              pulumi.String(s.name),
		Description:       pulumi.String("Crawls the events, then loads them"),
		MaxConcurrentRuns: pulumi.Int(1),
	}, s.parent)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("workflow: %w", err)
	}
	crawl, err := newStart(s, args, flow.Name)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	// One trigger of a workflow at a time: Glue refuses concurrent changes of it.
	_, err = glue.NewTrigger(s.ctx, s.label("crawled"), &glue.TriggerArgs{
		Name:         pulumi.String(s.label("crawled")),
		Description:  pulumi.String("Starts the job when the crawl has succeeded"),
		Type:         pulumi.String("CONDITIONAL"),
		WorkflowName: flow.Name,
		Actions:      glue.TriggerActionArray{glue.TriggerActionArgs{JobName: e.Job}},
		Predicate: glue.TriggerPredicateArgs{
			Conditions: glue.TriggerPredicateConditionArray{glue.TriggerPredicateConditionArgs{
				CrawlerName: args.Catalog.Crawler,
				CrawlState:  pulumi.String("SUCCEEDED"),
			}},
		},
	}, s.parent, after(crawl))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("job's trigger: %w", err)
	}
	return flow.Name, nil
}

// newStart creates the trigger that a run of the workflow begins with. Without a
// schedule it is one on demand: AWS does not document that StartWorkflowRun starts
// a scheduled trigger that is not activated.
// https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
func newStart(s scope, args *EtlArgs, workflow pulumi.StringInput) (*glue.Trigger, error) {
	spec := &glue.TriggerArgs{
		Name:        pulumi.String(s.label("start")),
		Description: pulumi.String("Starts the crawler on demand"),
		Type:        pulumi.String("ON_DEMAND"),
		// The provider fires a trigger on demand at once if it is enabled.
		Enabled:      pulumi.Bool(args.Settings.Scheduled()),
		WorkflowName: workflow,
		Actions:      glue.TriggerActionArray{glue.TriggerActionArgs{CrawlerName: args.Catalog.Crawler}},
	}
	if args.Settings.Scheduled() {
		spec.Description = pulumi.String("Starts the crawler on schedule")
		spec.Type, spec.Schedule = pulumi.String("SCHEDULED"), pulumi.String(args.Settings.Schedule)
	}
	// Its name is fixed and a workflow has one start only.
	t, err := glue.NewTrigger(s.ctx, s.label("start"), spec, s.parent, pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return nil, fmt.Errorf("workflow's start: %w", err)
	}
	return t, nil
}
