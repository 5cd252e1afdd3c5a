// Package query serves operations of AWS's query protocol: a request is a form, an
// answer is XML.
package query

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// FormType is the content type of requests.
const FormType = "application/x-www-form-urlencoded"

// Handler serves one operation, with the emulator's help.
type Handler func(ctx context.Context, x *Exchange) (*Answer, error)

// Handlers are those of operations, by <service>:<Action>, such as ec2:RunInstances.
type Handlers map[string]Handler

// Error is an error of the API, sent to the client unchanged.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Exchange is one request with access to the emulator.
type Exchange struct {
	Form url.Values
	// Client sends requests to the emulator's URL with Header.
	Client *http.Client
	URL    string
	Header http.Header
}

// Get returns a parameter of the request.
func (x *Exchange) Get(name string) string { return x.Form.Get(name) }

// List returns a parameter with the members prefix.1, prefix.2 and so on.
func (x *Exchange) List(prefix string) []string {
	var values []string
	for i := 1; x.Form.Has(fmt.Sprintf("%s.%d", prefix, i)); i++ {
		values = append(values, x.Form.Get(fmt.Sprintf("%s.%d", prefix, i)))
	}
	return values
}

// Send forwards the client's request to the emulator, with changes made to the form.
func (x *Exchange) Send(ctx context.Context) (*Answer, error) { return x.Post(ctx, x.Form) }

// Ask sends another operation to the emulator. The emulator's errors are returned as errors.
func (x *Exchange) Ask(ctx context.Context, action string, parameters url.Values) (*Answer, error) {
	form := url.Values{}
	maps.Copy(form, parameters)
	form.Set("Action", action)
	form.Set("Version", x.Get("Version"))
	a, err := x.Post(ctx, form)
	if err == nil && !a.OK() {
		err = fmt.Errorf("%s: HTTP status %d: %s", action, a.Status, a.Body)
	}
	return a, err
}

// Post sends a form to the emulator.
func (x *Exchange) Post(ctx context.Context, form url.Values) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("request to the emulator: %w", err)
	}
	req.Header = x.Header.Clone()
	req.Header.Del("Content-Length")
	if !Reads(form.Get("Action")) {
		req.GetBody = nil
	}
	resp, err := x.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the emulator did not answer: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("the emulator's answer: %w", err)
	}
	return &Answer{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Amzn-Requestid"), Body: body}, nil
}

// Reads reports whether an operation changes nothing, going by AWS's naming of operations.
func Reads(action string) bool {
	for _, prefix := range []string{"Describe", "Get", "List", "BatchGet"} {
		if strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}
