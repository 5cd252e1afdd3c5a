package awsmodel

import (
	"net/url"
	"strconv"
	"strings"
)

// node is a part of a form's parameter names: A.1.B=x results in three nodes.
type node struct {
	value    string
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	return n.children[name]
}

func tree(form url.Values) *node {
	root := &node{}
	for name, values := range form {
		n := root
		for part := range strings.SplitSeq(name, ".") {
			if n.children == nil {
				n.children = map[string]*node{}
			}
			if n.children[part] == nil {
				n.children[part] = &node{}
			}
			n = n.children[part]
		}
		n.value = values[0]
	}
	return root
}

// readForm parses a request of the query protocols.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
// https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
func (m *Models) readForm(service string, form url.Values) (*Request, error) {
	r, err := m.newRequest(service, form.Get("Version"), form.Get("Action"))
	if r == nil || err != nil {
		return r, err
	}
	d := formDecoder{ec2: r.Protocol() == ProtocolEC2}
	r.Params = d.structure(r.input, tree(form))
	return r, nil
}

type formDecoder struct{ ec2 bool }

func (d formDecoder) structure(s *shape, n *node) map[string]any {
	out := map[string]any{}
	for name, ref := range s.Members {
		if child := n.child(d.name(name, ref)); child != nil {
			out[name] = d.value(ref, child)
			continue
		}
		// A flattened list has the name of its members.
		if child := d.flattened(ref, n); child != nil {
			out[name] = d.value(ref, child)
		}
	}
	return out
}

// name returns a member's name on the wire.
func (d formDecoder) name(name string, ref *reference) string {
	if !d.ec2 {
		if ref.LocationName != "" {
			return ref.LocationName
		}
		return name
	}
	if ref.QueryName != "" {
		return ref.QueryName
	}
	if ref.LocationName != "" {
		return strings.ToUpper(ref.LocationName[:1]) + ref.LocationName[1:]
	}
	return name
}

func (d formDecoder) flattened(ref *reference, n *node) *node {
	s := ref.shape
	if d.ec2 || s.Type != "list" || (!s.Flattened && !ref.Flattened) || s.Member.LocationName == "" {
		return nil
	}
	return n.child(s.Member.LocationName)
}

func (d formDecoder) value(ref *reference, n *node) any {
	switch s := ref.shape; s.Type {
	case "structure":
		return d.structure(s, n)
	case "list":
		return d.list(s, n)
	case "map":
		return d.mapping(s, n)
	}
	return n.value
}

func (d formDecoder) list(s *shape, n *node) []any {
	for _, wrapper := range []string{"member", s.Member.LocationName} {
		if inner := n.child(wrapper); inner != nil {
			n = inner
			break
		}
	}
	var out []any
	for i := 1; n.child(strconv.Itoa(i)) != nil; i++ {
		out = append(out, d.value(s.Member, n.child(strconv.Itoa(i))))
	}
	return out
}

func (d formDecoder) mapping(s *shape, n *node) map[string]any {
	if inner := n.child("entry"); inner != nil {
		n = inner
	}
	name := func(ref *reference, otherwise string) string {
		if ref.LocationName != "" {
			return ref.LocationName
		}
		return otherwise
	}
	out := map[string]any{}
	for i := 1; n.child(strconv.Itoa(i)) != nil; i++ {
		entry := n.child(strconv.Itoa(i))
		key := entry.child(name(s.Key, "key"))
		if value := entry.child(name(s.Value, "value")); key != nil && value != nil {
			out[key.value] = d.value(s.Value, value)
		}
	}
	return out
}
