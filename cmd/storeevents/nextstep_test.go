package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"store-events/deploy"
)

func TestErrorsEndWithANextStep(t *testing.T) {
	a := newApp(io.Discard, io.Discard)
	a.stack, a.command = "dev", "storeevents up"
	for text, want := range map[string]string{
		"operation error STS: get identity: get credentials: no EC2 IMDS role found": "aws sso login",
		"api error ExpiredToken: the token has expired":                              "log in to AWS again",
		"api error AccessDenied: not authorized":                                     "storeevents preflight --stack dev",
		"write x: no space left on device":                                           "storeevents doctor",
		"mysqld: OS error 28 - No space left on device":                              "storeevents doctor",
		"error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive":    "`pulumi login`, or `pulumi login s3://<bucket>`",
		`no stack "stage" in this project`:                                           "`storeevents init stage`",
		"Error 1054: Unknown column 'x' in 'field list'":                             "storeevents query --stack dev",
		fmt.Sprintf("up of stack dev: %s:\n  policy x", deploy.ErrFailed):            "then run `storeevents up` again",
		"job run ended as FAILED (jr_1): no table 'x' doesn't exist":                 "`storeevents runs log --stack dev`",
		"up of stack dev: interrupt signal received":                                 "run `storeevents up` again",
		"/p/Pulumi.dev.yaml: yaml: line 2: found character that cannot":              "one line `key: value` for each setting, indented with spaces",
		"run 3: context deadline exceeded":                                           "storeevents status --stack dev",
	} {
		require.Contains(t, a.nextStep(errors.New(text)), want, text)
	}
	require.Empty(t, a.nextStep(errors.New("something else")))

	refused := errors.New("dial tcp 127.0.0.1:4566: connect: connection refused")
	a.project = projectWith(t)
	require.Empty(t, a.nextStep(refused), "a stack on AWS")
	a.stack = deploy.LocalStack
	require.Contains(t, a.nextStep(refused), "storeevents local start --stack local")
	require.NoError(t, os.WriteFile(filepath.Join(a.project, "credentials.json"), []byte("{"), 0o600))
	_, err := credentials.Read(a.project)
	require.Contains(t, a.nextStep(err), "storeevents local stop --stack local")
}

func TestNextStepNamesTheTable(t *testing.T) {
	a := newApp(io.Discard, io.Discard)
	a.stack, a.project = "dev", projectWith(t)
	unknown := errors.New("Error 1054: Unknown column 'x' in 'field list'")
	require.Contains(t, a.nextStep(unknown), "SHOW COLUMNS FROM sales_txns_tbl")
	settings := "config:\n  aws:region: eu-west-1\n  store-events:targetTable: returns_tbl\n"
	require.NoError(t, os.WriteFile(filepath.Join(a.project, "Pulumi.dev.yaml"), []byte(settings), 0o600))
	require.Contains(t, a.nextStep(unknown), "SHOW COLUMNS FROM returns_tbl")
}

func TestSuggestedCommandsUseTheSameState(t *testing.T) {
	state := filepath.Join(t.TempDir(), "it's")
	a := newApp(io.Discard, io.Discard)
	a.project, a.state, a.stack, a.output = projectWith(t), state, deploy.LocalStack, "text"
	require.NoError(t, a.prepare())
	quoted := `--stack local --state '` + strings.ReplaceAll(state, "'", `'\''`) + `'`
	require.Contains(t, a.nextStep(errors.New("the local AWS did not start")), "`storeevents down "+quoted+" --force`")
	require.ErrorContains(t, a.adviseUp(deploy.ErrNotDeployed), "run `storeevents up "+quoted+"` first")

	t.Setenv("STORE_EVENTS_STATE", state)
	require.NoError(t, a.prepare())
	require.ErrorContains(t, a.adviseUp(deploy.ErrNotDeployed), "run `storeevents up --stack local` first", "the shell has it")
}

// Commands that errors suggest must exist.
func TestNextStepsNameCommandsThatExist(t *testing.T) {
	root := newRoot(newApp(io.Discard, io.Discard))
	found := 0
	for _, s := range slices.Concat(localSteps, nextSteps) {
		for _, m := range regexp.MustCompile("`storeevents ([a-z ]+)").FindAllStringSubmatch(s.next, -1) {
			words := strings.Fields(m[1])
			c, _, err := root.Find(words)
			require.NoError(t, err, s.next)
			require.Equal(t, words[0], strings.Fields(c.CommandPath() + " ")[1], s.next)
			found++
		}
	}
	require.Greater(t, found, 8)
}

func TestNextStepInJSON(t *testing.T) {
	_, stdout, stderr := invoke(t, "", "status", "--stack", "stage", "--output", "json", "--project", projectWith(t))
	var doc struct{ Error, Next string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &doc))
	require.Contains(t, doc.Next, "`storeevents init stage`")
	require.Contains(t, stderr, "\nnext: "+doc.Next)
}
