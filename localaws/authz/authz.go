// Package authz decides what the roles of the local AWS may do, and what
// functions and jobs reach. It puts the requests that reach the gateway, or that
// a local service makes for a role, to the engines in iam and reach,
// with the policies and networks that the emulator keeps.
//
// The owner of the state folder is the account's root and may do everything. The resource's policy decides what
// services do in their own name.
package authz

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"localaws/iam/actions"
	"localaws/iam/audit"
	"localaws/iam/policy"
	"localaws/iam/services"
	"localaws/reachability"
)

// Role is a role with its policies.
type Role struct {
	ARN      string
	Identity []policy.Named
	Boundary *policy.Named
	Trust    *policy.Named
}

// ErrNoRole means that a role does not exist.
var ErrNoRole = errors.New("the role does not exist")

// Source reads the policies of the account.
type Source interface {
	// Role finds a role by its name, without the path.
	Role(ctx context.Context, name string) (*Role, error)
	// ResourcePolicy finds the policy of a resource; nil if it has none.
	ResourcePolicy(ctx context.Context, arn string) (*policy.Named, error)
	// Encryption finds the key that encrypts an object, a secret, a topic or a queue.
	Encryption(ctx context.Context, arn string) (Encryption, error)
	// Path finds how the workload of a session reaches a service.
	Path(ctx context.Context, p policy.Principal, service string) (Path, error)
	// Connection finds where a Glue connection leads.
	Connection(ctx context.Context, name string) (Connection, error)
	// Function finds where a function's interfaces are.
	Function(ctx context.Context, name string) (reachability.Workload, error)
	// Network is that of all VPCs.
	Network(ctx context.Context) (*reachability.Network, error)
	// Database finds the private database at an address; nil if it is not one of
	// this account.
	Database(ctx context.Context, address string) (*reachability.Database, error)
	// Login finds the address of the database that a secret has a login of;
	// empty if it has none.
	Login(ctx context.Context, secret string) (string, error)
	// Instance finds the role of an instance, and the endpoint through which it
	// calls a service.
	Instance(ctx context.Context, id, service string) (Instance, error)
	// Changed drops what was cached.
	Changed()
	// ARN completes a partial name in a request to an ARN, as actions.Env does.
	ARN(ctx context.Context, kind, name string) string
}

// Encryption says how a resource is encrypted; without a key, AWS's own key encrypts it.
type Encryption struct {
	// Key is an ARN.
	Key string
	// BucketKey is the bucket whose key S3 uses to derive the objects' keys.
	BucketKey string
}

// Authorizer decides requests.
type Authorizer struct {
	source Source
	place  services.Place
	denied *audit.Log
	log    *slog.Logger
	usage  audit.Usage
}

// Usage is what sessions ask for.
func (a *Authorizer) Usage() *audit.Usage { return &a.usage }

// New makes an authorizer for the resources of an account and region.
func New(source Source, place services.Place, denied *audit.Log, log *slog.Logger) *Authorizer {
	return &Authorizer{source: source, place: place, denied: denied, log: log}
}

// Session is the principal of a session of a role.
func (a *Authorizer) Session(roleARN, session string) policy.Principal {
	return policy.Principal{
		ARN:  fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", a.place.Partition, a.place.Account, lastPart(roleARN), session),
		Role: roleARN,
		// As AWS writes it, but without the role's unique ID.
		UserID: lastPart(roleARN) + ":" + session,
	}
}

// Request decides a request of an AWS API. It returns the decision that denies,
// or nil. The body is that of the JSON and query protocols and of DeleteObjects.
// The account's root may do everything, except assume a role that does not trust
// its account.
func (a *Authorizer) Request(r *http.Request, body []byte, p policy.Principal) (*policy.Decision, error) {
	if p.Root() && actions.Read(r, body, actions.Env{}).Service != "sts" {
		return nil, nil //nolint:nilnil // nothing denies
	}
	ctx := r.Context()
	env := actions.Env{
		Partition: a.place.Partition, Region: a.place.Region, Account: a.place.Account,
		ARN: func(kind, name string) string { return a.source.ARN(ctx, kind, name) },
	}
	needs := actions.Of(r, body, env)
	path, err := a.source.Path(ctx, p, actions.Read(r, body, env).Service)
	if err != nil {
		return nil, err
	}
	endpoint := path.Endpoint
	workload := a.workload(p, endpoint)
	for i := range needs {
		needs[i].Principal = p
		maps.Copy(needs[i].Context, workload)
	}
	a.usage.Add(needs...)
	if endpoint == nil {
		endpoint = &Endpoint{}
	}
	if d, err := a.all(ctx, needs, endpoint.Policy); d != nil || err != nil {
		return d, err
	}
	// The service requests the use of a key, without an endpoint.
	further, err := a.encrypted(ctx, ofPart(r, needs))
	if err != nil {
		return nil, err
	}
	a.usage.Add(further...)
	return a.All(ctx, further)
}

