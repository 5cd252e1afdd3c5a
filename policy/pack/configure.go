package pack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"store-events/policy/rule"
)

// Configuration is the pack's configuration for one policy.
type Configuration struct {
	Level rule.Level
	// Limits are the rule's options by name, with values decoded from JSON.
	Limits map[string]any
}

// all means every policy in a configuration.
const all = "all"

// Configure sets levels and limits by policy name, which override the environment's. The error lists every
// problem.
func (p *Pack) Configure(given map[string]Configuration) error {
	if given[all].Level == rule.Remediate {
		return errors.New("policy configuration: all: only policies that can fix violations have the level remediate")
	}
	policies := map[string]Policy{}
	for _, policy := range p.Policies() {
		policies[policy.Name] = policy
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if name == all {
			continue // The engine has set the level of each policy.
		}
		c := given[name]
		policy, known := policies[name]
		if _, byAll := given[all]; byAll && len(policy.Levels) == 1 {
			c.Level = policy.Levels[0] // A rule that failed to run must never pass.
		}
		if !known {
			problems = append(problems, unknown(name, policies))
			continue
		}
		for _, problem := range p.configure(policy, c) {
			problems = append(problems, fmt.Errorf("policy configuration: %s: %w", name, problem))
		}
	}
	return errors.Join(problems...)
}

func (p *Pack) configure(policy Policy, c Configuration) []error {
	var problems []error
	if !slices.Contains(policy.Levels, c.Level) {
		problems = append(problems, fmt.Errorf("enforcementLevel: %s is not one of %s", c.Level.Word(), strings.Join(rule.Words(policy.Levels), ", ")))
	}
	p.levels[policy.Name] = c.Level
	for _, key := range slices.Sorted(maps.Keys(c.Limits)) {
		if err := p.set(policy.Name, key, c.Limits[key]); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

func (p *Pack) set(name, key string, v any) error {
	names := []string{"enforcementLevel"}
	for _, r := range p.rules {
		if r.ID != name {
			continue
		}
		for _, o := range r.Options {
			if o.Name == key {
				return o.Set(&p.settings, v)
			}
			names = append(names, o.Name)
		}
	}
	return fmt.Errorf("%s is not one of %s", key, strings.Join(names, ", "))
}

// unknown lists the policies with the same prefix, up to the name's first hyphen.
func unknown(name string, policies map[string]Policy) error {
	start, _, _ := strings.Cut(name, "-")
	var similar []string
	for known := range policies {
		if strings.HasPrefix(known, start+"-") {
			similar = append(similar, known)
		}
	}
	if len(similar) == 0 {
		return fmt.Errorf("policy configuration: %s: no such policy", name)
	}
	slices.Sort(similar)
	return fmt.Errorf("policy configuration: %s: no such policy; policies that begin with %s: %s", name, start, strings.Join(similar, ", "))
}
