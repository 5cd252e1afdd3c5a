package authz

import (
	"net/http"
	"strings"

	"localaws/credentials"
	"localaws/iam/actions"
	"localaws/iam/policy"
)

// Admit decides a request that reached the gateway. It returns the answer to one
// that is refused, or nil: a workload's by its network, a role's by its policies,
// and everybody's if the service could not do what it is asked for.
func (a *Authorizer) Admit(r *http.Request, body []byte, p credentials.Principal) (*Response, error) {
	caller := a.principal(p)
	if answer, err := a.unreachable(r, body, caller); answer != nil || err != nil {
		return answer, err
	}
	d, err := a.Request(r, body, caller)
	if err != nil {
		return nil, err
	}
	if d != nil {
		denied := Denied(r, *d)
		return &denied, nil
	}
	return a.Creation(r, body)
}

func (a *Authorizer) principal(p credentials.Principal) policy.Principal {
	if p.Root() {
		return policy.Principal{ARN: p.ARN()}
	}
	session := a.Session(p.RoleARN, p.SessionName)
	session.Function, session.Job = p.Workload.Function, p.Workload.Job
	return session
}

// Changed drops the cached policies if the served request may have changed one.
func (a *Authorizer) Changed(r *http.Request, body []byte) {
	if Changes(r, body) {
		a.source.Changed()
	}
}

// Missing returns the answer for an object that does not exist if the caller may not list the bucket: AWS then
// answers 403 instead of 404. It returns nil for all other requests and callers.
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
	answer := Denied(r, *denied)
	return &answer, nil
}
