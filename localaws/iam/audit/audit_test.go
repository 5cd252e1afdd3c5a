package audit

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
)

func denial(action, resource string) policy.Decision {
	r := policy.Request{
		Principal: policy.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/r/s", Role: "arn:aws:iam::000000000000:role/r"},
		Action:    action, Resource: resource, Context: policy.Context{"s3:prefix": {"a/"}},
	}
	return policy.Evaluate(r, policy.Policies{})
}

func TestDenialsAreCountedAndSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "denied.jsonl")
	l, err := Open(path)
	require.NoError(t, err)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l.now = func() time.Time { now = now.Add(time.Second); return now }
	require.NoError(t, l.Add(denial("s3:GetObject", "arn:aws:s3:::b/1")))
	require.NoError(t, l.Add(denial("s3:GetObject", "arn:aws:s3:::b/2")))
	require.NoError(t, l.Add(denial("glue:GetTable", "arn:aws:glue:us-east-1:000000000000:table/db/t")))

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0) //nolint:gosec // the test's own file
	require.NoError(t, err)
	_, err = f.WriteString(`{"action":"half`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	again, err := Open(path)
	require.NoError(t, err)
	found := again.Denials()
	require.Equal(t, l.Denials(), found)
	require.Len(t, found, 2)
	require.Equal(t, 2, found[0].Count)
	require.Equal(t, "identity-based policy", found[0].Lacks)
	require.Equal(t, "arn:aws:iam::000000000000:role/r", found[0].Role)
	require.JSONEq(t, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/2"}`, string(found[0].Missing))
	require.Contains(t, found[1].Message, "because no identity-based policy allows the glue:GetTable action")
}
