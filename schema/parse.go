package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// fieldType matches the types of fields.
var fieldType = regexp.MustCompile(`^(string\([1-9][0-9]{0,4}\)|int|bigint|decimal\([0-9]{1,2},[0-9]{1,2}\)|boolean|timestamp)$`)

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
	if len(c.Streams) == 0 {
		problems = append(problems, errors.New("streams: at least one is required"))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	return c.validateFields()
}
