package policy

import "strings"

// Request is an authorization request. An API call may need several, one for each resource and action.
type Request struct {
	Principal Principal
	// Action is service:Operation.
	Action string
	// Resource is an ARN, or a star for an action without resources.
	Resource string
	// ResourceAccount is the owner of the resource. The default is the account in the resource's ARN, or the
	// principal's.
	ResourceAccount string
	Context         Context
}

// Named is a policy with a name for messages.
type Named struct {
	Name string
	*Document
}

// Policies are the policies that apply to a request.
type Policies struct {
	Identity []Named
	// Boundary is the caller's permissions boundary, or nil.
	Boundary *Named
	// Session are the policies passed when the session was created.
	Session []Named
	// Resource is the resource's policy, the trust policy of a role to assume, or nil.
	Resource *Named
	// Endpoint is the policy of the VPC endpoint of the call, or nil.
	Endpoint *Named
}

// result is the result of one kind of policies.
type result struct {
	denied  *match
	allowed *match
	grant   grant
}

type match struct{ policy, statement string }

func (r *Request) evaluate(c Context, policies ...Named) result {
	var out result
	for _, p := range policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			g := s.applies(r, c)
			switch {
			case g == grantNone:
			case s.Deny && out.denied == nil:
				out.denied = &match{p.Name, s.Name()}
			case !s.Deny && g > out.grant:
				out.allowed, out.grant = &match{p.Name, s.Name()}, g
			}
		}
	}
	return out
}

func (r *Request) evaluateOne(c Context, p *Named) result {
	if p == nil {
		return result{}
	}
	return r.evaluate(c, *p)
}

// Evaluate evaluates the policies for a request:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func Evaluate(r Request, p Policies) Decision {
	c := r.Principal.context().with(r.Context)
	resourceAccount := r.resourceAccount()
	if resourceAccount != "" && c.get("aws:ResourceAccount") == nil {
		c.Set("aws:ResourceAccount", resourceAccount)
	}
	e := evaluation{
		Request:      r,
		policies:     p,
		crossAccount: r.Principal.ARN != "" && resourceAccount != r.Principal.Account(),
		identity:     r.evaluate(c, p.Identity...),
		resource:     r.evaluateOne(c, p.Resource),
		boundary:     r.evaluateOne(c, p.Boundary),
		session:      r.evaluate(c, p.Session...),
		endpoint:     r.evaluateOne(c, p.Endpoint),
	}
	if r.Principal.Root() { // "the root user has full access"
		e.identity.grant = grantCaller
		e.identity.allowed = &match{"root", "root"}
	}
	return e.decide()
}

func (r *Request) resourceAccount() string {
	switch {
	case r.ResourceAccount != "":
		return r.ResourceAccount
	case account(r.Resource) != "" && account(r.Resource) != "*":
		return account(r.Resource)
	default:
		return r.Principal.Account()
	}
}

type evaluation struct {
	Request
	policies                                        Policies
	crossAccount                                    bool
	identity, resource, boundary, session, endpoint result
}

// needsResourcePolicy reports whether the resource's policy must allow the request: a key's policy for uses of the key,
// and a role's trust policy for assuming the role. A statement for the account's root delegates to the identity's
// policies. Aliases, and keys that are tagged at creation, have no policy:
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (r *Request) needsResourcePolicy() bool {
	action := strings.ToLower(r.Action)
	service, _, _ := strings.Cut(action, ":")
	if action == "kms:tagresource" && strings.HasSuffix(r.Resource, ":key/*") {
		return false
	}
	return r.AssumesRole() || (service == "kms" && strings.Contains(r.Resource, ":key/"))
}

// AssumesRole reports whether the request needs the permission of a role's trust policy.
func (r *Request) AssumesRole() bool {
	switch strings.ToLower(r.Action) {
	case "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity":
		return true
	default:
		return false
	}
}

func (r *Request) resourceKind() Kind {
	if r.AssumesRole() {
		return Trust
	}
	return Resource
}

func (e *evaluation) decide() Decision {
	for _, r := range []struct {
		kind Kind
		result
	}{
		{Identity, e.identity},
		{e.resourceKind(), e.resource},
		{Boundary, e.boundary},
		{Session, e.session},
		{Endpoint, e.endpoint},
	} {
		if r.denied != nil {
			return Decision{Request: e.Request, Reason: ExplicitDeny, Kind: r.kind, Policy: r.denied.policy, Statement: r.denied.statement}
		}
	}
	d := e.grants()
	if d.Allowed && e.policies.Endpoint != nil && e.Principal.Service == "" && e.endpoint.grant == grantNone {
		return e.missing(Endpoint)
	}
	return d
}

// grants returns the decision of all policies except the endpoint's, if no statement denies the request.
func (e *evaluation) grants() Decision {
	kind := e.resourceKind()
	switch {
	case e.Principal.ARN == "":
		// Services, federated and anonymous callers have no identity policies.
		if e.resource.grant < grantCaller {
			return e.missing(kind)
		}
		return e.allow(kind, e.resource)
	case e.crossAccount && e.resource.grant == grantNone:
		return e.missing(kind)
	case e.crossAccount:
		return e.byIdentity(e.identity.grant != grantNone, Identity, e.identity)
	case e.resource.grant == grantCaller:
		return e.allow(kind, e.resource)
	case e.resource.grant == grantRole:
		return e.byIdentity(true, kind, e.resource)
	case e.needsResourcePolicy() && e.resource.grant == grantNone:
		return e.missing(kind)
	default:
		return e.byIdentity(e.identity.grant != grantNone, Identity, e.identity)
	}
}

// byIdentity returns the decision for a grant that the permissions boundary and session policies limit.
func (e *evaluation) byIdentity(granted bool, kind Kind, r result) Decision {
	switch {
	case !granted:
		return e.missing(Identity)
	case e.policies.Boundary != nil && e.boundary.grant == grantNone:
		return e.missing(Boundary)
	case len(e.policies.Session) > 0 && e.session.grant == grantNone:
		return e.missing(Session)
	}
	return e.allow(kind, r)
}

func (e *evaluation) allow(kind Kind, r result) Decision {
	return Decision{Request: e.Request, Allowed: true, Reason: Allowed, Kind: kind, Policy: r.allowed.policy, Statement: r.allowed.statement}
}

func (e *evaluation) missing(kind Kind) Decision {
	return Decision{Request: e.Request, Reason: ImplicitDeny, Kind: kind}
}
