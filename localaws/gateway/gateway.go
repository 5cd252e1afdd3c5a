// Package gateway serves all requests to the local AWS. It implements operations that the emulator only stubs,
// adds fields that the emulator drops to its responses, and forwards all other requests to it.
package gateway

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"localaws/awsjson"
	"localaws/awsmodel"
	"localaws/credentials"
	"localaws/gateway/account"
	"localaws/gateway/ec2"
	"localaws/gateway/glue"
	"localaws/gateway/iam"
	"localaws/gateway/lakeformation"
	"localaws/gateway/query"
	"localaws/gateway/rds"
	"localaws/gateway/sts"
	"localaws/store"
	"localaws/tags"
)

// InternalPrefix is the prefix of paths outside AWS's APIs. Bucket names cannot begin with an underscore.
const InternalPrefix = "/_localaws/"

// Options configure a Gateway.
type Options struct {
	// EmulatorURL receives the requests that are not served here, through Transport. A nil Transport uses TCP.
	EmulatorURL string
	Transport   http.RoundTripper
	// Authority verifies signatures.
	Authority *credentials.Authority
	// Access authorizes requests. Nil allows everything.
	Access Access
	// Region is the region of all resources.
	Region string
	// Glue and Secrets are the operations served here, by name.
	Glue, Secrets awsjson.Operations
	// Tags stores the tags of the emulator's connections.
	Tags *tags.Service
	// Databases are the servers behind RDS instances.
	Databases rds.Databases
	// Store stores the fields that the emulator drops.
	Store *store.Store
	// AccountFile describes limits of the account, see README.md. Without the file, the limits are those of a new
	// account.
	AccountFile string
	// Models are AWS's service models, which validate requests. Nil disables validation.
	Models *awsmodel.Models
	Log    *slog.Logger
}

// Gateway is an http.Handler.
type Gateway struct {
	authority   *credentials.Authority
	access      Access
	emulator    *url.URL
	client      *http.Client
	proxy       *httputil.ReverseProxy
	operations  awsjson.Operations
	connections *glue.Connections
	lake        *lakeformation.Service
	queries     query.Handlers
	internal    *http.ServeMux
	models      *awsmodel.Models
	log         *slog.Logger
}

// New returns a Gateway.
func New(o Options) (*Gateway, error) {
	emulator, err := url.Parse(o.EmulatorURL)
	if err != nil {
		return nil, fmt.Errorf("address of the emulator: %w", err)
	}
	transport := newTransport(o.Transport)
	g := &Gateway{
		authority:  o.Authority,
		access:     o.Access,
		emulator:   emulator,
		client:     &http.Client{Transport: transport},
		operations: awsjson.Operations{},
		internal:   http.NewServeMux(),
		models:     o.Models,
		log:        o.Log,
	}
	for service, operations := range map[string]awsjson.Operations{"AWSGlue.": o.Glue, "secretsmanager.": o.Secrets} {
		for name, handle := range operations {
			g.operations[service+name] = handle
		}
	}
	limits := account.Limits{Region: o.Region, File: o.AccountFile}
	maps.Copy(g.operations, limits.QuotaOperations())
	maps.Copy(g.operations, limits.PlanOperations())
	g.lake = &lakeformation.Service{Store: o.Store}
	g.proxy = newProxy(emulator, transport, o.Log)
	g.connections = &glue.Connections{Tags: o.Tags, Region: o.Region, Emulator: g.proxy, Client: g.client, URL: emulator.String(), Log: o.Log}
	decide, _ := o.Access.(iam.Simulator)
	g.queries = queryHandlers(
		&sts.Service{Authority: o.Authority},
		&ec2.Service{Store: o.Store, Limits: limits},
		&rds.Service{Store: o.Store, Databases: o.Databases, Limits: limits, Log: o.Log},
		iam.Service{Simulator: decide},
	)
	return g, nil
}

// Front returns a handler that forwards signed requests to an emulator. It is for programs that need only an
// emulator at an address, for example Pulumi's engine.
func Front(transport http.RoundTripper, authority *credentials.Authority, log *slog.Logger) http.Handler {
	target := &url.URL{Scheme: "http", Host: "localhost"}
	proxy := newProxy(target, newTransport(transport), log)
	return Authenticate(authority, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { proxy.ServeHTTP(delayResponse(w, r), r) }))
}

// Handle registers a handler for paths below InternalPrefix, with http.ServeMux's patterns.
func (g *Gateway) Handle(pattern string, h http.Handler) { g.internal.Handle(pattern, h) }

// ServeHTTP serves a request of an AWS client.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.logRequest(delayResponse(w, r), r, g.serve)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) string {
	r, ok := admit(g.authority, w, r)
	if !ok {
		return "refused"
	}
	// The mux serves internal paths only, because it would redirect object keys like a//b.
	if strings.HasPrefix(r.URL.Path, InternalPrefix) {
		g.internal.ServeHTTP(w, r)
		return "internal"
	}
	call, err := readCall(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return "unreadable"
	}
	if err := g.check(r, call); err != nil {
		g.log.Info("request refused", "method", r.Method, "path", r.URL.Path, "error", err)
		g.refuse(w, r, call, err)
		return "refused"
	}
	if g.access != nil {
		body, err := authorizationBody(r, call)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return "unreadable"
		}
		if !g.allowed(w, r, body) {
			return "denied"
		}
		defer g.access.Changed(r, body)
		w = g.hideMissing(w, r)
	}
	return g.dispatch(w, r, call)
}

// dispatch serves a request, or forwards it to the emulator.
func (g *Gateway) dispatch(w http.ResponseWriter, r *http.Request, call *call) string {
	if call == nil && g.lake.Serves(r) {
		g.lake.ServeHTTP(w, r)
		return lakeformation.Name
	}
	if call == nil {
		g.proxy.ServeHTTP(w, r)
		return "forwarded"
	}
	if handle := g.operations[call.name]; handle != nil {
		g.serveJSON(w, r, call, handle)
		return call.name
	}
	if handle := g.queries[call.name]; handle != nil {
		g.serveQuery(w, r, call, handle)
		return call.name
	}
	if g.connections.Serves(call.name) {
		g.connections.Serve(w, r, call.name, call.body)
		return call.name
	}
	g.proxy.ServeHTTP(w, call.repeatable(r))
	return call.name
}
