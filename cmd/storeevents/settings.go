package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"localaws/daemon"
	"store-events/config"
	"store-events/deploy"
)

// endpoint returns the URL of the stack's local AWS, or "" for a stack on AWS.
func (a *app) endpoint() (string, error) {
	s, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return "", err
	}
	if s.Endpoint() != "" && a.port != 0 {
		return fmt.Sprintf("http://127.0.0.1:%d", a.port), nil
	}
	return s.Endpoint(), nil
}

// localSettings returns the settings of a local stack that are derived from the state
// folder, overridden by the user's.
func localSettings(stateDir string, given map[string]string) map[string]string {
	settings := map[string]string{config.Namespace + ":databaseCaFile": daemon.DatabaseCA(stateDir)}
	maps.Copy(settings, given)
	return settings
}

// checkConfig validates the stack's configuration in the same way as the program. The
// engine would report only the first value of a wrong type, without the allowed values.
func (a *app) checkConfig() (config.Config, error) {
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return config.Config{}, err
	}
	all := maps.Clone(settings.Config)
	for key, value := range a.overridden() {
		all[key] = value
	}
	values := config.Map{}
	for full, value := range all {
		if key, ours := strings.CutPrefix(full, config.Namespace+":"); ours {
			if values[key], err = settingText(value); err != nil {
				return config.Config{}, fmt.Errorf("%s: %w", full, err)
			}
		}
	}
	cfg, err := config.Load(a.stack, values)
	if err := errors.Join(config.CheckKeys(slices.Collect(maps.Keys(all))), err); err != nil {
		return config.Config{}, fmt.Errorf("configuration of stack %s:\n%w", a.stack, err)
	}
	return cfg, nil
}

// settingText returns a setting in the form that the engine passes to the program.
func settingText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case nil:
		return "null", nil
	case []any, map[string]any:
		text, err := json.Marshal(v)
		return string(text), err
	default:
		return fmt.Sprint(v), nil
	}
}

// configApplies refuses --config for a stack on AWS, because only the settings in its file apply.
func (a *app) configApplies(endpoint string) error {
	if endpoint != "" || len(a.config) == 0 {
		return nil
	}
	return fmt.Errorf("--config and STORE_EVENTS_CONFIG apply only to local stacks, and stack %s is on AWS: use `pulumi config set --stack %[1]s`, or preview with --offline", a.stack)
}
