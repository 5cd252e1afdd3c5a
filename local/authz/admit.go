package authz

import (
	"net/http"

	"store-events/local/credentials"
	"store-events/local/iam/policy"
)

// Admit decides a request that reached the gateway. It returns the answer to one
// that is refused, or nil: a role's by its policies, and everybody's if the
// service could not do what it is asked for.
func (a *Authorizer) Admit(r *http.Request, body []byte, p credentials.Principal) (*Response, error) {
	d, err := a.Request(r, body, a.principal(p))
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
	return a.Session(p.RoleARN, p.SessionName)
}

// Changed has the policies read again if the request that was served may have
// changed one.
func (a *Authorizer) Changed(r *http.Request, body []byte) {
	if Changes(r, body) {
		a.source.Changed()
	}
}
