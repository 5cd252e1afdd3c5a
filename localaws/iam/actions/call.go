// Package actions translates requests to AWS APIs to IAM authorization requests:
// actions, resources and condition keys. Actions and resource types are those of
// AWS's service authorization reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
//
// An unknown operation requires the action of that name on all resources, so that every operation is checked.
package actions

import (
	"cmp"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"localaws/iam/policy"
)

// Env is the environment of requests.
type Env struct {
	Partition, Region, Account string
	// ARN resolves a name in a request to an ARN: kind "key" by ID, alias or ciphertext, "secret", "role" and
	// "instance-profile" by name, "query-workgroup" by the ID of a saved query, "execution-workgroup" by the ID of an
	// execution. It returns "" for an unknown name. It may be nil.
	ARN func(kind, name string) string
	// Now returns the time. The default is time.Now.
	Now func() time.Time
}

func (e Env) arn(kind, name string) string {
	if e.ARN == nil {
		return ""
	}
	return e.ARN(kind, name)
}

// Call is a parsed request.
type Call struct {
	// Service is IAM's prefix, for example cloudwatch for requests signed for monitoring.
	Service string
	// Operation is the API's name. It is empty for S3 and for unknown paths.
	Operation string

	params params
	http   *http.Request
	env    Env
}

// Of returns the authorization requests of an API request, without a principal. All must be allowed. The body is needed
// for the JSON and query protocols, and for S3's DeleteObjects.
func Of(r *http.Request, body []byte, env Env) []policy.Request {
	c := Read(r, body, env)
	var needs []policy.Request
	switch {
	case c.Service == "s3":
		needs = c.s3(body)
	case c.Service == "sts" && free[c.Operation]:
		return nil
	default:
		needs = c.needs()
	}
	needs = append(needs, c.passRole()...)
	common := c.common()
	for i := range needs {
		merged := policy.Context{}
		for _, from := range []policy.Context{common, needs[i].Context} {
			for key, values := range from {
				merged.Set(key, values...)
			}
		}
		needs[i].Context = merged
	}
	return needs
}

// free are the operations of STS that need no permission:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
var free = map[string]bool{"GetCallerIdentity": true, "GetSessionToken": true}

// versions maps the API versions of query protocols to services.
var versions = map[string]string{
	"2016-11-15": "ec2",
	"2014-10-31": "rds",
	"2010-05-08": "iam",
	"2011-06-15": "sts",
	"2010-03-31": "sns",
	"2012-11-05": "sqs",
	"2010-08-01": "cloudwatch",
	"2010-05-15": "cloudformation",
	"2011-01-01": "autoscaling",
	"2012-06-01": "elasticloadbalancing",
	"2015-12-01": "elasticloadbalancing",
	"2015-02-02": "elasticache",
	"2010-12-01": "ses",
}

// prefixes maps services in signatures to IAM's prefixes where they differ.
var prefixes = map[string]string{"monitoring": "cloudwatch"}

// queries are the services with a query protocol.
var queries = slices.Collect(maps.Values(versions))

// Query reports whether a request is signed for a service with a query protocol. SES has another API below /v2/.
func Query(r *http.Request) bool {
	service := Signed(r)
	return slices.Contains(queries, service) && (service != "ses" || !strings.HasPrefix(r.URL.Path, "/v2/"))
}

// Version returns the service of a query protocol's API version, or "".
func Version(version string) string { return versions[version] }

// Signed returns IAM's prefix of the service that a request is signed for.
func Signed(r *http.Request) string {
	service := signedFor(r)
	return cmp.Or(prefixes[service], service)
}

// rpcPath matches the paths of CloudWatch's RPC protocol.
var rpcPath = regexp.MustCompile(`^/service/GraniteServiceVersion20100801/operation/\w+$`)

// RPC reports whether a request is in CloudWatch's RPC protocol, with the operation in the path.
func RPC(r *http.Request) bool { return Signed(r) == "cloudwatch" && rpcPath.MatchString(r.URL.Path) }

// Read parses a request.
func Read(r *http.Request, body []byte, env Env) *Call {
	c := &Call{http: r, env: env, params: jsonParams{}, Service: Signed(r)}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c.Service, c.Operation = Target(target)
		c.params = readJSON(body)
		return c
	}
	if RPC(r) { // In a request for S3 the path is an object's.
		c.Operation = path.Base(r.URL.Path)
		c.params = readJSON(body) // CBOR is not decoded, so its parameters are unknown.
		return c
	}
	if form := readForm(r, body); form.Get("Action") != "" {
		c.params, c.Operation = formParams(form), form.Get("Action")
		if service, ok := versions[form.Get("Version")]; ok {
			c.Service = service
		}
		return c
	}
	if c.Service == "lambda" {
		c.params = readJSON(body)
		c.readLambda()
		return c
	}
	if c.Service == "lakeformation" { // The path is the operation.
		c.Operation = strings.Trim(r.URL.Path, "/")
	}
	if c.Service == "" {
		c.Service = "s3" // Only S3 accepts requests without a signature.
	}
	return c
}

func readForm(r *http.Request, body []byte) url.Values {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method == http.MethodPost && err == nil && kind == "application/x-www-form-urlencoded" {
		if form, err := url.ParseQuery(string(body)); err == nil {
			return form
		}
	}
	return r.URL.Query()
}

var credentialScope = regexp.MustCompile(`Credential=[^/,\s]+/\d{8}/[^/]*/([a-z0-9-]+)/aws4_request`)

// signedFor returns the service in the signature's credential scope.
func signedFor(r *http.Request) string {
	text := r.Header.Get("Authorization")
	if presigned := r.URL.Query().Get("X-Amz-Credential"); presigned != "" {
		text = "Credential=" + presigned
	}
	if m := credentialScope.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
