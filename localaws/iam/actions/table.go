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

// service is one service of AWS's service authorization reference; see
// cmd/iamtable for the form.
type service struct {
	Resources map[string]string   `json:"resources"`
	Actions   map[string][]string `json:"actions"`
}

// table is read once; a test sees that it can be.
var table = sync.OnceValue(func() map[string]service {
	var t struct{ Services map[string]service }
	if err := json.Unmarshal(tableText, &t); err != nil {
		panic("the embedded table of actions: " + err.Error())
	}
	return t.Services
})

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// template is the form of a resource type's ARNs.
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

// with fills in the template; a variable without a value becomes a star, as AWS writes the resource of a request
// that names none.
func (t template) with(values map[string]string) string {
	return variable.ReplaceAllStringFunc(string(t), func(v string) string {
		if value := values[v[2:len(v)-1]]; value != "" {
			return value
		}
		return "*"
	})
}

// describes reports whether the ARN has the template's form, with any account and region.
func (t template) describes(arn string) bool {
	own, other := strings.SplitN(string(t), ":", 6), strings.SplitN(arn, ":", 6)
	if len(own) != 6 || len(other) != 6 || own[2] != other[2] {
		return false
	}
	pattern := variable.ReplaceAllString(regexp.QuoteMeta(strings.NewReplacer("${", "\x00", "}", "\x01").Replace(own[5])), "")
	pattern = regexp.MustCompile("\x00\\w+\x01").ReplaceAllString(pattern, ".+")
	ok, err := regexp.MatchString("^"+pattern+"$", other[5])
	return ok && err == nil
}
