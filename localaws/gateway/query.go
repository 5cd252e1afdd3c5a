package gateway

import (
	"errors"
	"maps"
	"net/http"

	"localaws/gateway/query"
)

// service implements operations of the query protocol.
type service interface{ Handlers() query.Handlers }

func queryHandlers(services ...service) query.Handlers {
	all := query.Handlers{}
	for _, s := range services {
		maps.Copy(all, s.Handlers())
	}
	return all
}

func (g *Gateway) serveQuery(w http.ResponseWriter, r *http.Request, c *call, handle query.Handler) {
	x := &query.Exchange{Form: c.form, Client: g.client, URL: g.emulator.JoinPath(r.URL.Path).String(), Header: r.Header}
	a, err := handle(r.Context(), x)
	if err != nil {
		var refused *query.Error
		if !errors.As(err, &refused) {
			g.log.Error("operation failed", "operation", c.name, "error", err)
		}
		a = query.ErrorResponse(c.service() == "ec2", err)
	}
	a.Write(w)
}