// workload are the keys that tell where a call comes from: the endpoint, and the
// function whose code it is.
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
func (a *Authorizer) workload(p policy.Principal, endpoint *Endpoint) policy.Context {
	k := policy.Context{}
	if endpoint != nil {
		k.Set("aws:SourceVpce", endpoint.ID)
		k.Set("aws:SourceVpc", endpoint.VPC)
	}
	if p.Function != "" {
		k.Set("lambda:SourceFunctionArn", a.place.Function(p.Function))
	}
	return k
}

// All decides requests that must all be allowed. It records the first denied one and returns its decision, or
// nil.
func (a *Authorizer) All(ctx context.Context, requests []policy.Request) (*policy.Decision, error) {
	return a.all(ctx, requests, nil)
}

func (a *Authorizer) all(ctx context.Context, requests []policy.Request, endpoint *policy.Named) (*policy.Decision, error) {
	for _, r := range requests {
		d, err := a.decide(ctx, r, endpoint)
		if err != nil {
			return nil, err
		}
		if d.Allowed {
			continue
		}
		if err := a.denied.Add(d); err != nil {
			a.log.Error("record a denial", "error", err)
		}
		return &d, nil
	}
	return nil, nil //nolint:nilnil // nothing denies
}

func (a *Authorizer) decide(ctx context.Context, r policy.Request, endpoint *policy.Named) (policy.Decision, error) {
	p := policy.Policies{Endpoint: endpoint}
	if r.Principal.Role != "" {
		role, err := a.source.Role(ctx, lastPart(r.Principal.Role))
		// Sessions may outlive their role, but may then do nothing.
		if err != nil && !errors.Is(err, ErrNoRole) {
			return policy.Decision{}, err
		}
		if role != nil && role.ARN == r.Principal.Role {
			p.Identity, p.Boundary = role.Identity, role.Boundary
		}
	}
	resource, err := a.resourcePolicy(ctx, r)
	if err != nil {
		return policy.Decision{}, err
	}
	p.Resource = resource
	return policy.Evaluate(r, p), nil
}

// resourcePolicy returns the policy of the request's resource, or the trust policy of the role that it assumes.
func (a *Authorizer) resourcePolicy(ctx context.Context, r policy.Request) (*policy.Named, error) {
	if !r.AssumesRole() {
		return a.source.ResourcePolicy(ctx, r.Resource)
	}
	role, err := a.source.Role(ctx, lastPart(r.Resource))
	switch {
	case errors.Is(err, ErrNoRole):
		return nil, nil //nolint:nilnil // no trust
	case err != nil:
		return nil, err
	case role.ARN != r.Resource:
		return nil, nil //nolint:nilnil // no trust
	}
	return role.Trust, nil
}

// encrypted returns the uses of keys that S3, Secrets Manager and SQS make on behalf of the caller.
func (a *Authorizer) encrypted(ctx context.Context, needs []policy.Request) ([]policy.Request, error) {
	var further []policy.Request
	for _, need := range needs {
		switch need.Action {
		case "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", services.UploadPart,
			"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret",
			"sqs:SendMessage", "sqs:ReceiveMessage":
		default:
			continue
		}
		e, err := a.source.Encryption(ctx, need.Resource)
		if err != nil {
			return nil, err
		}
		if given := need.Context["s3:x-amz-server-side-encryption-aws-kms-key-id"]; len(given) == 1 {
			if arn := a.source.ARN(ctx, "key", given[0]); arn != "" {
				e.Key = arn
			}
		}
		if e.Key == "" {
			continue
		}
		further = append(further, a.place.ObjectKey(need.Principal, need.Action, need.Resource, e.BucketKey, e.Key)...)
		further = append(further, a.place.SecretKey(need.Principal, need.Action, need.Resource, e.Key)...)
		further = append(further, a.place.QueueKey(need.Principal, need.Action, need.Resource, e.Key)...)
	}
	return further, nil
}

// ofPart says of what a request to upload a part needs that it is for a part.
func ofPart(r *http.Request, needs []policy.Request) []policy.Request {
	if query := r.URL.Query(); !query.Has("uploadId") || !query.Has("partNumber") {
		return needs
	}
	needs = slices.Clone(needs)
	for i := range needs {
		if needs[i].Action == "s3:PutObject" {
			needs[i].Action = services.UploadPart
		}
	}
	return needs
}
