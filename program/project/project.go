// Package project finds the checkout that a command runs in.
package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"store-events/config"
)

// Find returns the absolute path of the folder with this project's Pulumi.yaml: dir
// or its nearest parent.
func Find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the project: %w", err)
	}
	for d := start; ; d = filepath.Dir(d) {
		name, err := nameIn(filepath.Join(d, "Pulumi.yaml"))
		if err == nil && name == config.Namespace {
			return d, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("find the project: %w", err)
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no Pulumi.yaml of project %s in %s or above: run this inside the repository, or name it with --project", config.Namespace, start)
		}
	}
}

func nameIn(file string) (string, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // Pulumi.yaml of a folder that the user is in or names.
	if err != nil {
		return "", err
	}
	var p struct{ Name string }
	if err := yaml.Unmarshal(raw, &p); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return p.Name, nil
}
