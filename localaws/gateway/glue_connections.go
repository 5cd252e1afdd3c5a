package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"localaws/awsjson"
)

// Tags keeps the tags of Glue resources by ARN.
type Tags interface {
	Set(arn string, tags map[string]string) error
	Delete(arn string) error
}

// account is the emulator's account.
const account = "000000000000"

// connections are the emulator's, which drops the tags that they are created with.
type connections struct {
	tags   Tags
	region string
}

func (c *connections) arn(name string) string {
	return "arn:aws:glue:" + c.region + ":" + account + ":connection/" + name
}

// changed keeps the tags in step with the emulator.
func (c *connections) changed(operation string, body []byte) error {
	var in struct {
		ConnectionInput struct{ Name string }
		ConnectionName  string
		Tags            map[string]string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	if operation == "AWSGlue.CreateConnection" {
		return c.tags.Set(c.arn(in.ConnectionInput.Name), in.Tags)
	}
	return c.tags.Delete(c.arn(in.ConnectionName))
}

const updateConnection = "AWSGlue.UpdateConnection"

// follows reports whether the operation is served here.
func (c *connections) follows(operation string) bool {
	return operation == "AWSGlue.CreateConnection" || operation == "AWSGlue.DeleteConnection" || operation == updateConnection
}

func (g *Gateway) serveConnection(w http.ResponseWriter, r *http.Request, c *call) {
	if c.name == updateConnection {
		g.updateConnection(w, r, c)
		return
	}
	if err := g.connectionFree(r, c); err != nil {
		awsjson.WriteError(w, err)
		return
	}
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	g.proxy.ServeHTTP(rec, r)
	if rec.status != http.StatusOK {
		return
	}
	if err := g.connections.changed(c.name, c.body); err != nil {
		g.log.Error("tags of a connection", "operation", c.name, "error", err)
	}
}

// updateConnection replaces a connection, which the emulator cannot do: it creates the connection again under
// the same name, which keeps its tags.
func (g *Gateway) updateConnection(w http.ResponseWriter, r *http.Request, c *call) {
	var in struct {
		Name            string
		ConnectionInput map[string]any
	}
	if err := json.Unmarshal(c.body, &in); err != nil || in.ConnectionInput == nil {
		http.Error(w, "Name and ConnectionInput must be given", http.StatusBadRequest)
		return
	}
	in.ConnectionInput["Name"] = in.Name
	found := &recorder{ResponseWriter: discard{}, status: http.StatusOK}
	g.proxy.ServeHTTP(found, retargeted(r, "AWSGlue.GetConnection", map[string]any{"Name": in.Name}))
	if found.status != http.StatusOK { // The emulator names what is missing.
		g.proxy.ServeHTTP(w, retargeted(r, "AWSGlue.GetConnection", map[string]any{"Name": in.Name}))
		return
	}
	g.proxy.ServeHTTP(w, retargeted(r, "AWSGlue.CreateConnection", map[string]any{"ConnectionInput": in.ConnectionInput}))
}

// retargeted returns a request for another operation of the same service.
func retargeted(r *http.Request, operation string, in map[string]any) *http.Request {
	body, _ := json.Marshal(in) // The values were read from JSON.
	out := r.Clone(r.Context())
	out.Header.Set("X-Amz-Target", operation)
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.Header.Del("Content-Length")
	return out
}

// discard is a response writer for an answer that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// connectionFree refuses the name of an existing connection, which the emulator would replace.
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreateConnection.html
func (g *Gateway) connectionFree(r *http.Request, c *call) error {
	if c.name != "AWSGlue.CreateConnection" {
		return nil
	}
	var in struct{ ConnectionInput struct{ Name string } }
	if err := json.Unmarshal(c.body, &in); err != nil {
		return awsjson.Errorf(awsjson.InvalidInput, "request body: %v", err)
	}
	body, err := json.Marshal(map[string]string{"Name": in.ConnectionInput.Name})
	if err != nil {
		return err
	}
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, g.emulator.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	ask.Header = r.Header.Clone()
	ask.Header.Set("X-Amz-Target", "AWSGlue.GetConnection")
	ask.Header.Del("Content-Length")
	answer, err := g.client.Do(ask)
	if err != nil {
		return fmt.Errorf("the emulator did not answer: %w", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return awsjson.Errorf(awsjson.AlreadyExists, "Connection already exists: %s", in.ConnectionInput.Name)
	}
	return nil
}
