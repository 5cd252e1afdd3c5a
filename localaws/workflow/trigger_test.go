package workflow

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func (w *world) getTrigger(name string) types.Trigger {
	w.t.Helper()
	out, err := w.glue.GetTrigger(w.t.Context(), &glue.GetTriggerInput{Name: &name})
	require.NoError(w.t, err)
	return *out.Trigger
}

func TestTriggerIsReturnedUnchanged(t *testing.T) {
	w := newWorld(t)
	w.workflow("etl", nil)
	w.trigger("etl", &glue.CreateTriggerInput{
		Name: aws.String("when"), Type: types.TriggerTypeConditional, Description: aws.String("text"),
		Actions: []types.Action{{
			JobName: aws.String("load"), Arguments: map[string]string{"--a": "b"}, Timeout: aws.Int32(3),
			NotificationProperty:  &types.NotificationProperty{NotifyDelayAfter: aws.Int32(2)},
			SecurityConfiguration: aws.String("encrypted"),
		}},
		Predicate: &types.Predicate{Logical: types.LogicalAny, Conditions: []types.Condition{
			crawled("raw", types.CrawlStateSucceeded), ran("other", types.JobRunStateFailed),
		}},
	})
	unexported := cmpopts.IgnoreUnexported(types.Trigger{}, types.Action{}, types.NotificationProperty{},
		types.Predicate{}, types.Condition{})
	want := types.Trigger{
		Name: aws.String("when"), WorkflowName: aws.String("etl"), Type: types.TriggerTypeConditional,
		State: types.TriggerStateActivated, Description: aws.String("text"),
		Actions: []types.Action{{
			JobName: aws.String("load"), Arguments: map[string]string{"--a": "b"}, Timeout: aws.Int32(3),
			NotificationProperty:  &types.NotificationProperty{NotifyDelayAfter: aws.Int32(2)},
			SecurityConfiguration: aws.String("encrypted"),
		}},
		Predicate: &types.Predicate{Logical: types.LogicalAny, Conditions: []types.Condition{
			crawled("raw", types.CrawlStateSucceeded), ran("other", types.JobRunStateFailed),
		}},
	}
	require.Empty(t, cmp.Diff(want, w.getTrigger("when"), unexported))

	_, err := w.glue.UpdateTrigger(t.Context(), &glue.UpdateTriggerInput{Name: aws.String("when"), TriggerUpdate: &types.TriggerUpdate{
		Actions:   starts("crawler:raw"),
		Predicate: &types.Predicate{Conditions: []types.Condition{ran("load", types.JobRunStateTimeout)}},
	}})
	require.NoError(t, err)
	want.Description, want.Actions = nil, starts("crawler:raw")
	want.Predicate = &types.Predicate{Conditions: []types.Condition{ran("load", types.JobRunStateTimeout)}}
	require.Empty(t, cmp.Diff(want, w.getTrigger("when"), unexported))
}

func TestTriggerStates(t *testing.T) {
	w := newWorld(t)
	name := aws.String("hourly")
	_, err := w.glue.CreateTrigger(t.Context(), &glue.CreateTriggerInput{
		Name: name, Type: types.TriggerTypeScheduled, Schedule: aws.String("cron(0 * * * ? *)"), Actions: starts("crawler:raw"),
	})
	require.NoError(t, err)
	require.Equal(t, types.TriggerStateCreated, w.getTrigger("hourly").State)
	var invalid *types.InvalidInputException
	_, err = w.glue.StopTrigger(t.Context(), &glue.StopTriggerInput{Name: name})
	require.ErrorAs(t, err, &invalid)
	require.ErrorContains(t, err, "The operation is not allowed when trigger is in state: CREATED")
	_, err = w.glue.StartTrigger(t.Context(), &glue.StartTriggerInput{Name: name})
	require.NoError(t, err)
	require.Equal(t, types.TriggerStateActivated, w.getTrigger("hourly").State)
	_, err = w.glue.StopTrigger(t.Context(), &glue.StopTriggerInput{Name: name})
	require.NoError(t, err)
	require.Equal(t, types.TriggerStateDeactivated, w.getTrigger("hourly").State)
	require.Empty(t, w.crawlers.names())

	w.workflow("etl", nil)
	w.trigger("etl", &glue.CreateTriggerInput{Name: aws.String("events"), Type: types.TriggerTypeEvent, Actions: starts("load")})
	_, err = w.glue.StartTrigger(t.Context(), &glue.StartTriggerInput{Name: aws.String("events")})
	require.ErrorAs(t, err, &invalid)
	require.ErrorContains(t, err, "Trigger Type EVENT cannot be started")
}

