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

// unreachableDelay is the time until an unreachable call fails. On AWS, clients wait for minutes.
const unreachableDelay = time.Second

// unreachable returns an error response, after a delay, to a call that the workload's network does not allow. On AWS
// the call gets no response. Clients do not retry the error code.
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
	case <-time.After(unreachableDelay):
	}
	response := TimedOut(r, call.Service, message)
	return &response, nil
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

// checkDatabasePath returns an error if the workload's network does not allow a connection to the address of one of the
// account's databases. It allows all other addresses.
func (a *Authorizer) checkDatabasePath(ctx context.Context, p policy.Principal, w reachability.Workload, address string) error {
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
	// The wording is MySQL Connector/J's.
	message := fmt.Sprintf("Communications link failure: %s cannot connect to %s (timed out): missing is %s", workloadName(p), address, missing.What)
	a.recordUnreachable(audit.Unreachable{Principal: p, Action: "connect", Resource: d.Name, Missing: *missing, Message: message})
	return &UnreachableError{message}
}

// UnreachableError means that a workload's network does not allow a connection.
type UnreachableError struct{ message string }

func (e *UnreachableError) Error() string { return e.message }

var invocation = regexp.MustCompile(`^/20\d\d-\d\d-\d\d/functions/([^/]+)/invocations$`)

// Invocations checks the network of functions that rotate database logins before it forwards their invocations. No
// security group protects the local server's port. If the server is unreachable, the invocation fails like one that
// exceeds its timeout while it waits for the server:
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
		if err := a.checkInvocation(r.Context(), functionName(path[1]), payload); err != nil {
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

// functionName returns the function's name from a name or an ARN.
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

// checkInvocation checks that a rotation function can reach the database of the secret in its event. The steps
// createSecret and finishSecret need no connection:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
func (a *Authorizer) checkInvocation(ctx context.Context, function string, payload []byte) error {
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
	return a.checkDatabasePath(ctx, policy.Principal{ARN: a.place.Function(function), Function: function}, w, address)
}

func timedOutFunction(message string) Response {
	r := Response{Status: http.StatusOK, Header: http.Header{
		"X-Amzn-Requestid": {uuid.NewString()}, "X-Amz-Function-Error": {"Unhandled"}, "Content-Type": {"application/json"},
	}}
	// Marshal accepts every map of strings.
	r.Body, _ = json.Marshal(map[string]string{"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out: " + message})
	return r
}
