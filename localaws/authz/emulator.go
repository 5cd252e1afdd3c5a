package authz

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/beevik/etree"

	"localaws/iam/actions"
	"localaws/iam/policy"
	"localaws/iam/services"
)

const (
	iamVersion = "2010-05-08"
	snsVersion = "2010-03-31"
	sqsVersion = "2012-11-05"
)

// Emulator is a Source that reads policies and networks through the emulator's API, as the account's root. It caches
// them until Changed is called.
type Emulator struct {
	client  client // bypasses the gateway
	account client
	options EmulatorOptions
	cache   cache
}

// EmulatorOptions contain the address of an emulator, and functions for data that it does not store.
type EmulatorOptions struct {
	Transport http.RoundTripper
	URL       string
	Place     services.Place
	// EndpointPolicy returns the policy of a VPC endpoint, or "".
	EndpointPolicy func(id string) (string, error)
	// JobConnections returns the connections of a Glue job.
	JobConnections func(job string) ([]string, error)
	// Account sends requests to EC2 and RDS through the gateway, which adds properties that the emulator drops. The
	// default is Transport.
	Account http.RoundTripper
}

// NewEmulator returns a Source that reads from an emulator.
func NewEmulator(o EmulatorOptions) *Emulator {
	if o.Account == nil {
		o.Account = o.Transport
	}
	to := func(transport http.RoundTripper) client {
		return client{&http.Client{Transport: transport}, strings.TrimSuffix(o.URL, "/"), o.Place.Region}
	}
	return &Emulator{client: to(o.Transport), account: to(o.Account), options: o}
}

// Changes reports whether a request may change data that Emulator caches.
func Changes(r *http.Request, body []byte) bool {
	c := actions.Read(r, body, actions.Env{})
	switch c.Service {
	case "ec2":
		return !strings.HasPrefix(c.Operation, "Describe") && !strings.HasSuffix(c.Operation, "Tags")
	case "glue":
		cached := strings.HasSuffix(c.Operation, "Connection") || strings.HasSuffix(c.Operation, "Job") // A job has its connections' network.
		return cached && !strings.HasPrefix(c.Operation, "Get")
	case "s3":
		return r.Method != http.MethodGet && r.Method != http.MethodHead && strings.Count(strings.Trim(r.URL.Path, "/"), "/") == 0
	case "iam", "kms", "sns", "sqs", "lambda", "secretsmanager", "cloudformation":
	default:
		return false
	}
	for _, verb := range []string{"DeleteMessage", "ChangeMessage", "Describe", "Get", "List", "Invoke", "Decrypt", "Encrypt", "Generate", "Publish", "Send", "Receive", "Simulate"} {
		if strings.HasPrefix(c.Operation, verb) {
			return false
		}
	}
	return true
}

// Changed implements Source.
func (e *Emulator) Changed() { e.cache.clear() }

// Role implements Source.
func (e *Emulator) Role(ctx context.Context, name string) (*Role, error) {
	return cached(&e.cache, "role "+name, func() (*Role, error) { return e.readRole(ctx, name) })
}

func (e *Emulator) readRole(ctx context.Context, name string) (*Role, error) {
	found, err := e.iam(ctx, "GetRole", "RoleName", name)
	if hasCode(err, "NoSuchEntity") {
		return nil, ErrNoRole
	}
	if err != nil {
		return nil, err
	}
	role := &Role{ARN: text(found, "//Role/Arn")}
	if role.Trust, err = parse(policy.Trust, role.ARN, text(found, "//Role/AssumeRolePolicyDocument")); err != nil {
		return nil, err
	}
	if boundary := text(found, "//PermissionsBoundary/PermissionsBoundaryArn"); boundary != "" {
		if role.Boundary, err = e.managed(ctx, policy.Boundary, boundary); err != nil {
			return nil, err
		}
	}
	inline, err := e.iam(ctx, "ListRolePolicies", "RoleName", name)
	if err != nil {
		return nil, err
	}
	for _, member := range inline.FindElements("//PolicyNames/member") {
		document, err := e.iam(ctx, "GetRolePolicy", "RoleName", name, "PolicyName", member.Text())
		if err != nil {
			return nil, err
		}
		p, err := parse(policy.Identity, member.Text(), text(document, "//PolicyDocument"))
		if err != nil {
			return nil, err
		}
		role.Identity = append(role.Identity, *p)
	}
	attached, err := e.iam(ctx, "ListAttachedRolePolicies", "RoleName", name)
	if err != nil {
		return nil, err
	}
	for _, member := range attached.FindElements("//AttachedPolicies/member/PolicyArn") {
		p, err := e.managed(ctx, policy.Identity, member.Text())
		if err != nil {
			return nil, err
		}
		role.Identity = append(role.Identity, *p)
	}
	return role, nil
}

func (e *Emulator) iam(ctx context.Context, action string, pairs ...string) (*etree.Element, error) {
	return e.client.query(ctx, "iam", iamVersion, action, pairs...)
}

func (e *Emulator) managed(ctx context.Context, kind policy.Kind, arn string) (*policy.Named, error) {
	found, err := e.iam(ctx, "GetPolicy", "PolicyArn", arn)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", arn, err)
	}
	version, err := e.iam(ctx, "GetPolicyVersion", "PolicyArn", arn, "VersionId", text(found, "//DefaultVersionId"))
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", arn, err)
	}
	return parse(kind, arn, text(version, "//Document"))
}

// parse parses a policy document, which may be URL-encoded, as IAM returns it.
func parse(kind policy.Kind, name, document string) (*policy.Named, error) {
	if strings.HasPrefix(document, "%") {
		plain, err := url.PathUnescape(document)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", name, err)
		}
		document = plain
	}
	d, err := policy.Parse(kind, []byte(document))
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", name, err)
	}
	return &policy.Named{Name: name, Document: d}, nil
}

func text(from *etree.Element, path string) string {
	if e := from.FindElement(path); e != nil {
		return e.Text()
	}
	return ""
}

func hasCode(err error, codes ...string) bool {
	var known *apiError
	if !errors.As(err, &known) {
		return false
	}
	for _, code := range codes {
		if strings.Contains(known.code, code) {
			return true
		}
	}
	return false
}

func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
