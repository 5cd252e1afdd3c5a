package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// ProjectName is the name in Pulumi.yaml, and the namespace of its settings.
const ProjectName = "store-events"

// FindProject returns the folder with this project's Pulumi.yaml: dir or the
// nearest of its parents.
func FindProject(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for d := start; ; d = filepath.Dir(d) {
		name, err := projectName(filepath.Join(d, "Pulumi.yaml"))
		if err == nil && name == ProjectName {
			return d, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no Pulumi.yaml of project %s in %s or above: run this inside the repository, or name it with --project", ProjectName, start)
		}
	}
}

func projectName(file string) (string, error) {
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
