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

// normalized converts a verified request to the form that authorization and handlers expect: the signature and S3's
// headers in the header, the bucket in the path, and calls of the query protocol as a POST with all parameters in the
// body. The emulator also accepts them in the query and in the host, which authorization and handlers do not read.
func normalized(r *http.Request) (*http.Request, error) {
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return r, malformed(fmt.Sprintf("the query is not valid: %v", err)) // The emulator is more lenient than Go.
	}
	if err := cmp.Or(checkTarget(r), checkService(r)); err != nil {
		return r, err
	}
	if r, err = pathStyle(r); err != nil {
		return r, err
	}
	storage := credentials.ServiceOf(r) == "s3"
	if scope := parameters.Get("X-Amz-Credential"); scope != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+scope)
		r.URL.RawQuery = without(r.URL.RawQuery, func(name string) bool { return slices.Contains(signatureParameters, name) })
		parameters = r.URL.Query()
	}
	if storage {
		r = spacedSource(withHeaders(r))
	}
	if !parameters.Has("Action") {
		return r, checkParameters(r)
	}
	if r.Header.Get("X-Amz-Target") != "" || !actions.Query(r) {
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

// checkTarget rejects an ambiguous target: the emulator joins repeated headers and matches only a prefix, so it could
// run another operation than the authorized one.
func checkTarget(r *http.Request) error {
	targets := r.Header.Values("X-Amz-Target")
	switch {
	case len(targets) == 0:
		return nil
	case len(targets) > 1:
		return malformed("the request has more than one X-Amz-Target")
	case r.Method != http.MethodPost:
		return malformed("X-Amz-Target requires a POST request")
	}
	if service, _ := actions.Target(targets[0]); service == "" {
		return malformed(fmt.Sprintf("X-Amz-Target %q is not an operation of a supported service", targets[0]))
	}
	return nil
}

// signatureParameters are the parameters of a presigned URL.
var signatureParameters = []string{
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
	"X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}

// without returns a raw query without the dropped parameters. It keeps the others byte for byte, because an empty value
// differs from a missing one.
func without(raw string, dropped func(name string) bool) string {
	return strings.Join(slices.DeleteFunc(strings.Split(raw, "&"), func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		return err == nil && dropped(name)
	}), "&")
}

// withHeaders moves x-amz-* parameters of an S3 request from the query to the header.
func withHeaders(r *http.Request) *http.Request {
	query := r.URL.Query()
	maps.DeleteFunc(query, func(name string, _ []string) bool {
		name = strings.ToLower(name)
		// Checksums stay, because S3 ignores them in a URL. S3 has no targets.
		return !strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, "x-amz-checksum-") || name == "x-amz-target"
	})
	if len(query) == 0 {
		return r
	}
	out := r.Clone(r.Context())
	for name, values := range query {
		if out.Header.Get(name) == "" {
			out.Header.Set(name, values[0])
		}
	}
	out.URL.RawQuery = without(out.URL.RawQuery, func(name string) bool { return query.Has(name) })
	return out
}

// spacedSource replaces plus signs in the source of a copy. S3 decodes them as spaces, and the emulator does not:
// https://github.com/aws/aws-cli/issues/614
func spacedSource(r *http.Request) *http.Request {
	const name = "X-Amz-Copy-Source"
	source := r.Header.Get(name)
	if !strings.Contains(source, "+") {
		return r
	}
	out := r.Clone(r.Context())
	out.Header.Set(name, strings.ReplaceAll(source, "+", "%20"))
	return out
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