func TestTriggersAreListedAndDeleted(t *testing.T) {
	w := newWorld(t)
	for name, action := range map[string]string{"a": "load", "b": "crawler:raw", "c": "load"} {
		w.trigger("", &glue.CreateTriggerInput{Name: &name, Type: types.TriggerTypeOnDemand, Actions: starts(action)})
	}
	_, err := w.glue.CreateTrigger(t.Context(), &glue.CreateTriggerInput{
		Name: aws.String("a"), Type: types.TriggerTypeOnDemand, Actions: starts("load"),
	})
	var exists *types.AlreadyExistsException
	require.ErrorAs(t, err, &exists)
	list, err := w.glue.ListTriggers(t.Context(), &glue.ListTriggersInput{DependentJobName: aws.String("load")})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "c"}, list.TriggerNames)
	all, err := w.glue.GetTriggers(t.Context(), &glue.GetTriggersInput{MaxResults: aws.Int32(2)})
	require.NoError(t, err)
	require.Len(t, all.Triggers, 2)
	require.NotNil(t, all.NextToken)

	_, err = w.glue.DeleteTrigger(t.Context(), &glue.DeleteTriggerInput{Name: aws.String("a")})
	require.NoError(t, err)
	batch, err := w.glue.BatchGetTriggers(t.Context(), &glue.BatchGetTriggersInput{TriggerNames: []string{"a", "b"}})
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, batch.TriggersNotFound)
	require.Equal(t, "b", *batch.Triggers[0].Name)
}

