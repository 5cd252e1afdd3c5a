// Package query implements AWS's query protocol: requests are forms, and responses are XML.
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

// Handler serves one operation. It can call the emulator.
type Handler func(ctx context.Context, x *Exchange) (*Response, error)

// Handlers maps operations to their handlers. The keys are <service>:<Action>, for example ec2:RunInstances.
type Handlers map[string]Handler

// Error is an error of the API. The client receives it unchanged.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Exchange is a request, with access to the emulator.
type Exchange struct {
	Form url.Values
	// Client sends requests with Header to URL, the emulator's.
	Client *http.Client
	URL    string
	Header http.Header
}

// Get returns a parameter of the request.
func (x *Exchange) Get(name string) string { return x.Form.Get(name) }

// List returns the values of the parameters prefix.1, prefix.2 and so on.
func (x *Exchange) List(prefix string) []string {
	var values []string
	for i := 1; x.Form.Has(fmt.Sprintf("%s.%d", prefix, i)); i++ {
		values = append(values, x.Form.Get(fmt.Sprintf("%s.%d", prefix, i)))
	}
	return values
}

// Send forwards the client's request, with changes in Form, to the emulator.
func (x *Exchange) Send(ctx context.Context) (*Response, error) { return x.Post(ctx, x.Form) }

// Call calls another operation of the emulator. It returns an error if the operation fails.
func (x *Exchange) Call(ctx context.Context, action string, parameters url.Values) (*Response, error) {
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
func (x *Exchange) Post(ctx context.Context, form url.Values) (*Response, error) {
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
		return nil, fmt.Errorf("send to the emulator: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the emulator's response: %w", err)
	}
	return &Response{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Amzn-Requestid"), Body: body}, nil
}

// Reads reports whether an operation is read-only, by the prefix of its name.
func Reads(action string) bool {
	for _, prefix := range []string{"Describe", "Get", "List", "BatchGet"} {
		if strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}
