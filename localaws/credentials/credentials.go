// Package credentials authenticates requests to the local AWS. Each state folder
// has one random access key, from which the credentials of role sessions are
// derived. Requests must have a Signature Version 4 with one of them:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
//
// Authorization is in package authz.
package credentials

import (
	"context"
	"strings"
)

// AccountID is the ID of the only account.
const AccountID = "000000000000"

// Principal is the caller of a request: the account's root, or a role session.
type Principal struct {
	// RoleARN and SessionName are empty for root.
	RoleARN, SessionName string
	// Workload is the workload for which the session was issued.
	Workload Workload
}

// Workload is a Lambda function or a run of a Glue job that runs with a session. It is empty for sessions of persons
// and services. Unlike the role, it identifies a workload, because workloads may share a role.
type Workload struct {
	Function string `json:"function,omitempty"`
	Job      string `json:"job,omitempty"`
	Run      string `json:"run,omitempty"`
}

// Root reports whether the caller is the owner of the state folder.
func (p Principal) Root() bool { return p.RoleARN == "" }

// RoleName returns the last part of the role's ARN, without its path.
func (p Principal) RoleName() string { return p.RoleARN[strings.LastIndex(p.RoleARN, "/")+1:] }

// ARN returns the ARN that GetCallerIdentity reports.
func (p Principal) ARN() string {
	if p.Root() {
		return "arn:aws:iam::" + AccountID + ":root"
	}
	return "arn:aws:sts::" + AccountID + ":assumed-role/" + p.RoleName() + "/" + p.SessionName
}

type contextKey struct{}

// WithPrincipal returns a context with the caller of a request.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// FromContext returns the caller of a verified request.
func FromContext(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}
