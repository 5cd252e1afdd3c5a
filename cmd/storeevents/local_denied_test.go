package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/audit"
	"localaws/iam/policy"
	"localaws/reachability"
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
	load := job
	load.Job = "load"
	require.NoError(t, log.AddUnreachable(audit.Unreachable{
		Principal: load, Action: "glue:GetTable", Resource: "glue", Missing: reachability.Missing{Kind: "endpoint", What: "an endpoint for glue"}, Message: "Connect timeout",
	}))
	text := list("text")
	require.Regexp(t, `(?m)^iam +job +s3:GetObject +arn:aws:s3:::b/k +1$`, text)
	require.Regexp(t, `(?m)^network +job load +glue:GetTable +glue +1$`, text)
	require.Contains(t, text, "Connect timeout\n  missing endpoint: an endpoint for glue\n")
	require.Contains(t, text, `missing in the identity-based policy: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}`)
	var denials []audit.Denial
	require.NoError(t, json.Unmarshal([]byte(list("json")), &denials))
	require.Len(t, denials, 2)
	require.Equal(t, 1, denials[0].Count)
}
