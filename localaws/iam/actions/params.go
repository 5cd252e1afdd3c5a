package actions

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// params are a request's parameters. Dots in a name separate nested names.
type params interface {
	// get returns the value of a parameter, or the members of a list.
	get(name string) []string
	// keys returns the keys of a map.
	keys(name string) []string
}

func first(p params, names ...string) string {
	for _, name := range names {
		if values := p.get(name); len(values) > 0 && values[0] != "" {
			return values[0]
		}
	}
	return ""
}

// jsonParams are the parameters of the JSON and REST JSON protocols.
type jsonParams map[string]any

func readJSON(body []byte) jsonParams {
	var p jsonParams
	if json.Unmarshal(body, &p) != nil || p == nil {
		return jsonParams{}
	}
	return p
}

func (p jsonParams) at(name string) any {
	var at any = map[string]any(p)
	for _, part := range strings.Split(name, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		value, ok := m[part]
		if !ok { // CloudWatch Logs has lower-case names.
			value = m[strings.ToLower(part[:1])+part[1:]]
		}
		at = value
	}
	return at
}

func (p jsonParams) get(name string) []string {
	switch v := p.at(name).(type) {
	case []any:
		var list []string
		for _, member := range v {
			if text, ok := scalar(member); ok {
				list = append(list, text)
			}
		}
		return list
	default:
		if text, ok := scalar(v); ok {
			return []string{text}
		}
		return nil
	}
}

func (p jsonParams) keys(name string) []string {
	var keys []string
	if m, ok := p.at(name).(map[string]any); ok {
		for key := range m {
			keys = append(keys, key)
		}
	}
	return keys
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return "", false
	}
}

// formParams are the parameters of the query protocols. Lists are name.1, name.2 in
// EC2, and name.member.1 or name.Member.1 in other services.
type formParams url.Values

func (p formParams) get(name string) []string {
	if values := p[name]; len(values) > 0 {
		return values
	}
	dot := strings.LastIndex(name, ".") + 1
	forms := []string{
		name + ".%d", name + ".member.%d", name + "." + strings.TrimSuffix(name[dot:], "s") + ".%d",
		strings.TrimSuffix(name, "s") + ".%d", name + ".VpcSecurityGroupId.%d",
	}
	for _, form := range forms {
		var list []string
		for i := 1; p[fmt.Sprintf(form, i)] != nil; i++ {
			list = append(list, p[fmt.Sprintf(form, i)][0])
		}
		if list != nil {
			return list
		}
	}
	return nil
}

func (p formParams) keys(string) []string { return nil }

// Param returns the first value of a parameter. Dots separate nested names.
func (c *Call) Param(name string) string { return first(c.params, name) }

// Params returns the values of a list.
func (c *Call) Params(name string) []string { return c.params.get(name) }

// Objects returns the objects in a list, each as a Call with its parameters.
func (c *Call) Objects(list string) []*Call {
	p, _ := c.params.(jsonParams)
	members, _ := p.at(list).([]any)
	var all []*Call
	for _, m := range members {
		member, _ := m.(map[string]any)
		all = append(all, &Call{Service: c.Service, Operation: c.Operation, params: jsonParams(member), http: c.http, env: c.env})
	}
	return all
}

// Members returns a parameter of each object in a list. Dots in the list's name separate nested lists.
func (c *Call) Members(list, name string) []string {
	p, ok := c.params.(jsonParams)
	if !ok {
		return nil
	}
	objects := []jsonParams{p}
	for part := range strings.SplitSeq(list, ".") {
		var inside []jsonParams
		for _, o := range objects {
			members, _ := o.at(part).([]any)
			for _, m := range members {
				member, _ := m.(map[string]any)
				inside = append(inside, member)
			}
		}
		objects = inside
	}
	var values []string
	for _, o := range objects {
		if value := first(o, name); value != "" {
			values = append(values, value)
		}
	}
	return values
}
