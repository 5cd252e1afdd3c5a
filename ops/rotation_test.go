package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIncompleteRotations(t *testing.T) {
	pending := document{"v1": []string{"FIRST", "AWSCURRENT"}, "v2": []string{"AWSPENDING"}}
	const own, other = "arn:aws:lambda:us-east-1:123456789012:function:flow-rotation", "arn:aws:lambda:us-east-1:123456789012:function:other-rotation"
	for name, tc := range map[string]struct {
		function string
		enabled  bool
		versions document
		want     bool
	}{
		"incomplete":             {own, true, pending, true},
		"complete":               {own, true, document{"v1": []string{"AWSPREVIOUS"}, "v2": []string{"AWSCURRENT", "AWSPENDING"}}, false},
		"never rotated":          {own, true, document{"v1": []string{"FIRST", "AWSCURRENT"}}, false},
		"rotation is off":        {own, false, pending, false},
		"another function's":     {other, true, pending, false},
		"a secret without rules": {"", false, pending, false},
	} {
		f, o := newFake(t)
		f.answers("DescribeSecret", document{"RotationLambdaARN": tc.function, "RotationEnabled": tc.enabled, "VersionIdsToStages": tc.versions})
		found, err := o.IncompleteRotations(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, tc.want, len(found) > 0, name)
		require.Equal(t, 3, f.called("DescribeSecret"), name)
	}
	f, o := newFake(t)
	f.answers("DescribeSecret", awsError{"AccessDeniedException", "no"})
	_, err := o.IncompleteRotations(t.Context())
	require.ErrorContains(t, err, "AccessDeniedException")
}

func TestWakeRotation(t *testing.T) {
	in := func(state string) document { return document{"Configuration": document{"State": state}} }
	refused := awsError{"ResourceNotReadyException", "The function is inactive and its VPC connection is no longer available."}
	for name, tc := range map[string]struct {
		states []any
		calls  int
	}{
		"active":       {[]any{in("Active")}, 0},
		"inactive":     {[]any{in("Inactive"), in("Inactive"), in("Pending"), in("Active")}, 1},
		"not deployed": {[]any{awsError{"ResourceNotFoundException", "no such function"}}, 0},
	} {
		f, o := newFake(t)
		f.answers("GetFunction", tc.states...)
		f.answers("Invoke", refused)
		require.NoError(t, o.WakeRotation(t.Context()), name)
		require.Equal(t, tc.calls, f.called("Invoke"), name)
		require.Equal(t, len(tc.states), f.called("GetFunction"), name)
	}
	f, o := newFake(t)
	f.answers("GetFunction", awsError{"AccessDeniedException", "no"})
	require.ErrorContains(t, o.WakeRotation(t.Context()), "get the function flow-rotation: ")
}
