// Package pack applies the rules to a stack: it decides their levels, applies exceptions and writes the reports.
// Package analyzer implements the engine's protocol.
package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"store-events/policy/rule"
	"store-events/policy/rules"
)

// Name is the pack's name in the engine, and Version the version of its rules.
const (
	Name    = "store-events"
	Version = "0.1.0"
)

// Stack is the stack to check, with its configuration by full key.
type Stack struct {
	Project string
	Name    string
	Config  map[string]string
}

// Pack checks one run of the engine.
type Pack struct {
	rules      []rule.Rule
	levels     map[string]rule.Level
	settings   rule.Settings
	exceptions []*exception
	store      *reportStore
	now        func() time.Time
}

// New builds the pack for a stack.
func New(stack Stack) (*Pack, error) {
	env, err := environment(stack)
	if err != nil {
		return nil, err
	}
	p := newPack(env, rules.All())
	p.settings.Project = stack.Project
	p.settings = p.settings.WithConfigured(stack.Config)
	if text := stack.Config[namespace+":exceptions"]; text != "" {
		if err := json.Unmarshal([]byte(text), &p.exceptions); err != nil {
			return nil, fmt.Errorf("policy:exceptions: %w", err)
		}
	}
	var problems []error
	for _, e := range p.exceptions {
		problems = append(problems, e.check(p.rules, p.now()))
	}
	return p, errors.Join(problems...)
}

func newPack(env rule.Environment, list []rule.Rule) *Pack {
	p := &Pack{rules: list, levels: map[string]rule.Level{}, settings: rule.DefaultSettings(env), store: newReportStore(), now: time.Now}
	for _, r := range list {
		p.levels[r.ID] = r.Levels.In(env)
	}
	for _, c := range companions {
		p.levels[c.name] = c.level
	}
	return p
}
