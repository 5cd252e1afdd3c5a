package awsmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxBody is above AWS's limits for requests other than uploads of objects.
const maxBody = 96 << 20

// Request is a call of an operation, in any protocol.
type Request struct {
	// Service is botocore's name, for example glue or events.
	Service   string
	Operation string
	// Params is the operation's input: strings, json.Number, bool, []any and map[string]any. Numbers of a query
	// protocol are strings.
	Params map[string]any

	model *model
	input *shape
}

// Protocols, named as in the models.
const (
	ProtocolJSON     = "json"
	ProtocolQuery    = "query"
	ProtocolEC2      = "ec2"
	ProtocolRESTJSON = "rest-json"
	ProtocolRESTXML  = "rest-xml"
)

// Protocol returns the protocol of the request.
func (r *Request) Protocol() string {
	if r.Service == s3 {
		return ProtocolRESTXML
	}
	return wire(r.model.Metadata.Protocol)
}

// wire returns the protocol that clients use. CloudWatch's model contains only its newest protocol.
func wire(protocol string) string {
	if protocol == "smithy-rpc-v2-cbor" {
		return ProtocolQuery
	}
	return protocol
}

// targets maps prefixes of X-Amz-Target, up to the dot, to services.
var targets = map[string]string{
	"AWSGlue":                 "glue",
	"secretsmanager":          "secretsmanager",
	"TrentService":            "kms",
	"Logs_20140328":           "logs",
	"AmazonAthena":            "athena",
	"AWSEvents":               "events",
	"AmazonSSM":               "ssm",
	"AmazonSQS":               "sqs",
	"AWSBudgetServiceGateway": "budgets",
	"AWSFreeTierService":      "freetier",
	"ServiceQuotasV20190624":  "service-quotas",
}

// versions maps the parameter Version of a query protocol to services.
var versions = map[string]string{
	"2016-11-15": "ec2",
	"2014-10-31": "rds",
	"2010-05-08": "iam",
	"2011-06-15": "sts",
	"2010-03-31": "sns",
	"2010-08-01": "cloudwatch",
}

// Read parses a request. It returns nil for an unknown service or operation. The body is nil if it has not been read
// yet. It can be read again. An invalid request results in a *Refusal.
func (m *Models) Read(r *http.Request, body []byte) (*Request, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, name, _ := strings.Cut(target, ".")
		return m.readJSON(targets[prefix], name, body)
	}
	if body != nil {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, nil //nolint:nilnil,nilerr // not a form
		}
		return m.readForm(versions[form.Get("Version")], form)
	}
	switch restService(r) {
	case "lambda":
		return m.readREST("lambda", r)
	case s3:
		return readS3(r)
	}
	return nil, nil //nolint:nilnil // unknown service
}

var (
	scope = regexp.MustCompile(`Credential=[^/]*/\d{8}/[^/]*/([a-z0-9-]+)/aws4_request`)
	// Lambda's paths begin with the date of an API version.
	dated = regexp.MustCompile(`^/20\d\d-\d\d-\d\d/`)
)

// IsLambda reports whether a request without a target or a form is for Lambda.
func IsLambda(r *http.Request) bool { return restService(r) == "lambda" }

func restService(r *http.Request) string {
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		return found[1]
	}
	if dated.MatchString(r.URL.Path) {
		return "lambda"
	}
	return s3
}

func (m *Models) newRequest(service, version, name string) (*Request, error) {
	if service == "" {
		return nil, nil //nolint:nilnil // unknown service
	}
	model, err := m.load(service, version)
	if err != nil {
		return nil, err
	}
	o := model.Operations[name]
	if o == nil {
		return nil, nil //nolint:nilnil // The service returns the error.
	}
	r := &Request{Service: service, Operation: name, Params: map[string]any{}, model: model, input: &shape{Type: "structure"}}
	if o.Input != nil {
		r.input = o.Input.shape
	}
	return r, nil
}

func (m *Models) readJSON(service, name string, body []byte) (*Request, error) {
	r, err := m.newRequest(service, "", name)
	if r == nil || err != nil || len(bytes.TrimSpace(body)) == 0 {
		return r, err
	}
	r.Params, err = decodeJSON(body)
	return r, err
}

func decodeJSON(body []byte) (map[string]any, error) {
	params := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&params); err != nil {
		return nil, &Refusal{Code: "SerializationException", Message: fmt.Sprintf("the request is not a JSON object: %v", err)}
	}
	return params, nil
}

// rereadable returns the body, which can be read again.
func rereadable(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return nil, &Refusal{Code: "RequestEntityTooLargeException", Message: "Request must be smaller than the service's limit", Status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
