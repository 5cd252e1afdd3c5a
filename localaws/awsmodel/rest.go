package awsmodel

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// route maps a method and path to an operation.
type route struct {
	operation, method string
	path              *regexp.Regexp
	labels            []string
	literals          int // Routes with more literal characters take precedence.
}

var label = regexp.MustCompile(`\\\{([^}]+?)(\\\+)?\\\}`)

func newRoute(name string, o *operation) route {
	uri, _, _ := strings.Cut(o.HTTP.RequestURI, "?")
	uri = strings.TrimSuffix(uri, "/")
	r := route{operation: name, method: o.HTTP.Method}
	quoted := regexp.QuoteMeta(uri)
	for _, found := range label.FindAllStringSubmatch(quoted, -1) {
		r.labels = append(r.labels, found[1])
	}
	r.literals = len(uri) - len(strings.Join(label.FindAllString(quoted, -1), ""))
	r.path = regexp.MustCompile(`^` + label.ReplaceAllString(quoted, `([^/]+)`) + `/?$`)
	return r
}

func sortRoutes(routes []route) {
	slices.SortFunc(routes, func(a, b route) int {
		if a.literals != b.literals {
			return b.literals - a.literals
		}
		return strings.Compare(a.operation, b.operation)
	})
}

// readREST parses a request of the REST JSON protocol.
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
func (m *Models) readREST(service string, r *http.Request) (*Request, error) {
	model, err := m.load(service, "")
	if err != nil {
		return nil, err
	}
	path := r.URL.EscapedPath()
	for _, route := range model.routes {
		found := route.path.FindStringSubmatch(path)
		if found == nil || route.method != r.Method {
			continue
		}
		req, err := m.newRequest(service, "", route.operation)
		if err != nil || req == nil {
			return nil, err
		}
		labels := map[string]string{}
		for i, name := range route.labels {
			labels[name], _ = url.PathUnescape(found[i+1])
		}
		return req, req.setParams(r, labels)
	}
	return nil, nil //nolint:nilnil // The service returns the error.
}

func (r *Request) setParams(in *http.Request, labels map[string]string) error {
	if body, err := r.restBody(in); err != nil {
		return err
	} else if body != nil {
		r.Params = body
	}
	query := in.URL.Query()
	for name, ref := range r.input.Members {
		wireName := name
		if ref.LocationName != "" {
			wireName = ref.LocationName
		}
		switch {
		case ref.Location == "uri":
			r.Params[name] = labels[wireName]
		case ref.Location == "header" && in.Header.Get(wireName) != "":
			r.Params[name] = in.Header.Get(wireName)
		case ref.Location == "querystring" && query.Has(wireName):
			r.Params[name] = queryValue(ref.shape, query[wireName])
		}
	}
	return nil
}

func queryValue(s *shape, values []string) any {
	if s.Type != "list" {
		return values[0]
	}
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list
}

// restBody returns the document in the body, or the bytes of a payload that is not a document, for example a function's
// event.
func (r *Request) restBody(in *http.Request) (map[string]any, error) {
	payload := r.input.Payload
	body, err := rereadable(in)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	if payload != "" && r.input.Members[payload].shape.Type != "structure" {
		return map[string]any{payload: string(body)}, nil
	}
	params, err := decodeJSON(body)
	if payload != "" && err == nil {
		return map[string]any{payload: params}, nil
	}
	return params, err
}
