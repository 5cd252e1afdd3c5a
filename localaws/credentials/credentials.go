// Package credentials decides who sends a request to the local AWS. Each state
// folder has one random access key, and sessions of roles are derived from it.
// A request counts only with a Signature Version 4 made with one of these:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
//
// It identifies the caller, and does not decide what the caller may do.
package credentials

import (
	"context"
	"strings"
)

// AccountID is the account of everything on this machine.
const AccountID = "000000000000"

// Principal is the caller of a request: the root of the account, or a session
// of a role.
type Principal struct {
	// RoleARN and SessionName are empty for root.
	RoleARN, SessionName string
	// Workload is what the session was issued to.
	Workload Workload
}

// Workload is what runs with a session: a Lambda function or a run of a Glue
// job. It is empty for a session that a person or a service assumed. Functions
// and jobs may share a role, and only this distinguishes them.
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

// WithPrincipal returns a context that carries the caller of a request.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// FromContext returns the caller of a request that was verified.
func FromContext(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}
