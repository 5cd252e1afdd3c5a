package gateway

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"localaws/credentials"
	"localaws/gateway/query"
	"localaws/iam/actions"
)

// normalized converts a verified request to the form that all code behind expects: the signature in the header,
// and a call of the query protocol as a POST with all parameters in the body. The emulator also accepts both in
// the query, where the operations served here would not see them.
func normalized(r *http.Request) (*http.Request, error) {
	target := r.Header.Get("X-Amz-Target")
	if err := cmp.Or(checkTarget(r), checkService(r)); err != nil {
		return r, err
	}
	service, parameters := credentials.ServiceOf(r), r.URL.Query()
	if scope := parameters.Get("X-Amz-Credential"); scope != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+scope)
		r.URL.RawQuery = withoutSignature(r.URL.RawQuery)
		parameters = r.URL.Query()
	}
	if !parameters.Has("Action") {
		return r, checkParameters(r)
	}
	if target != "" || strings.HasPrefix(service, "s3") {
		return r, malformed("Action is not a parameter of this service")
	}
	form, err := readForm(r)
	if err != nil {
		return r, err
	}
	for name := range parameters {
		if form.Has(name) {
			return r, malformed("a parameter is both in the query and in the body")
		}
	}
	maps.Copy(form, parameters)
	out, text := r.Clone(r.Context()), form.Encode()
	out.Method, out.URL.RawQuery = http.MethodPost, ""
	out.Body, out.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	out.Header.Set("Content-Type", query.FormType)
	out.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return out, checkParameters(out)
}

// checkTarget refuses a target that could be read in two ways: as one operation when it is decided, and as another by
// the emulator, which joins repeated headers and goes by a target's beginning.
func checkTarget(r *http.Request) error {
	targets := r.Header.Values("X-Amz-Target")
	switch {
	case len(targets) == 0:
		return nil
	case len(targets) > 1:
		return malformed("the request has more than one X-Amz-Target")
	case r.Method != http.MethodPost:
		return malformed("X-Amz-Target is for POST requests")
	}
	if service, _ := actions.Target(targets[0]); service == "" {
		return malformed(fmt.Sprintf("X-Amz-Target is %q, not an operation of a service that the local AWS knows", targets[0]))
	}
	return nil
}

// signatureParameters are the parameters of a presigned URL.
var signatureParameters = []string{
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
	"X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}

// withoutSignature does not touch the other parameters: an empty value differs from a missing one.
func withoutSignature(raw string) string {
	parts := strings.Split(raw, "&")
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		return slices.Contains(signatureParameters, name)
	}), "&")
}

func readForm(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxCallBody))
	if err != nil {
		return nil, malformed("the body is too large")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, malformed("the body is not a form")
	}
	return form, nil
}

func malformed(message string) error {
	return &credentials.Error{Reason: credentials.Malformed, Message: message}
}
