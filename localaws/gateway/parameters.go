package gateway

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"localaws/gateway/query"
	"localaws/iam/actions"
)

// checkParameters rejects a call without a target that the emulator would interpret differently than authorization and
// handlers. The emulator selects the service by the signature and ignores the form's version. It parses every body as a
// form, even with another content type or method. In CloudWatch, an operation in the path takes precedence.
func checkParameters(r *http.Request) error {
	signed := actions.Signed(r)
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		return nil
	case actions.Query(r) && strings.Contains(r.URL.Path, "/operation/"):
		return checkOperation(r)
	case actions.Query(r), r.Method == http.MethodPost && isForm(r):
		return checkForm(r, signed)
	}
	return nil
}

// checkOperation checks a call with its operation in the path.
func checkOperation(r *http.Request) error {
	if !actions.RPC(r) {
		return malformed(fmt.Sprintf("the path %q is not an operation of %s", r.URL.Path, actions.Signed(r)))
	}
	if isForm(r) {
		return malformed("the operation is in the path, so the body must not be a form")
	}
	return nil
}

// checkForm checks a call with its operation in a form.
func checkForm(r *http.Request, signed string) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxCallBody))
	if err != nil {
		return malformed("the body is too large")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if actions.Query(r) && len(body) > 0 {
		switch {
		case r.Method != http.MethodPost || !isForm(r):
			return malformed(fmt.Sprintf("%s accepts a body only in a POST request with content type %s", signed, query.FormType))
		case err != nil:
			return malformed(fmt.Sprintf("the body is not a form: %v", err))
		case r.URL.RawQuery != "":
			return malformed("the request has parameters both in the query and in the body")
		}
		for name, values := range form {
			if len(values) > 1 {
				return malformed(fmt.Sprintf("the parameter %q is in the body twice", name))
			}
		}
	}
	if err != nil || !form.Has("Action") {
		return nil //nolint:nilerr // an object's bytes may have this content type too
	}
	service := actions.Version(form.Get("Version"))
	if !actions.Query(r) || (service != "" && service != signed) {
		return malformed(fmt.Sprintf("the request is signed for %s, which has no Action with Version %q", signed, form.Get("Version")))
	}
	return nil
}
