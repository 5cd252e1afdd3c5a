package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Reason is the reason for a decision, in IAM's notation.
type Reason string

// Reasons of a Decision.
const (
	Allowed      Reason = "allowed"
	ExplicitDeny Reason = "explicitDeny"
	ImplicitDeny Reason = "implicitDeny"
)

// Decision is the result of an evaluation.
type Decision struct {
	Request Request
	Allowed bool
	Reason  Reason
	// Kind is the kind of the policy that allows or denies the request, or has no statement that allows it.
	Kind Kind
	// Policy and Statement identify the deciding statement. They are empty for an implicit deny.
	Policy, Statement string
}

// Message returns AWS's error message:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
// It is empty if the request is allowed.
func (d Decision) Message() string {
	if d.Allowed {
		return ""
	}
	action, resource := displayAction(d.Request.Action), d.Request.Resource
	if strings.HasPrefix(action, "s3:") {
		resource = `"` + resource + `"` // Only S3 quotes it.
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

// displayAction returns the action as in the service's messages.
func displayAction(action string) string {
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

// Missing returns the statement that would allow the request, as JSON, or nil if a statement denies it. The statement
// belongs in a policy of the decision's kind.
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
		return nil // Strings can always be encoded.
	}
	return text
}

// element returns the value of a Principal element for the principal.
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
