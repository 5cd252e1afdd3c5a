package awsmodel

import "sync"

// model is the description of requests in a botocore service-2.json.
type model struct {
	Metadata   struct{ Protocol string }
	Operations map[string]*operation
	Shapes     map[string]*shape
	routes     []route // of a REST protocol
}

type operation struct {
	HTTP struct {
		Method     string
		RequestURI string `json:"requestUri"`
	}
	Input *reference
}

// reference is a use of a shape, with its location in the request.
type reference struct {
	Shape        string
	LocationName string
	// Location is uri, querystring, header, headers, or "" for the body.
	Location  string
	QueryName string
	Flattened bool
	shape     *shape
}

type shape struct {
	Type      string
	Required  []string
	Members   map[string]*reference // structure
	Member    *reference            // list
	Key       *reference            // map
	Value     *reference
	Enum      []string
	Min, Max  *float64
	Pattern   string
	Payload   string
	Sensitive bool
	Flattened bool

	compile sync.Once
	pattern *pattern
}

// prepare resolves shape names, and creates the routes of a REST protocol.
func (m *model) prepare() {
	link := func(r *reference) {
		if r != nil {
			r.shape = m.Shapes[r.Shape]
		}
	}
	for _, s := range m.Shapes {
		for _, r := range s.Members {
			link(r)
		}
		link(s.Member)
		link(s.Key)
		link(s.Value)
	}
	for name, o := range m.Operations {
		link(o.Input)
		if m.Metadata.Protocol == "rest-json" {
			m.routes = append(m.routes, newRoute(name, o))
		}
	}
	sortRoutes(m.routes)
}
