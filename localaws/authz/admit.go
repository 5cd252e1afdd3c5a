package authz

import (
	"net/http"
	"strings"

	"localaws/credentials"
	"localaws/iam/actions"
	"localaws/iam/policy"
)

// Admit authorizes a request to the gateway. It returns the error response, or nil if the request is allowed. It checks
// a workload's network, a role's policies, and the roles and keys that the service itself would use.
func (a *Authorizer) Admit(r *http.Request, body []byte, p credentials.Principal) (*Response, error) {
	caller := a.principal(p)
	if response, err := a.unreachable(r, body, caller); response != nil || err != nil {
		return response, err
	}
	d, err := a.Request(r, body, caller)
	if err != nil {
		return nil, err
	}
	if d != nil {
		denied := Denied(r, *d)
		return &denied, nil
	}
	return a.checkCreation(r, body)
}

func (a *Authorizer) principal(p credentials.Principal) policy.Principal {
	if p.Root() {
		return policy.Principal{ARN: p.ARN()}
	}
	session := a.Session(p.RoleARN, p.SessionName)
	session.Function, session.Job = p.Workload.Function, p.Workload.Job
	return session
}

// Changed clears the cache if the served request may have changed a policy or network.
func (a *Authorizer) Changed(r *http.Request, body []byte) {
	if Changes(r, body) {
		a.source.Changed()
	}
}

// Missing returns the response for a missing object if the caller may not list the bucket, for which AWS returns 403
// instead of 404. It returns nil otherwise.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (a *Authorizer) Missing(r *http.Request, p credentials.Principal) (*Response, error) {
	if p.Root() || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return nil, nil //nolint:nilnil // nothing is hidden
	}
	needs := actions.Of(r, nil, actions.Env{Partition: a.place.Partition, Region: a.place.Region, Account: a.place.Account})
	if len(needs) != 1 || !strings.HasPrefix(needs[0].Action, "s3:GetObject") {
		return nil, nil //nolint:nilnil // nothing is hidden
	}
	list := needs[0]
	list.Principal, list.Action = a.principal(p), "s3:ListBucket"
	list.Resource, _, _ = strings.Cut(list.Resource, "/")
	denied, err := a.All(r.Context(), []policy.Request{list})
	if denied == nil || err != nil {
		return nil, err
	}
	response := Denied(r, *denied)
	return &response, nil
}
