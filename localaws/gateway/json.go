package gateway

import (
	"errors"
	"net/http"

	"github.com/google/uuid"

	"localaws/awsjson"
)

func (g *Gateway) serveJSON(w http.ResponseWriter, r *http.Request, c *call, handle awsjson.Handler) {
	out, err := handle(r.Context(), c.body)
	if errors.Is(err, awsjson.ErrPassThrough) {
		g.proxy.ServeHTTP(w, c.repeatable(r))
		return
	}
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	if err == nil {
		awsjson.WriteResult(w, out)
		return
	}
	var known *awsjson.Error
	if !errors.As(err, &known) {
		g.log.Error("operation failed", "operation", c.name, "error", err)
	}
	awsjson.WriteError(w, err)
}