func TestInvalidTriggersAreRefused(t *testing.T) {
	w := newWorld(t)
	w.workflow("etl", nil)
	w.trigger("etl", &glue.CreateTriggerInput{Name: aws.String("first"), Type: types.TriggerTypeOnDemand, Actions: starts("load")})
	when := &types.Predicate{Conditions: []types.Condition{ran("a", types.JobRunStateSucceeded)}}
	for name, in := range map[string]*glue.CreateTriggerInput{
		"no schedule":    {Type: types.TriggerTypeScheduled, Actions: starts("load")},
		"bad schedule":   {Type: types.TriggerTypeScheduled, Actions: starts("load"), Schedule: aws.String("cron(0 * * * *)")},
		"no predicate":   {Type: types.TriggerTypeConditional, Actions: starts("load")},
		"no condition":   {Type: types.TriggerTypeConditional, Actions: starts("load"), Predicate: &types.Predicate{}},
		"no actions":     {Type: types.TriggerTypeConditional, Actions: []types.Action{}, Predicate: when},
		"empty action":   {Type: types.TriggerTypeConditional, Actions: []types.Action{{}}, Predicate: when},
		"on creation":    {Type: types.TriggerTypeOnDemand, Actions: starts("load"), StartOnCreation: true},
		"second starter": {Type: types.TriggerTypeOnDemand, Actions: starts("load"), WorkflowName: aws.String("etl")},
		"no logical": {Type: types.TriggerTypeConditional, Actions: starts("load"), Predicate: &types.Predicate{
			Conditions: []types.Condition{ran("a", types.JobRunStateSucceeded), ran("b", types.JobRunStateSucceeded)},
		}},
		"its own condition": {Type: types.TriggerTypeConditional, Actions: starts("b", "a"), Predicate: when},
		"no operator": {Type: types.TriggerTypeConditional, Actions: starts("load"), Predicate: &types.Predicate{
			Conditions: []types.Condition{{JobName: aws.String("a"), State: types.JobRunStateSucceeded}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			in.Name = aws.String("t")
			_, err := w.glue.CreateTrigger(t.Context(), in)
			var invalid *types.InvalidInputException
			require.ErrorAs(t, err, &invalid)
		})
	}
	_, err := w.glue.CreateTrigger(t.Context(), &glue.CreateTriggerInput{
		Name: aws.String("t"), Type: types.TriggerTypeOnDemand, Actions: starts("load"), WorkflowName: aws.String("none"),
	})
	var missing *types.EntityNotFoundException
	require.ErrorAs(t, err, &missing)
}

func TestScheduledTriggersFireWhenDue(t *testing.T) {
	w := newWorld(t)
	w.etl("ok") // starts at every full hour
	w.trigger("", &glue.CreateTriggerInput{
		Name: aws.String("rate"), Type: types.TriggerTypeScheduled, Schedule: aws.String("rate(2 days)"),
		Actions: starts("crawler:rare"),
	})
	now := time.Now().UTC()
	hour := now.Truncate(time.Hour).Add(time.Hour)
	tick := func(at time.Time) {
		w.ticks <- at
		w.ticks <- at // accepted only after the first is handled
	}
	tick(hour.Add(-time.Second))
	require.Empty(t, w.crawlers.names())
	tick(hour.Add(300 * time.Millisecond))
	require.Equal(t, []string{"raw"}, w.crawlers.names())
	tick(hour.Add(time.Minute))
	require.Equal(t, []string{"raw"}, w.crawlers.names())
	tick(hour.Add(time.Hour))
	require.Equal(t, []string{"raw"}, w.crawlers.names(), "the workflow is already running, and only once")
	w.crawlers.end("raw", failed)
	tick(hour.Add(2 * time.Hour))
	require.Equal(t, []string{"raw", "raw"}, w.crawlers.names())

	_, err := w.glue.StopTrigger(t.Context(), &glue.StopTriggerInput{Name: aws.String("first")})
	require.NoError(t, err)
	w.crawlers.end("raw", failed)
	tick(now.Add(47 * time.Hour))
	require.Equal(t, []string{"raw", "raw"}, w.crawlers.names(), "the first is deactivated, the other not yet due")
	tick(now.Add(49 * time.Hour))
	require.Equal(t, []string{"raw", "raw", "rare"}, w.crawlers.names())
}

func TestConditionsOutsideOfWorkflows(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "both", "any"} {
		w.job(name, "ok")
	}
	w.job("b", "fail")
	w.trigger("", &glue.CreateTriggerInput{Name: aws.String("first"), Type: types.TriggerTypeOnDemand, Actions: starts("a", "b")})
	conditions := []types.Condition{ran("a", types.JobRunStateSucceeded), ran("b", types.JobRunStateSucceeded)}
	w.trigger("", &glue.CreateTriggerInput{
		Name: aws.String("and"), Type: types.TriggerTypeConditional, Actions: starts("both"),
		Predicate: &types.Predicate{Logical: types.LogicalAnd, Conditions: conditions},
	})
	w.trigger("", &glue.CreateTriggerInput{
		Name: aws.String("any"), Type: types.TriggerTypeConditional, Actions: starts("any"),
		Predicate: &types.Predicate{Logical: types.LogicalAny, Conditions: conditions},
	})
	_, err := w.glue.StartJobRun(t.Context(), &glue.StartJobRunInput{JobName: aws.String("a")})
	require.NoError(t, err)
	w.jobRuns("a", 1)
	require.Empty(t, w.jobRuns("any", 0), "a run that no trigger started does not meet a condition")

	_, err = w.glue.StartTrigger(t.Context(), &glue.StartTriggerInput{Name: aws.String("first")})
	require.NoError(t, err)
	require.Len(t, w.jobRuns("any", 1), 1)
	w.jobRuns("b", 1)
	require.Empty(t, w.jobRuns("both", 0))
	require.Equal(t, types.TriggerStateCreated, w.getTrigger("first").State)
}
