package main

import (
	"encoding/json"
	"maps"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// files returns the contents of each file by name.
func files() (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, env := range []rule.Environment{rule.Prod, rule.Dev} {
		policies, err := policies(env)
		if err != nil {
			return nil, err
		}
		if all["config."+string(env)+".json"], err = text(configuration(policies)); err != nil {
			return nil, err
		}
		if all["config.schema.json"], err = text(schema(policies)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func policies(env rule.Environment) ([]pack.Policy, error) {
	p, err := pack.New(pack.Stack{Config: map[string]string{"policy:environment": string(env)}})
	if err != nil {
		return nil, err
	}
	return p.Policies(), nil
}

func text(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

// configuration lists the levels and limits in effect.
func configuration(policies []pack.Policy) map[string]any {
	all := map[string]any{}
	for _, p := range policies {
		if len(p.Limits) == 0 {
			all[p.Name] = p.Level.Word()
			continue
		}
		of := map[string]any{"enforcementLevel": p.Level.Word()}
		for key, schema := range p.Limits {
			of[key] = schema.(map[string]any)["default"]
		}
		all[p.Name] = of
	}
	return all
}

// schema describes such a file. It omits defaults, which differ by environment.
func schema(policies []pack.Policy) map[string]any {
	properties := map[string]any{
		"all":          map[string]any{"description": "level of all policies that are not named", "$ref": "#/$defs/level"},
		"environments": map[string]any{"description": "Pulumi ESC environments", "type": "array", "items": map[string]any{"type": "string"}},
	}
	for _, p := range policies {
		properties[p.Name] = ofPolicy(p)
	}
	level := map[string]any{"enum": rule.Words([]rule.Level{rule.Off, rule.Advisory, rule.Mandatory})}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Configuration of the policy pack " + pack.Name,
		"type": "object", "additionalProperties": false, "properties": properties,
		"$defs": map[string]any{"level": level, "policy": either(level, nil)},
	}
}

func ofPolicy(p pack.Policy) map[string]any {
	if len(p.Limits) == 0 && len(p.Levels) == 3 {
		return map[string]any{"description": p.Title, "$ref": "#/$defs/policy"}
	}
	of := either(map[string]any{"enum": rule.Words(p.Levels)}, p.Limits)
	of["description"] = p.Title
	return of
}

// either accepts a level, or an object with a level and limits.
func either(level, limits map[string]any) map[string]any {
	properties := map[string]any{"enforcementLevel": level}
	for key, limit := range limits {
		limit := maps.Clone(limit.(map[string]any))
		delete(limit, "default")
		properties[key] = limit
	}
	return map[string]any{"anyOf": []any{level, map[string]any{"type": "object", "additionalProperties": false, "properties": properties}}}
}
