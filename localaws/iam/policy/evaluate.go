package policy

import "strings"

// Request is one question to IAM. A call of an API may need several, one for each resource and each further
// action.
type Request struct {
	Principal Principal
	// Action is service:Operation.
	Action string
	// Resource is an ARN, or a star for actions without resources.
	Resource string
	// ResourceAccount owns the resource. If empty it is the account of the
	// resource's ARN, else the principal's.
	ResourceAccount string
	Context         Context
}

// Named is a policy with the name that reports show.
type Named struct {
	Name string
	*Document
}

// Policies are the policies that apply to a request.
type Policies struct {
	Identity []Named
	// Boundary is nil if the caller has none.
	Boundary *Named
	// Session are the policies passed when the session was created.
	Session []Named
	// Resource is the resource's policy, or the trust policy of a role that is
	// to be assumed; nil if it has none.
	Resource *Named
	// Endpoint is the policy of the VPC endpoint that the call goes through;
	// nil if it goes through none.
	Endpoint *Named
}

// result is the decision of one kind of policies.
type result struct {
	denied  *match
	allowed *match
	grant   grant
}

type match struct{ policy, statement string }

func (r *Request) ask(c Context, policies ...Named) result {
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

func (r *Request) askOne(c Context, p *Named) result {
	if p == nil {
		return result{}
	}
	return r.ask(c, *p)
}

// Evaluate decides a request:
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
		identity:     r.ask(c, p.Identity...),
		resource:     r.askOne(c, p.Resource),
		boundary:     r.askOne(c, p.Boundary),
		session:      r.ask(c, p.Session...),
		endpoint:     r.askOne(c, p.Endpoint),
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

// needsResourcePolicy reports whether the identity's policies are not enough: a
// key is used only as its policy says, and a role is assumed only as its trust
// policy says; a statement for the account's root hands the decision on. An alias
// has no policy, nor has a key that gets its tags with its creation:
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (r *Request) needsResourcePolicy() bool {
	action := strings.ToLower(r.Action)
	service, _, _ := strings.Cut(action, ":")
	if action == "kms:tagresource" && strings.HasSuffix(r.Resource, ":key/*") {
		return false
	}
	return r.AssumesRole() || (service == "kms" && strings.Contains(r.Resource, ":key/"))
}

// AssumesRole reports whether a role's trust policy decides the request.
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
	for _, by := range []struct {
		kind Kind
		result
	}{
		{Identity, e.identity},
		{e.resourceKind(), e.resource},
		{Boundary, e.boundary},
		{Session, e.session},
		{Endpoint, e.endpoint},
	} {
		if by.denied != nil {
			return Decision{Request: e.Request, Reason: ExplicitDeny, Kind: by.kind, Policy: by.denied.policy, Statement: by.denied.statement}
		}
	}
	d := e.grants()
	if d.Allowed && e.policies.Endpoint != nil && e.Principal.Service == "" && e.endpoint.grant == grantNone {
		return e.missing(Endpoint)
	}
	return d
}

// grants looks for what allows the request, ignoring the endpoint.
func (e *evaluation) grants() Decision {
	own := e.resourceKind()
	switch {
	case e.Principal.ARN == "":
		// Services, federated and anonymous callers have no identity policies.
		if e.resource.grant < grantCaller {
			return e.missing(own)
		}
		return e.allow(own, e.resource)
	case e.crossAccount && e.resource.grant == grantNone:
		return e.missing(own)
	case e.crossAccount:
		return e.byIdentity(e.identity.grant != grantNone, Identity, e.identity)
	case e.resource.grant == grantCaller:
		return e.allow(own, e.resource)
	case e.resource.grant == grantRole:
		return e.byIdentity(true, own, e.resource)
	case e.needsResourcePolicy() && e.resource.grant == grantNone:
		return e.missing(own)
	default:
		return e.byIdentity(e.identity.grant != grantNone, Identity, e.identity)
	}
}

// byIdentity limits a grant to the boundary and the session's policies.
func (e *evaluation) byIdentity(granted bool, kind Kind, by result) Decision {
	switch {
	case !granted:
		return e.missing(Identity)
	case e.policies.Boundary != nil && e.boundary.grant == grantNone:
		return e.missing(Boundary)
	case len(e.policies.Session) > 0 && e.session.grant == grantNone:
		return e.missing(Session)
	}
	return e.allow(kind, by)
}

func (e *evaluation) allow(kind Kind, by result) Decision {
	return Decision{Request: e.Request, Allowed: true, Reason: Allowed, Kind: kind, Policy: by.allowed.policy, Statement: by.allowed.statement}
}

func (e *evaluation) missing(kind Kind) Decision {
	return Decision{Request: e.Request, Reason: ImplicitDeny, Kind: kind}
}
