package pipeline

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

// failing is a Glue whose job has failed without end. It returns fewer runs than requested.
type failing struct {
	Glue

	calls int
}

func (f *failing) GetJobRuns(_ context.Context, in *glue.GetJobRunsInput, _ ...func(*glue.Options)) (*glue.GetJobRunsOutput, error) {
	f.calls++
	runs := make([]types.JobRun, *in.MaxResults/2)
	for i := range runs {
		runs[i].JobRunState = types.JobRunStateFailed
	}
	return &glue.GetJobRunsOutput{JobRuns: runs, NextToken: aws.String("more")}, nil
}

func (f *failing) GetWorkflow(context.Context, *glue.GetWorkflowInput, ...func(*glue.Options)) (*glue.GetWorkflowOutput, error) {
	return &glue.GetWorkflowOutput{Workflow: &types.Workflow{}}, nil
}

func TestLongHistoryWithoutSuccessIsNotReadCompletely(t *testing.T) {
	f := &failing{}
	state, err := Pipeline{Glue: f, Workflow: "w", Job: "j"}.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, State{}, state)
	require.Equal(t, 2, f.calls)
}
