package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Option is a limit of a rule that the pack's configuration may set.
type Option struct {
	// Name is its key in the configuration of the rule.
	Name string
	// Schema is the JSON schema of its value.
	Schema map[string]any
	get    func(Settings) any
	set    func(*Settings, any) error
}

// Value is the current value.
func (o Option) Value(s Settings) any { return o.get(s) }

// Set sets a value decoded from JSON. The error contains the key, the value and what is allowed.
func (o Option) Set(s *Settings, v any) error {
	if err := o.set(s, v); err != nil {
		text, _ := json.Marshal(v) // It was decoded from JSON.
		return fmt.Errorf("%s: %s is not %w", o.Name, text, err)
	}
	return nil
}

// Integer is a whole number within bounds.
func Integer(name, about string, low, high float64, field func(*Settings) *float64) Option {
	return Option{
		Name:   name,
		Schema: map[string]any{"type": "integer", "minimum": low, "maximum": high, "description": about},
		get:    func(s Settings) any { return *field(&s) },
		set: func(s *Settings, v any) error {
			n, ok := v.(float64)
			if !ok || n != math.Trunc(n) || n < low || n > high {
				return fmt.Errorf("a whole number from %.0f to %.0f", low, high)
			}
			*field(s) = n
			return nil
		},
	}
}

// Texts is a list of strings.
func Texts(name, about string, field func(*Settings) *[]string) Option {
	return Option{
		Name:   name,
		Schema: map[string]any{"type": "array", "items": map[string]any{"type": "string", "minLength": 1}, "description": about},
		get: func(s Settings) any {
			list := make([]any, len(*field(&s)))
			for i, text := range *field(&s) {
				list[i] = text
			}
			return list
		},
		set: func(s *Settings, v any) error {
			texts, err := readTexts(v)
			if err == nil {
				*field(s) = texts
			}
			return err
		},
	}
}

func readTexts(v any) ([]string, error) {
	list, ok := v.([]any)
	texts := make([]string, 0, len(list))
	for _, e := range list {
		text, isText := e.(string)
		ok = ok && isText && text != ""
		texts = append(texts, text)
	}
	if !ok {
		return nil, errors.New("a list of strings")
	}
	return texts, nil
}

// TextByKey maps keys to strings.
func TextByKey(name, about string, field func(*Settings) *map[string]string) Option {
	return Option{
		Name:   name,
		Schema: map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}, "description": about},
		get: func(s Settings) any {
			object := map[string]any{}
			for key, text := range *field(&s) {
				object[key] = text
			}
			return object
		},
		set: func(s *Settings, v any) error {
			object, ok := v.(map[string]any)
			texts := make(map[string]string, len(object))
			for key, e := range object {
				text, isText := e.(string)
				ok = ok && isText
				texts[key] = text
			}
			if !ok {
				return errors.New("an object with string values")
			}
			*field(s) = texts
			return nil
		},
	}
}
