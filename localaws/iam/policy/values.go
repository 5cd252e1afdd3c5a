package policy

import (
	"encoding/json"
	"maps"
	"slices"
)

// parseStrings decodes a string or a list of strings. IAM accepts numbers and booleans too.
func parseStrings(data json.RawMessage) ([]string, error) {
	var raw []json.RawMessage
	if err := oneOrMore(data, &raw); err != nil {
		return nil, err
	}
	values := make([]string, 0, len(raw))
	for _, r := range raw {
		value, err := scalar(r)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return nil, malformed("an element has an empty list")
	}
	return values, nil
}

func scalar(data json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case bool, float64:
		return string(data), nil
	default:
		return "", malformed("a value is not a string, number or boolean")
	}
}

func parsePrincipals(data json.RawMessage) ([]Principals, error) {
	var star string
	if json.Unmarshal(data, &star) == nil {
		if star != "*" {
			return nil, malformed("Invalid principal in policy")
		}
		return []Principals{{Type: "AWS", IDs: []string{"*"}}}, nil
	}
	var types map[string]json.RawMessage
	if err := json.Unmarshal(data, &types); err != nil {
		return nil, err
	}
	var all []Principals
	for _, t := range slices.Sorted(maps.Keys(types)) {
		if !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, t) {
			return nil, malformed("Invalid principal in policy")
		}
		ids, err := parseStrings(types[t])
		if err != nil {
			return nil, err
		}
		all = append(all, Principals{Type: t, IDs: ids})
	}
	return all, nil
}

func parseConditions(data json.RawMessage) ([]Condition, error) {
	var operators map[string]map[string]json.RawMessage
	if err := json.Unmarshal(data, &operators); err != nil {
		return nil, err
	}
	var all []Condition
	for _, name := range slices.Sorted(maps.Keys(operators)) {
		test, ok := parseOperator(name)
		if !ok {
			return nil, malformed("Invalid Condition type : %s", name)
		}
		for _, key := range slices.Sorted(maps.Keys(operators[name])) {
			// An empty list is valid, and matches no value.
			var values []string
			if string(operators[name][key]) != "[]" {
				var err error
				if values, err = parseStrings(operators[name][key]); err != nil {
					return nil, err
				}
			}
			all = append(all, Condition{Operator: name, Key: key, Values: values, test: test})
		}
	}
	return all, nil
}
