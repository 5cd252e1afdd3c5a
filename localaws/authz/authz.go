// Package authz authorizes requests to the gateway and requests of local services for a role. It evaluates them with
// the packages iam and reachability, using the policies and networks in the emulator.
//
// The owner of the state folder is the account's root and may do everything. Requests that a service makes as itself
// need only the permission of the resource's policy.
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
	// Role returns a role by its name, without the path.
	Role(ctx context.Context, name string) (*Role, error)
	// ResourcePolicy returns the policy of a resource, or nil.
	ResourcePolicy(ctx context.Context, arn string) (*policy.Named, error)
	// Encryption returns the key that encrypts an object, a secret, a topic or a queue.
	Encryption(ctx context.Context, arn string) (Encryption, error)
	// Path returns the network path from the workload of a session to a service.
	Path(ctx context.Context, p policy.Principal, service string) (Path, error)
	// Connection returns the network and database of a Glue connection.
	Connection(ctx context.Context, name string) (Connection, error)
	// Function returns the subnets and security groups of a function.
	Function(ctx context.Context, name string) (reachability.Workload, error)
	// Network returns the network of all VPCs.
	Network(ctx context.Context) (*reachability.Network, error)
	// Database returns the account's private database at an address, or nil.
	Database(ctx context.Context, address string) (*reachability.Database, error)
	// Login returns the address of the database for which a secret contains a login, or "".
	Login(ctx context.Context, secret string) (string, error)
	// Instance returns the role of an instance, and the endpoint through which it calls a service.
	Instance(ctx context.Context, id, service string) (Instance, error)
	// Changed clears the cache.
	Changed()
	// ARN resolves a name in a request to an ARN, see actions.Env.
	ARN(ctx context.Context, kind, name string) string
}

// Encryption describes the encryption of a resource. Without a key, AWS's key encrypts it.
type Encryption struct {
	// Key is an ARN.
	Key string
	// BucketKey is the name of a bucket with an S3 Bucket Key.
	BucketKey string
}

// Authorizer authorizes requests.
type Authorizer struct {
	source Source
	place  services.Place
	denied *audit.Log
	log    *slog.Logger
	usage  audit.Usage
}

// Usage returns the recorded requests of sessions.
func (a *Authorizer) Usage() *audit.Usage { return &a.usage }

// New returns an authorizer for the resources of an account and region.
func New(source Source, place services.Place, denied *audit.Log, log *slog.Logger) *Authorizer {
	return &Authorizer{source: source, place: place, denied: denied, log: log}
}

// Session returns the principal of a role session.
func (a *Authorizer) Session(roleARN, session string) policy.Principal {
	return policy.Principal{
		ARN:  fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", a.place.Partition, a.place.Account, lastPart(roleARN), session),
		Role: roleARN,
		// AWS uses the role's unique ID instead of its name.
		UserID: lastPart(roleARN) + ":" + session,
	}
}

// Request authorizes a request to an AWS API. It returns the denying decision, or nil. The body is needed for the JSON
// and query protocols and for DeleteObjects. The account's root may do everything, except assume a role that does not
// trust its account.
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
	// The service uses the key, without the caller's endpoint.
	further, err := a.kmsRequests(ctx, withUploadPart(r, needs))
	if err != nil {
		return nil, err
	}
	a.usage.Add(further...)
	return a.All(ctx, further)
}

// workload returns the condition keys for the endpoint of a call, and for the calling function.
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

// All authorizes requests that must all be allowed. It records the first denied request and returns its decision, or
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
		// The sessions of a deleted role have no permissions.
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

// kmsRequests returns the KMS requests that S3, Secrets Manager and SQS make on behalf of the caller.
func (a *Authorizer) kmsRequests(ctx context.Context, needs []policy.Request) ([]policy.Request, error) {
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

// withUploadPart replaces s3:PutObject by services.UploadPart in the needs of a request that uploads a part.
func withUploadPart(r *http.Request, needs []policy.Request) []policy.Request {
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
