package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newWorkflow creates the workflow that starts the job. It does not contain the crawler:
// the job lists the streams itself, so slow or failed crawls do not delay a load.
func (e *Etl) newWorkflow(s scope, args *EtlArgs) (pulumi.StringOutput, error) {
	flow, err := glue.NewWorkflow(s.ctx, s.label("workflow"), &glue.WorkflowArgs{
		Name:              pulumi.String(s.name),
		Description:       pulumi.String("Loads new events"),
		MaxConcurrentRuns: pulumi.Int(1),
	}, s.parent)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("workflow: %w", err)
	}
	return flow.Name, e.newStart(s, args, flow.Name)
}

// newStart creates the trigger that starts a run of the workflow. Without a schedule
// it is on demand: AWS does not document that StartWorkflowRun fires a scheduled
// trigger that is not activated.
// https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
func (e *Etl) newStart(s scope, args *EtlArgs, workflow pulumi.StringInput) error {
	spec := &glue.TriggerArgs{
		Name:        pulumi.String(s.label("start")),
		Description: pulumi.String("Starts the job on demand"),
		Type:        pulumi.String("ON_DEMAND"),
		// The provider fires an enabled on-demand trigger immediately.
		Enabled:      pulumi.Bool(args.Settings.Scheduled()),
		WorkflowName: workflow,
		Actions:      glue.TriggerActionArray{glue.TriggerActionArgs{JobName: e.Job}},
	}
	if args.Settings.Scheduled() {
		spec.Description = pulumi.String("Starts the job on schedule")
		spec.Type, spec.Schedule = pulumi.String("SCHEDULED"), pulumi.String(args.Settings.Schedule)
	}
	// Its name is fixed, and a workflow can have only one start trigger.
	_, err := glue.NewTrigger(s.ctx, s.label("start"), spec, s.parent, pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return fmt.Errorf("workflow's start: %w", err)
	}
	return nil
}
