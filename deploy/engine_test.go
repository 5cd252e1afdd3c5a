package deploy

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/stretchr/testify/require"
)

// asked is a pulumi CLI that notes what it is asked.
type asked struct {
	auto.PulumiCommand
	questions *[]string
}

func (a asked) Run(_ context.Context, _ string, _ io.Reader, _, _ []io.Writer, _ []string, args ...string) (string, string, int, error) {
	*a.questions = append(*a.questions, strings.Join(args, " "))
	return `{"bucket":"events"}`, "", 0, nil
}

func TestTheEngineIsAskedOnlyWhatIsRead(t *testing.T) {
	var questions []string
	ws, err := auto.NewLocalWorkspace(t.Context(), auto.WorkDir(project(t)), auto.Pulumi(engine{asked{questions: &questions}}))
	require.NoError(t, err)
	stack, err := auto.SelectStack(t.Context(), "local", ws)
	require.NoError(t, err)
	questions = nil
	history, err := stack.History(t.Context(), 1, 1)
	require.NoError(t, err)
	require.Empty(t, history)
	outputs, err := stack.Outputs(t.Context())
	require.NoError(t, err)
	require.Equal(t, "events", outputs["bucket"].Value)
	require.Equal(t, []string{"stack output --json --show-secrets --stack local"}, questions)
}
