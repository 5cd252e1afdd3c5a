package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/local/iam/audit"
	"store-events/local/iam/policy"
)

func TestDeniedRequestsAreListed(t *testing.T) {
	project, state := projectWith(t), t.TempDir()
	list := func(output string) string {
		status, stdout, stderr := invoke(t, "", "local", "denied", "--project", project, "--state", state, "--output", output)
		require.Zero(t, status, stderr)
		return stdout
	}
	require.Equal(t, "nothing was denied\n", list("text"))
	require.JSONEq(t, `[]`, list("json"))

	log, err := audit.Open(filepath.Join(state, "denied.jsonl"))
	require.NoError(t, err)
	job := policy.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/job/run", Role: "arn:aws:iam::000000000000:role/job"}
	require.NoError(t, log.Add(policy.Evaluate(policy.Request{Principal: job, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, policy.Policies{})))
	text := list("text")
	require.Regexp(t, `(?m)^job +s3:GetObject +arn:aws:s3:::b/k +1$`, text)
	require.Contains(t, text, `missing in the identity-based policy: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}`)
	var denials []audit.Denial
	require.NoError(t, json.Unmarshal([]byte(list("json")), &denials))
	require.Len(t, denials, 1)
	require.Equal(t, 1, denials[0].Count)
}
