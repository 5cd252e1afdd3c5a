package gateway

import (
	"encoding/json"
	"net/http"
)

// Tags keeps the tags of Glue resources by ARN.
type Tags interface {
	Set(arn string, tags map[string]string) error
	Delete(arn string) error
}

// account is the emulator's.
const account = "000000000000"

// connections are the emulator's, but it drops the tags they are created with.
type connections struct {
	tags   Tags
	region string
}

func (c *connections) arn(name string) string {
	return "arn:aws:glue:" + c.region + ":" + account + ":connection/" + name
}

// changed keeps the tags in step with what the emulator has done.
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

// follows says whether the tags depend on the operation.
func (c *connections) follows(operation string) bool {
	return operation == "AWSGlue.CreateConnection" || operation == "AWSGlue.DeleteConnection"
}

func (g *Gateway) serveConnection(w http.ResponseWriter, r *http.Request, c *call) {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	g.proxy.ServeHTTP(rec, r)
	if rec.status != http.StatusOK {
		return
	}
	if err := g.connections.changed(c.name, c.body); err != nil {
		g.log.Error("tags of a connection", "operation", c.name, "error", err)
	}
}
