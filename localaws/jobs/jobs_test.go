package jobs

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func TestDefinitionIsReturnedUnchanged(t *testing.T) {
	w := newWorld(t)
	in := &glue.CreateJobInput{
		Name: aws.String("s3-to-rds-ingestor"), Role: aws.String("arn:aws:iam::000000000000:role/etl"),
		Description: aws.String("loads"), GlueVersion: aws.String("5.1"),
		Command: &types.JobCommand{
			Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://bkt/scripts/job.py"), PythonVersion: aws.String("3"),
		},
		DefaultArguments:        map[string]string{"--job-bookmark-option": "job-bookmark-enable", "--empty": ""},
		NonOverridableArguments: map[string]string{"--fixed": "x"},
		Connections:             &types.ConnectionsList{Connections: []string{"mysql"}},
		ExecutionProperty:       &types.ExecutionProperty{MaxConcurrentRuns: 3},
		ExecutionClass:          types.ExecutionClassStandard,
		NotificationProperty:    &types.NotificationProperty{NotifyDelayAfter: aws.Int32(7)},
		MaxRetries:              2, Timeout: aws.Int32(30), WorkerType: types.WorkerTypeG2x, NumberOfWorkers: aws.Int32(4),
		SecurityConfiguration: aws.String("encrypted"), JobRunQueuingEnabled: aws.Bool(false),
		MaintenanceWindow: aws.String("Sun:10"),
	}
	_, err := w.glue.CreateJob(t.Context(), in)
	require.NoError(t, err)
	_, err = w.glue.CreateJob(t.Context(), in)
	require.NoError(t, err, "repeating the same definition succeeds")

	got := w.definition("s3-to-rds-ingestor")
	want := types.Job{
		Name: in.Name, Role: in.Role, Description: in.Description, GlueVersion: in.GlueVersion, Command: in.Command,
		DefaultArguments: in.DefaultArguments, NonOverridableArguments: in.NonOverridableArguments,
		Connections: in.Connections, ExecutionProperty: in.ExecutionProperty, ExecutionClass: in.ExecutionClass,
		NotificationProperty: in.NotificationProperty, MaxRetries: 2, Timeout: in.Timeout, WorkerType: in.WorkerType,
		NumberOfWorkers: in.NumberOfWorkers, SecurityConfiguration: in.SecurityConfiguration,
		JobRunQueuingEnabled: in.JobRunQueuingEnabled, MaintenanceWindow: in.MaintenanceWindow,
		JobMode: types.JobModeScript, MaxCapacity: aws.Float64(8), AllocatedCapacity: 8,
		CreatedOn: got.CreatedOn, LastModifiedOn: got.LastModifiedOn,
	}
	requireSame(t, want, got)

	in.MaxRetries = 3
	_, err = w.glue.CreateJob(t.Context(), in)
	var mismatch *types.IdempotentParameterMismatchException
	require.ErrorAs(t, err, &mismatch)
}

func TestUpdateReplacesTheDefinition(t *testing.T) {
	w := newWorld(t)
	w.job("job", "", func(in *glue.CreateJobInput) {
		in.Description = aws.String("old")
		in.DefaultArguments = map[string]string{"--a": "1"}
	})
	before := w.definition("job")
	_, err := w.glue.UpdateJob(t.Context(), &glue.UpdateJobInput{JobName: aws.String("job"), JobUpdate: &types.JobUpdate{
		Role: before.Role, Command: &types.JobCommand{Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://b/k.py")},
		GlueVersion: aws.String("4.0"),
	}})
	require.NoError(t, err)
	got := w.definition("job")
	requireSame(t, types.Job{
		Name: before.Name, Role: before.Role, CreatedOn: before.CreatedOn, LastModifiedOn: got.LastModifiedOn,
		Command: &types.JobCommand{
			Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://b/k.py"), PythonVersion: aws.String("3"),
		},
		ExecutionProperty: &types.ExecutionProperty{MaxConcurrentRuns: 1}, JobMode: types.JobModeScript,
		GlueVersion: aws.String("4.0"), Timeout: aws.Int32(2880), WorkerType: types.WorkerTypeG1x,
		NumberOfWorkers: aws.Int32(10), MaxCapacity: aws.Float64(10), AllocatedCapacity: 10,
	}, got)
}

func TestInvalidDefinitionsAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*glue.CreateJobInput){
		"no role":       func(in *glue.CreateJobInput) { in.Role = aws.String("") },
		"kind":          func(in *glue.CreateJobInput) { in.Command.Name = aws.String("spark") },
		"worker type":   func(in *glue.CreateJobInput) { in.WorkerType = "G.3X" },
		"workers":       func(in *glue.CreateJobInput) { in.NumberOfWorkers = aws.Int32(0) },
		"capacity also": func(in *glue.CreateJobInput) { in.MaxCapacity = aws.Float64(2) },
		"retries":       func(in *glue.CreateJobInput) { in.MaxRetries = 11 },
		"timeout":       func(in *glue.CreateJobInput) { in.Timeout = aws.Int32(10080) },
	} {
		t.Run(name, func(t *testing.T) {
			in := &glue.CreateJobInput{
				Name: aws.String("job"), Role: aws.String("arn:aws:iam::000000000000:role/etl"),
				Command:    &types.JobCommand{Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://b/k.py")},
				WorkerType: types.WorkerTypeG1x, NumberOfWorkers: aws.Int32(2),
			}
			change(in)
			_, err := w.glue.CreateJob(t.Context(), in)
			var invalid *types.InvalidInputException
			require.ErrorAs(t, err, &invalid)
		})
	}
}

func TestListingAndDeleting(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.job(name, "", nil)
	}
	page, err := w.glue.ListJobs(t.Context(), &glue.ListJobsInput{MaxResults: aws.Int32(2)})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, page.JobNames)
	page, err = w.glue.ListJobs(t.Context(), &glue.ListJobsInput{NextToken: page.NextToken})
	require.NoError(t, err)
	require.Equal(t, []string{"c"}, page.JobNames)
	require.Nil(t, page.NextToken)

	_, err = w.glue.DeleteJob(t.Context(), &glue.DeleteJobInput{JobName: aws.String("b")})
	require.NoError(t, err)
	_, err = w.glue.DeleteJob(t.Context(), &glue.DeleteJobInput{JobName: aws.String("b")})
	require.NoError(t, err, "deleting a missing job succeeds")
	_, err = w.glue.GetJob(t.Context(), &glue.GetJobInput{JobName: aws.String("b")})
	var missing *types.EntityNotFoundException
	require.ErrorAs(t, err, &missing)
	all, err := w.glue.GetJobs(t.Context(), &glue.GetJobsInput{})
	require.NoError(t, err)
	require.Len(t, all.Jobs, 2)
	batch, err := w.glue.BatchGetJobs(t.Context(), &glue.BatchGetJobsInput{JobNames: []string{"b", "c"}})
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, batch.JobsNotFound)
	require.Equal(t, "c", *batch.Jobs[0].Name)
}

func (w *world) definition(name string) types.Job {
	w.t.Helper()
	out, err := w.glue.GetJob(w.t.Context(), &glue.GetJobInput{JobName: &name})
	require.NoError(w.t, err)
	return *out.Job
}

func requireSame(t *testing.T, want, got types.Job) {
	t.Helper()
	unexported := cmpopts.IgnoreUnexported(types.Job{}, types.JobCommand{}, types.ConnectionsList{},
		types.ExecutionProperty{}, types.NotificationProperty{})
	require.Empty(t, cmp.Diff(want, got, unexported, cmpopts.EquateEmpty()))
}
