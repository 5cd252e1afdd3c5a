package program

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// script is the Glue job's entry script, by which a project folder is known too:
// a copy of Pulumi.yaml elsewhere is not the project.
const script = "glue/s3_to_rds_ingestor.py"

// findProject returns the absolute path of the project's folder: the first of
// the given folders, or of their parents, that holds the job's script.
func findProject(candidates ...string) (string, error) {
	for _, candidate := range candidates {
		if candidate == "" {
			continue
		}
		dir, err := filepath.Abs(candidate)
		if err != nil {
			return "", fmt.Errorf("find project: %w", err)
		}
		for parent := ""; dir != parent; parent, dir = dir, filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, script)); err == nil {
				return dir, nil
			}
		}
	}
	return "", fmt.Errorf("no project with %s in or above %s: run inside the repository", script, strings.Join(candidates, ", "))
}

// givenKeys are the keys of the configuration that a language host hands to the
// program; without one there are none.
func givenKeys(environment string) []string {
	var values map[string]string
	if json.Unmarshal([]byte(environment), &values) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(values))
}
