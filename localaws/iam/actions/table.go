package actions

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
)

//go:embed table.json
var tableText []byte

// service is a service of AWS's service authorization reference. For the format see
// cmd/iamtable.
type service struct {
	Resources map[string]string   `json:"resources"`
	Actions   map[string][]string `json:"actions"`
}

// table returns the embedded table. A test checks that it can be decoded.
var table = sync.OnceValue(func() map[string]service {
	var t struct{ Services map[string]service }
	if err := json.Unmarshal(tableText, &t); err != nil {
		panic("decode the embedded table of actions: " + err.Error())
	}
	return t.Services
})

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// template is the template of a resource type's ARNs.
type template string

func (c *Call) template(kind string) (template, bool) {
	text, ok := table()[c.Service].Resources[kind]
	return template(strings.NewReplacer("{p}", c.env.Partition, "{r}", c.env.Region, "{a}", c.env.Account).Replace(text)), ok
}

func (t template) variables() []string {
	var names []string
	for _, m := range variable.FindAllStringSubmatch(string(t), -1) {
		names = append(names, m[1])
	}
	return names
}

// with returns the template with values for its variables. A variable without a value becomes a star, as in AWS's
// messages.
func (t template) with(values map[string]string) string {
	return variable.ReplaceAllStringFunc(string(t), func(v string) string {
		if value := values[v[2:len(v)-1]]; value != "" {
			return value
		}
		return "*"
	})
}

// matches reports whether an ARN matches the template, in any account and region.
func (t template) matches(arn string) bool {
	parts, other := strings.SplitN(string(t), ":", 6), strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || len(other) != 6 || parts[2] != other[2] {
		return false
	}
	pattern := variable.ReplaceAllString(regexp.QuoteMeta(strings.NewReplacer("${", "\x00", "}", "\x01").Replace(parts[5])), "")
	pattern = regexp.MustCompile("\x00\\w+\x01").ReplaceAllString(pattern, ".+")
	ok, err := regexp.MatchString("^"+pattern+"$", other[5])
	return ok && err == nil
}
