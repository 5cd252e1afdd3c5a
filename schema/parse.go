package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fieldType matches the types of fields.
var fieldType = regexp.MustCompile(`^(string\([1-9][0-9]{0,4}\)|int|bigint|decimal\([0-9]{1,2},[0-9]{1,2}\)|boolean|timestamp)$`)

// streamName matches the names of streams, which are those of their folders. The crawler would
// replace other characters in the names of the tables.
var streamName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// description matches the comments that the catalog accepts for columns:
// https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
var description = regexp.MustCompile(`^[\t -\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]{0,255}$`)

// Parse parses the text of a contract.json. It returns an error if the contract is
// invalid, or if the events table or its catalog cannot store the fields.
func Parse(text []byte) (Contract, error) {
	var c Contract
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("contract: %w", err)
	}
	if err := c.validate(); err != nil {
		return c, fmt.Errorf("contract: %w", err)
	}
	return c, nil
}

// validate returns an error if the contract is invalid, or if the events table or its
// catalog cannot store the fields.
func (c Contract) validate() error {
	var problems []error
	seen := map[string]bool{}
	for _, f := range c.Fields {
		if !fieldType.MatchString(f.Type) {
			problems = append(problems, fmt.Errorf("field %s: type %q: use string(N), int, bigint, decimal(P,S), boolean or timestamp", f.Name, f.Type))
		}
		if !description.MatchString(f.Description) {
			problems = append(problems, fmt.Errorf("field %s: the catalog cannot store the description: use at most 255 characters in one line", f.Name))
		}
		if name := strings.ToLower(f.Name); seen[name] {
			problems = append(problems, fmt.Errorf("field %s: duplicate", f.Name))
		} else {
			seen[name] = true
		}
	}
	switch {
	case len(c.Fields) == 0 || c.Fields[0].Name != c.Key || !strings.HasPrefix(c.Fields[0].Type, "string("):
		problems = append(problems, fmt.Errorf("key %q: must be the first field, of type string(N)", c.Key))
	case fieldType.MatchString(c.Fields[0].Type) && c.Fields[0].Params()[0] > maxKey:
		problems = append(problems, fmt.Errorf("key %q: %s is not allowed: a key of InnoDB has at most %d bytes", c.Key, c.Fields[0].Type, maxKey))
	}
	problems = append(problems, c.streamProblems()...)
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	return c.validateFields()
}

func (c Contract) streamProblems() (problems []error) {
	if len(c.Streams) == 0 {
		return []error{errors.New("streams: at least one is required")}
	}
	used := c.Prefixes.all()
	for _, s := range c.Streams {
		if !streamName.MatchString(s.Name) {
			problems = append(problems, fmt.Errorf("stream %q: use at most 63 lower-case letters, digits and underscores, beginning with a letter", s.Name))
		}
		if slices.Contains(used, s.Name) {
			problems = append(problems, fmt.Errorf("stream %s: the bucket already has a folder with this name: choose another name", s.Name))
		}
		used = append(used, s.Name)
	}
	return problems
}
