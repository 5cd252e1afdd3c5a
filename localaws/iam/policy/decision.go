package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Reason is why a request is allowed or not.
type Reason string

// The outcomes of an evaluation.
const (
	Allowed      Reason = "allowed"
	ExplicitDeny Reason = "explicitDeny"
	ImplicitDeny Reason = "implicitDeny"
)

// Decision is the outcome for one request.
type Decision struct {
	Request Request
	Allowed bool
	Reason  Reason
	// Kind is the kind of the policy that allows or denies, or that lacks a statement that allows.
	Kind Kind
	// Policy and Statement name what decided; empty for an implicit deny.
	Policy, Statement string
}

// Message returns the error in AWS's words:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
// It is empty if the request is allowed.
func (d Decision) Message() string {
	if d.Allowed {
		return ""
	}
	action, resource := spelled(d.Request.Action), d.Request.Resource
	if strings.HasPrefix(action, "s3:") {
		resource = `"` + resource + `"` // S3 alone quotes it
	}
	who := "User: " + d.Request.Principal.ARN
	switch {
	case d.Request.Principal.Service != "":
		who = "Service: " + d.Request.Principal.Service
	case d.Request.Principal.ARN == "":
		who = "User: anonymous"
	}
	start := fmt.Sprintf("%s is not authorized to perform: %s on resource: %s ", who, action, resource)
	if d.Reason == ExplicitDeny {
		article := "a"
		switch d.Kind {
		case Identity:
			article = "an"
		case Trust:
			article = "the"
		}
		return start + fmt.Sprintf("with an explicit deny in %s %s", article, d.Kind)
	}
	return start + fmt.Sprintf("because no %s allows the %s action", d.Kind, action)
}

// spelled returns the action as the service writes it.
func spelled(action string) string {
	service, operation, _ := strings.Cut(action, ":")
	switch service {
	case "sns":
		return "SNS:" + operation
	case "sqs":
		return strings.ToLower(action)
	default:
		return action
	}
}

// Missing returns the statement that would allow the request, as JSON, or nothing if a statement denies it. The
// kind says where the statement belongs.
func (d Decision) Missing() json.RawMessage {
	if d.Reason != ImplicitDeny {
		return nil
	}
	s := struct {
		Effect    string
		Principal any `json:",omitempty"`
		Action    string
		Resource  string `json:",omitempty"`
	}{Effect: "Allow", Action: d.Request.Action, Resource: d.Request.Resource}
	switch d.Kind {
	case Endpoint:
		s.Principal = "*"
	case Resource:
		s.Principal = d.Request.Principal.element()
	case Trust:
		s.Principal, s.Resource = d.Request.Principal.element(), ""
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil // Strings always marshal.
	}
	return text
}

// element returns the principal as a policy names it.
func (p Principal) element() any {
	switch {
	case p.Service != "":
		return map[string]string{"Service": p.Service}
	case p.Provider != "":
		return map[string]string{"Federated": p.Provider}
	case p.Role != "":
		return map[string]string{"AWS": p.Role}
	case p.ARN != "":
		return map[string]string{"AWS": p.ARN}
	default:
		return "*"
	}
}
