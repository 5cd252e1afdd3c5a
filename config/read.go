package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Source returns the value of a setting by its key without namespace, or "" if it
// is not set. *config.Config of the Pulumi SDK implements it.
type Source interface{ Get(key string) string }

// Map is a Source for tests and tools.
type Map map[string]string

// Get returns the value of a setting.
func (m Map) Get(key string) string { return m[key] }

// Setting is one key of the configuration.
type Setting struct {
	Key   string
	Value any // string, int, float64, bool or []string
}

// Settings lists the keys of a configuration with their values, in order of
// the layers.
func (c Config) Settings() []Setting {
	var out []Setting
	eachField(&c, func(key string, field reflect.Value) {
		out = append(out, Setting{Key: key, Value: field.Interface()})
	})
	return out
}

// CheckKeys refuses unknown keys of the namespace: otherwise a misspelled key would
// silently keep its default. Keys include the namespace (store-events:natGateways);
// other namespaces are ignored.
func CheckKeys(keys []string) error {
	var known []string
	for _, s := range Default().Settings() {
		known = append(known, s.Key)
	}
	var problems []error
	for _, full := range keys {
		key, ours := strings.CutPrefix(full, Namespace+":")
		if ours && !slices.Contains(known, key) {
			problems = append(problems, fmt.Errorf("%s: no such setting: Pulumi.yaml lists all settings", full))
		}
	}
	return errors.Join(problems...)
}

// read sets the fields that have a value in src. It refuses values of the wrong
// type, except for numbers: the later checks refuse them and name the range.
func read(c *Config, src Source) *check {
	k := &check{unread: map[string]string{}, given: map[string]string{}}
	eachField(c, func(key string, field reflect.Value) {
		text := src.Get(key)
		if text == "" {
			return
		}
		before := fmt.Sprint(field.Interface()) // A list may be nil or empty.
		allowed := parse(field, text)
		if before != fmt.Sprint(field.Interface()) || allowed != "" {
			k.given[key] = text
		}
		switch {
		case allowed == "":
			return
		case field.Kind() == reflect.Int:
			field.SetInt(math.MinInt)
		case field.Kind() == reflect.Float64:
			field.SetFloat(math.NaN())
		default:
			k.refuse(key, text, allowed)
			return
		}
		k.unread[key] = text
	})
	return k
}

func eachField(c *Config, visit func(key string, field reflect.Value)) {
	layers := reflect.ValueOf(c).Elem()
	for i := range layers.NumField() {
		layer := layers.Field(i)
		for j := range layer.NumField() {
			visit(layer.Type().Field(j).Tag.Get("config"), layer.Field(j))
		}
	}
}

// parse sets field from text. If text is invalid, the field keeps its default and
// parse returns what is allowed.
func parse(field reflect.Value, text string) (allowed string) {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "a whole number"
		}
		field.SetInt(int64(n))
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "a number"
		}
		field.SetFloat(n)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return "true or false"
		}
		field.SetBool(text == "true")
	default:
		var list []string
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return "a list of strings"
		}
		field.Set(reflect.ValueOf(list))
	}
	return ""
}
