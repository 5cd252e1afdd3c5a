package pack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"store-events/policy/rule"
)

// all stands for every policy in a pack's configuration.
const all = "all"

// Configure sets the levels that the pack's configuration gives, by name of the policy. It reports all that is wrong.
func (p *Pack) Configure(levels map[string]rule.Level) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		if name == all {
			continue // The engine has given the level to each policy.
		}
		if _, known := p.levels[name]; !known {
			problems = append(problems, p.unknown(name))
			continue
		}
		p.levels[name] = levels[name]
	}
	p.levels[companions[rule.Failed].name] = rule.Mandatory // What judged nothing must not pass.
	return errors.Join(problems...)
}

// unknown names the policies that begin as the name does, up to its first hyphen.
func (p *Pack) unknown(name string) error {
	start, _, _ := strings.Cut(name, "-")
	var near []string
	for known := range p.levels {
		if strings.HasPrefix(known, start+"-") {
			near = append(near, known)
		}
	}
	if len(near) == 0 {
		return fmt.Errorf("policy configuration: there is no policy %q", name)
	}
	slices.Sort(near)
	return fmt.Errorf("policy configuration: there is no policy %q; of %s there are: %s", name, start, strings.Join(near, ", "))
}
