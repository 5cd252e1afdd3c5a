// Package glue serves Glue's connections. The emulator does not store their tags, and
// accepts a second connection with the same name.
package glue

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"localaws/awsjson"
	"localaws/credentials"
	"localaws/tags"
)

const (
	createConnection = "AWSGlue.CreateConnection"
	updateConnection = "AWSGlue.UpdateConnection"
	deleteConnection = "AWSGlue.DeleteConnection"
	getConnection    = "AWSGlue.GetConnection"
)

// Connections implements the operations on connections.
type Connections struct {
	Tags   *tags.Service
	Region string
	// Emulator forwards the client's requests to the emulator. Client sends other requests to URL.
	Emulator http.Handler
	Client   *http.Client
	URL      string
	Log      *slog.Logger
}

// Serves reports whether the operation is served here.
func (c *Connections) Serves(operation string) bool {
	return operation == createConnection || operation == updateConnection || operation == deleteConnection
}

// Serve serves an operation. The body is the request's.
func (c *Connections) Serve(w http.ResponseWriter, r *http.Request, operation string, body []byte) {
	switch operation {
	case updateConnection:
		c.update(w, r, body)
		return
	case createConnection:
		if err := c.checkNew(r, body); err != nil {
			awsjson.WriteError(w, err)
			return
		}
	}
	response := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	c.Emulator.ServeHTTP(response, r)
	if response.status != http.StatusOK {
		return
	}
	if err := c.updateTags(operation, body); err != nil {
		c.Log.Error("tags of a connection", "operation", operation, "error", err)
	}
}

// update replaces a connection. The emulator does not implement it, so update creates the connection again under the
// same name, which keeps its tags.
func (c *Connections) update(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Name            string
		ConnectionInput map[string]any
	}
	if err := json.Unmarshal(body, &in); err != nil || in.ConnectionInput == nil {
		http.Error(w, "Name and ConnectionInput are required", http.StatusBadRequest)
		return
	}
	exists, err := c.exists(r.Context(), r.Header, in.Name)
	switch {
	case err != nil:
		awsjson.WriteError(w, err)
	case !exists: // The emulator returns the error.
		c.Emulator.ServeHTTP(w, retargeted(r, getConnection, map[string]any{"Name": in.Name}))
	default:
		in.ConnectionInput["Name"] = in.Name
		c.Emulator.ServeHTTP(w, retargeted(r, createConnection, map[string]any{"ConnectionInput": in.ConnectionInput}))
	}
}

// checkNew returns an error if the connection exists, which the emulator would replace.
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreateConnection.html
func (c *Connections) checkNew(r *http.Request, body []byte) error {
	var in struct{ ConnectionInput struct{ Name string } }
	if err := json.Unmarshal(body, &in); err != nil {
		return awsjson.Errorf(awsjson.InvalidInput, "request body: %v", err)
	}
	exists, err := c.exists(r.Context(), r.Header, in.ConnectionInput.Name)
	if err == nil && exists {
		err = awsjson.Errorf(awsjson.AlreadyExists, "Connection already exists: %s", in.ConnectionInput.Name)
	}
	return err
}

// exists requests a connection from the emulator, with the header of the client's request.
func (c *Connections) exists(ctx context.Context, header http.Header, name string) (bool, error) {
	body, err := json.Marshal(map[string]string{"Name": name})
	if err != nil {
		return false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header = header.Clone()
	req.Header.Set("X-Amz-Target", getConnection)
	req.Header.Del("Content-Length")
	resp, err := c.Client.Do(req)
	if err != nil {
		return false, fmt.Errorf("request to the emulator: %w", err)
	}
	return resp.StatusCode == http.StatusOK, resp.Body.Close()
}

// updateTags stores a new connection's tags, which the emulator drops, or deletes those of a deleted connection.
func (c *Connections) updateTags(operation string, body []byte) error {
	var in struct {
		ConnectionInput struct{ Name string }
		ConnectionName  string
		Tags            map[string]string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	if operation == createConnection {
		return c.Tags.Set(c.arn(in.ConnectionInput.Name), in.Tags)
	}
	return c.Tags.Delete(c.arn(in.ConnectionName))
}

func (c *Connections) arn(name string) string {
	return "arn:aws:glue:" + c.Region + ":" + credentials.AccountID + ":connection/" + name
}

// retargeted returns a copy of the request for another operation of the same service.
func retargeted(r *http.Request, operation string, in map[string]any) *http.Request {
	body, _ := json.Marshal(in) // The values were read from JSON.
	out := r.Clone(r.Context())
	out.Header.Set("X-Amz-Target", operation)
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.Header.Del("Content-Length")
	return out
}

// statusWriter records the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the proxy flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
