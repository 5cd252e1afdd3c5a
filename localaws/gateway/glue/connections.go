// Package glue serves Glue's connections. The emulator does not keep their tags, and
// accepts a second connection of the same name.
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

// Connections serves the operations on connections.
type Connections struct {
	Tags   *tags.Service
	Region string
	// Emulator forwards a request to the emulator; Client sends one to its URL.
	Emulator http.Handler
	Client   *http.Client
	URL      string
	Log      *slog.Logger
}

// Serves reports whether the operation is served here.
func (c *Connections) Serves(operation string) bool {
	return operation == createConnection || operation == updateConnection || operation == deleteConnection
}

// Serve serves an operation with its body.
func (c *Connections) Serve(w http.ResponseWriter, r *http.Request, operation string, body []byte) {
	switch operation {
	case updateConnection:
		c.update(w, r, body)
		return
	case createConnection:
		if err := c.free(r, body); err != nil {
			awsjson.WriteError(w, err)
			return
		}
	}
	answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	c.Emulator.ServeHTTP(answer, r)
	if answer.status != http.StatusOK {
		return
	}
	if err := c.keepTags(operation, body); err != nil {
		c.Log.Error("tags of a connection", "operation", operation, "error", err)
	}
}

// update replaces a connection, which the emulator cannot do: it creates the
// connection again under the same name, which keeps its tags.
func (c *Connections) update(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Name            string
		ConnectionInput map[string]any
	}
	if err := json.Unmarshal(body, &in); err != nil || in.ConnectionInput == nil {
		http.Error(w, "Name and ConnectionInput must be given", http.StatusBadRequest)
		return
	}
	there, err := c.exists(r.Context(), r.Header, in.Name)
	switch {
	case err != nil:
		awsjson.WriteError(w, err)
	case !there: // The emulator answers with the error.
		c.Emulator.ServeHTTP(w, retargeted(r, getConnection, map[string]any{"Name": in.Name}))
	default:
		in.ConnectionInput["Name"] = in.Name
		c.Emulator.ServeHTTP(w, retargeted(r, createConnection, map[string]any{"ConnectionInput": in.ConnectionInput}))
	}
}

// free refuses the name of an existing connection, which the emulator would replace.
// https://docs.aws.amazon.com/glue/latest/webapi/API_CreateConnection.html
func (c *Connections) free(r *http.Request, body []byte) error {
	var in struct{ ConnectionInput struct{ Name string } }
	if err := json.Unmarshal(body, &in); err != nil {
		return awsjson.Errorf(awsjson.InvalidInput, "request body: %v", err)
	}
	there, err := c.exists(r.Context(), r.Header, in.ConnectionInput.Name)
	if err == nil && there {
		err = awsjson.Errorf(awsjson.AlreadyExists, "Connection already exists: %s", in.ConnectionInput.Name)
	}
	return err
}

// exists asks the emulator for a connection, with the header of the client's request.
func (c *Connections) exists(ctx context.Context, header http.Header, name string) (bool, error) {
	body, err := json.Marshal(map[string]string{"Name": name})
	if err != nil {
		return false, err
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	ask.Header = header.Clone()
	ask.Header.Set("X-Amz-Target", getConnection)
	ask.Header.Del("Content-Length")
	answer, err := c.Client.Do(ask)
	if err != nil {
		return false, fmt.Errorf("the emulator did not answer: %w", err)
	}
	return answer.StatusCode == http.StatusOK, answer.Body.Close()
}

// keepTags keeps the tags in step with the emulator, which drops those that a
// connection is created with.
func (c *Connections) keepTags(operation string, body []byte) error {
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

// retargeted returns a request for another operation of the same service.
func retargeted(r *http.Request, operation string, in map[string]any) *http.Request {
	body, _ := json.Marshal(in) // The values were read from JSON.
	out := r.Clone(r.Context())
	out.Header.Set("X-Amz-Target", operation)
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.Header.Del("Content-Length")
	return out
}

// statusWriter remembers the status of an answer.
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
