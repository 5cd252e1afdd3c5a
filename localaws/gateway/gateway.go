// Package gateway is the single address of the local AWS. It serves what the emulator only pretends to do,
// corrects what the emulator forgets, and forwards everything else.
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

// InternalPrefix begins the paths that are not AWS's. No bucket name can begin with an underscore.
const InternalPrefix = "/_localaws/"

// Options are the parts that a gateway connects.
type Options struct {
	// EmulatorURL receives the requests that are not served here, through Transport; nil means TCP.
	EmulatorURL string
	Transport   http.RoundTripper
	// Authority knows the credentials that requests must be signed with.
	Authority *credentials.Authority
	// Access decides what callers may do; nil allows everything.
	Access Access
	// Region is where the resources are.
	Region string
	// Glue and Secrets are the operations served here, by name.
	Glue, Secrets awsjson.Operations
	// Tags keeps the tags of the emulator's connections.
	Tags *tags.Service
	// Databases are the servers behind RDS instances.
	Databases rds.Databases
	// Store keeps what the emulator forgets.
	Store *store.Store
	// AccountFile says what the account lacks, see README.md; a file that does
	// not exist is a new account.
	AccountFile string
	// Models are AWS's models, to check requests with. Nil disables the checks.
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

// New makes a gateway.
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

// Front admits signed requests to an emulator and serves nothing itself. It is for programs that need an
// emulator at an address, such as the engine.
func Front(transport http.RoundTripper, authority *credentials.Authority, log *slog.Logger) http.Handler {
	target := &url.URL{Scheme: "http", Host: "localhost"}
	proxy := newProxy(target, newTransport(transport), log)
	return Authenticate(authority, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { proxy.ServeHTTP(delayAnswer(w, r), r) }))
}

// Handle serves paths below InternalPrefix, with http.ServeMux's patterns.
func (g *Gateway) Handle(pattern string, h http.Handler) { g.internal.Handle(pattern, h) }

// ServeHTTP serves one request of any AWS client.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.logged(delayAnswer(w, r), r, g.serve)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) string {
	r, ok := admit(g.authority, w, r)
	if !ok {
		return "refused"
	}
	// The mux sees internal paths only: it would redirect object keys such as a//b.
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
		body, err := described(r, call)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return "unreadable"
		}
		if !g.allowed(w, r, body) {
			return "denied"
		}
		defer g.access.Changed(r, body)
		w = g.hide(w, r)
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
		return "passed on"
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
