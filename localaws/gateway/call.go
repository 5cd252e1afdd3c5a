package gateway

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"localaws/gateway/query"
	"localaws/iam/actions"
)

// maxCallBody is far above AWS's limits for calls.
const maxCallBody = 64 << 20

// call is a request of AWS's JSON or query protocol: an operation's name and a document. Requests to S3 and in the
// REST protocols are not calls; their bodies are streamed.
type call struct {
	// name is X-Amz-Target, or <service>:<Action>, for example ec2:RunInstances.
	name string
	body []byte
	form url.Values // query protocol only
}

// readCall returns nil for other protocols. The request's body can be read again.
func readCall(r *http.Request) (*call, error) {
	target := r.Header.Get("X-Amz-Target")
	if r.Method != http.MethodPost || (target == "" && !isForm(r)) {
		return nil, nil //nolint:nilnil // not a call
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxCallBody))
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if target != "" {
		return &call{name: target, body: body}, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") == "" {
		return nil, nil //nolint:nilnil,nilerr // an object's bytes may have this content type too
	}
	return &call{name: actions.Version(form.Get("Version")) + ":" + form.Get("Action"), body: body, form: form}, nil
}

// service returns the service of a query protocol, for example ec2.
func (c *call) service() string {
	service, _, _ := strings.Cut(c.name, ":")
	return service
}

func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == query.FormType
}

// repeatable lets the transport retry the request if the call only reads.
func (c *call) repeatable(r *http.Request) *http.Request {
	if c.reads() {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c.body)), nil }
	}
	return r
}

// reads reports whether the call is read-only.
func (c *call) reads() bool {
	return query.Reads(c.name[strings.LastIndexAny(c.name, ".:")+1:])
}
