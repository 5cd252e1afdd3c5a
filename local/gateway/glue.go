package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"store-events/local/awsjson"
)

const jsonProtocol = "application/x-amz-json-1.1"

func (g *Gateway) serveJSON(w http.ResponseWriter, r *http.Request, c *call, handle awsjson.Handler) {
	out, err := handle(r.Context(), c.body)
	if errors.Is(err, awsjson.ErrPassThrough) {
		g.proxy.ServeHTTP(w, c.repeatable(r))
		return
	}
	w.Header().Set("Content-Type", jsonProtocol)
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	if err != nil {
		g.writeJSONError(w, c, err)
		return
	}
	if out == nil {
		out = struct{}{}
	}
	body, err := json.Marshal(out)
	if err != nil {
		g.writeJSONError(w, c, err)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client is gone: nobody to tell
}

// writeJSONError answers in the form of AWS JSON 1.1.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
func (g *Gateway) writeJSONError(w http.ResponseWriter, c *call, err error) {
	status := http.StatusBadRequest
	var aws *awsjson.Error
	if !errors.As(err, &aws) {
		g.log.Error("operation failed", "operation", c.name, "error", err)
		status, aws = http.StatusInternalServerError, awsjson.Errorf("InternalServiceException", "%v", err)
	}
	w.Header().Set("X-Amzn-Errortype", aws.Type)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": aws.Type, "message": aws.Message})
}
