package authz

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"localaws/iam/actions"
	"localaws/iam/audit"
	"localaws/iam/policy"
	"localaws/reachability"
)

// patience is how long an unreachable call takes to fail. AWS's clients wait
// for a minute, several times.
const patience = time.Second

// unreachable returns the answer to a call of a workload that its network lets
// nowhere, after a while: on AWS there is none. Its code is one that clients do
// not try again for.
func (a *Authorizer) unreachable(r *http.Request, body []byte, p policy.Principal) (*Response, error) {
	if p.Function == "" && p.Job == "" {
		return nil, nil //nolint:nilnil // not a workload
	}
	env := actions.Env{Partition: a.place.Partition, Region: a.place.Region, Account: a.place.Account}
	call := actions.Read(r, body, env)
	path, err := a.source.Path(r.Context(), p, call.Service)
	if err != nil || path.Missing == nil {
		return nil, err
	}
	action, resource := call.Service+":"+call.Operation, "*"
	if needs := actions.Of(r, body, env); len(needs) > 0 {
		action, resource = needs[0].Action, needs[0].Resource
	}
	host := call.Service
	if name, ok := endpointNames[host]; ok {
		host = name
	}
	message := fmt.Sprintf("Connect timeout on endpoint URL: %q: %s cannot reach %s from %s: missing is %s",
		"https://"+host+"."+a.place.Region+".amazonaws.com/", workloadName(p), call.Service, strings.Join(path.Subnets, " and "), path.Missing.What)
	a.recordUnreachable(audit.Unreachable{Principal: p, Action: action, Resource: resource, Missing: *path.Missing, Message: message})
	select {
	case <-r.Context().Done():
	case <-time.After(patience):
	}
	answer := TimedOut(r, call.Service, message)
	return &answer, nil
}

func workloadName(p policy.Principal) string {
	if p.Function != "" {
		return "function " + p.Function
	}
	return "job " + p.Job
}

func (a *Authorizer) recordUnreachable(c audit.Unreachable) {
	a.log.Warn("unreachable", "who", workloadName(c.Principal), "message", c.Message)
	if err := a.denied.AddUnreachable(c); err != nil {
		a.log.Error("record an unreachable call", "error", err)
	}
}

// connect returns the error of a workload's connection to a database address
// that its network does not let through, or nil. What is not a database of this
// account is not known.
func (a *Authorizer) connect(ctx context.Context, p policy.Principal, w reachability.Workload, address string) error {
	d, err := a.source.Database(ctx, address)
	if d == nil || err != nil {
		return err
	}
	network, err := a.source.Network(ctx)
	if err != nil {
		return err
	}
	missing := network.Database(w, *d)
	if missing == nil {
		return nil
	}
	// As MySQL Connector/J says it.
	message := fmt.Sprintf("Communications link failure: %s cannot connect to %s (timed out): missing is %s", workloadName(p), address, missing.What)
	a.recordUnreachable(audit.Unreachable{Principal: p, Action: "connect", Resource: d.Name, Missing: *missing, Message: message})
	return &UnreachableError{message}
}

// UnreachableError is what a workload's network keeps it from.
type UnreachableError struct{ message string }

func (e *UnreachableError) Error() string { return e.message }

var invocation = regexp.MustCompile(`^/20\d\d-\d\d-\d\d/functions/([^/]+)/invocations$`)

// Invocations holds functions that change logins of a database to their
// network: the local server is reached by a port of this machine, which no
// group guards, so that an invocation fails before it starts. It fails as one
// that waits for the server until its time is over:
// https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
func (a *Authorizer) Invocations(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		path := invocation.FindStringSubmatch(r.URL.Path)
		if r.Method != http.MethodPost || path == nil || r.Body == nil {
			return next.RoundTrip(r)
		}
		payload, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		_ = r.Body.Close()
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(payload))
		if err := a.invoked(r.Context(), functionName(path[1]), payload); err != nil {
			if failed, ok := err.(*UnreachableError); ok { //nolint:errorlint // not wrapped
				return timedOutFunction(failed.message).http(r), nil
			}
			return nil, err
		}
		return next.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// functionName is the name in an ARN, or itself.
func functionName(id string) string {
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	if _, after, ok := strings.Cut(id, ":function:"); ok {
		id = after
	}
	name, _, _ := strings.Cut(id, ":")
	return name
}

// invoked checks a function that is told to work on a secret with the login of
// a database. These are the steps of a rotation that need no connection:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
func (a *Authorizer) invoked(ctx context.Context, function string, payload []byte) error {
	var event struct{ SecretId, Step string } //nolint:revive // the protocol's name
	if json.Unmarshal(payload, &event) != nil || event.SecretId == "" || event.Step == "createSecret" || event.Step == "finishSecret" {
		return nil
	}
	address, err := a.source.Login(ctx, event.SecretId)
	if address == "" || err != nil {
		return err
	}
	w, err := a.source.Function(ctx, function)
	if err != nil {
		return err
	}
	return a.connect(ctx, policy.Principal{ARN: a.place.Function(function), Function: function}, w, address)
}

func timedOutFunction(message string) Response {
	r := Response{Status: http.StatusOK, Header: http.Header{
		"X-Amzn-Requestid": {uuid.NewString()}, "X-Amz-Function-Error": {"Unhandled"}, "Content-Type": {"application/json"},
	}}
	// Marshal takes every map of strings.
	r.Body, _ = json.Marshal(map[string]string{"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out: " + message})
	return r
}
