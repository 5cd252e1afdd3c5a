package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"localaws/daemon"
	"localaws/iam/audit"
	"store-events/deploy"
	"store-events/program/project"
	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
	"store-events/tests/testtools"
)

// recorded is a local stack deployed from a recording of the program, so that a
// changed copy can be deployed over it.
type recorded struct {
	*stack
	project string
	program recording.Program
	outputs map[string]any
}

// record deploys the unchanged program, with enhanced monitoring, which only prod has,
// and without retries of the job, which would fail twice.
func record(t *testing.T) *recorded {
	t.Helper()
	s := newStack(t)
	s.run(t, nil, "local", "start")
	project, err := project.Find(".")
	require.NoError(t, err)
	p, err := recording.Record(project, deploy.LocalStack, recording.Settings{
		"store-events:databasePort": s.dbPort, "store-events:databaseCaFile": daemon.DatabaseCA(s.state),
		"store-events:databaseMonitoringSeconds": 60, "store-events:jobMaxRetries": 0,
	})
	require.NoError(t, err)
	r := &recorded{stack: s, project: project, program: p}
	up, err := r.deploy(t, p)
	require.NoError(t, err)
	r.outputs = up.Outputs
	return r
}

func (r *recorded) open(t *testing.T, p recording.Program) *deploy.Deployment {
	t.Helper()
	owner, err := credentials.Read(r.state)
	require.NoError(t, err)
	d, err := deploy.Open(t.Context(), deploy.Options{
		ProjectDir: r.project, StateDir: r.state, Stack: p.Stack, Program: p.Run, Endpoint: r.endpoint(), Credentials: owner,
		Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t), Environ: os.Environ(),
		Config: map[string]string{"store-events:databasePort": strconv.Itoa(r.dbPort)},
	})
	require.NoError(t, err)
	return d
}

func (r *recorded) deploy(t *testing.T, p recording.Program) (deploy.Result, error) {
	t.Helper()
	result, err := r.open(t, p).Up(t.Context())
	t.Logf("up: %v in %.1f s", result.Changes, result.Seconds)
	return result, err
}

// changed returns a changed copy of the program.
func (r *recorded) changed(t *testing.T, changes ...mutation.Change) recording.Program {
	t.Helper()
	mutations := make([]mutation.Mutation, len(changes))
	for i, c := range changes {
		mutations[i].Change = c
	}
	p, err := mutation.Apply(r.program, mutations...)
	require.NoError(t, err)
	return p
}

// denials returns the denials of "local denied" since a time.
func (r *recorded) denials(t *testing.T, since time.Time) []audit.Denial {
	t.Helper()
	var all []audit.Denial
	r.run(t, &all, "local", "denied")
	return slices.DeleteFunc(all, func(d audit.Denial) bool { return d.Last.Before(since) })
}

// denied returns the denials since a time, as "who action resource: what is missing".
func (r *recorded) denied(t *testing.T, since time.Time) []string {
	t.Helper()
	var list []string
	for _, d := range r.denials(t, since) {
		list = append(list, fmt.Sprintf("%s %s %s: %s: %s", cmp.Or(d.Role, d.Principal), d.Action, d.Resource, d.Lacks, d.Missing))
	}
	return list
}

// call sends a request of the JSON protocol as the account's owner.
func (r *recorded) call(t *testing.T, service, target string, input any) string {
	t.Helper()
	body, err := json.Marshal(input)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint(), bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", target)
	return r.send(t, request, service, body)
}

func (r *recorded) send(t *testing.T, request *http.Request, service string, body []byte) string {
	t.Helper()
	owner, err := credentials.Read(r.state)
	require.NoError(t, err)
	require.NoError(t, credentials.Sign(request, owner, service, recording.Region, body))
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	var answer bytes.Buffer
	_, err = answer.ReadFrom(response.Body)
	require.NoError(t, err)
	return answer.String()
}

// statements changes the statements of the policy document in a property.
func statements(resourceType, name, path string, edit func([]statement) []statement) mutation.Change {
	return mutation.Alter(resourceType, name, path, func(v any) (any, error) {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("%s %s has no policy in %s", resourceType, name, path)
		}
		var document struct {
			Version   string
			Statement []statement
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			return nil, err
		}
		document.Statement = edit(document.Statement)
		edited, err := json.Marshal(document)
		return string(edited), err
	})
}

type statement map[string]any

// without removes the statement with an ID.
func without(sid string) func([]statement) []statement {
	return func(list []statement) []statement {
		kept := slices.DeleteFunc(slices.Clone(list), func(s statement) bool { return s["Sid"] == sid })
		if len(kept) == len(list) {
			panic("no statement " + sid)
		}
		return kept
	}
}

// with sets members of the statement with an ID; nil removes a member.
func with(sid string, members statement) func([]statement) []statement {
	return func(list []statement) []statement {
		i := slices.IndexFunc(list, func(s statement) bool { return s["Sid"] == sid })
		if i < 0 {
			panic("no statement " + sid)
		}
		for name, value := range members {
			list[i][name] = value
		}
		return list
	}
}
