package authz

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/beevik/etree"
)

// client calls the emulator, which does not verify signatures and reads the service from the credential scope.
type client struct {
	http   *http.Client
	url    string
	region string
}

// apiError is an error response of the emulator.
type apiError struct {
	status int
	code   string
}

func (e *apiError) Error() string {
	return fmt.Sprintf("the emulator returned %d %s", e.status, e.code)
}

func (c *client) do(ctx context.Context, service string, req *http.Request) ([]byte, error) {
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=unchecked/20260101/"+c.region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := c.http.Do(req.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("request to the emulator: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the emulator's response: %w", err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, &apiError{resp.StatusCode, errorCode(resp, body)}
	}
	return body, nil
}

func errorCode(resp *http.Response, body []byte) string {
	var j struct {
		Type string `json:"__type"`
	}
	if json.Unmarshal(body, &j) == nil {
		return j.Type
	}
	doc := etree.NewDocument()
	if doc.ReadFromBytes(body) == nil {
		if code := doc.FindElement("//Code"); code != nil {
			return code.Text()
		}
	}
	return resp.Status
}

// query calls an operation of the query protocol. The pairs are names and values of parameters.
func (c *client) query(ctx context.Context, service, version, action string, pairs ...string) (*etree.Element, error) {
	form := url.Values{"Action": {action}, "Version": {version}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body, err := c.do(ctx, service, req)
	if err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(body); err != nil {
		return nil, fmt.Errorf("%s of %s: %w", action, service, err)
	}
	return &doc.Element, nil
}

// json calls an operation of the JSON protocol.
func (c *client) json(ctx context.Context, service, target string, in, out any) error {
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/", bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	body, err := c.do(ctx, service, req)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	return nil
}

// get requests a path of a REST service.
func (c *client) get(ctx context.Context, service, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, service, req)
}
