package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"store-events/config"
)

// override matches a key and its value. A key without a namespace has the project's.
var override = regexp.MustCompile(`(?s)^([A-Za-z][\w-]*:)?([A-Za-z][\w.-]*)=(.*)$`)

// second matches the beginning of another setting, with the project's namespace, in a value.
var second = regexp.MustCompile(`,\s*` + config.Namespace + `:[A-Za-z][\w.-]*=`)

// overrides merges the settings of the environment variable, one per line, with the flags,
// which take precedence. The error lists every malformed setting.
func overrides(environment string, flags []string) (map[string]string, error) {
	fromEnvironment, err := parseOverrides("STORE_EVENTS_CONFIG", lines(environment))
	fromFlags, flagErr := parseOverrides("--config", flags)
	maps.Copy(fromEnvironment, fromFlags)
	return fromEnvironment, errors.Join(err, flagErr)
}

func lines(environment string) []string {
	var items []string
	for line := range strings.Lines(environment) {
		if item := strings.TrimSpace(line); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func parseOverrides(from string, items []string) (map[string]string, error) {
	settings := map[string]string{}
	var problems []error
	for _, item := range items {
		m := override.FindStringSubmatch(item)
		if m == nil {
			problems = append(problems, fmt.Errorf("%s %q: must be a key and a value, such as databasePort=13307", from, item))
			continue
		}
		if next := second.FindString(m[3]); next != "" {
			problems = append(problems, fmt.Errorf("%s %q: %q looks like another setting: use a flag, or a line of the variable, for each", from, item, next))
			continue
		}
		settings[cmp.Or(m[1], config.Namespace+":")+m[2]] = m[3]
	}
	return settings, errors.Join(problems...)
}
