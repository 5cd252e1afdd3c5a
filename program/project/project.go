// Package project finds the project on this machine and makes the files that a
// deployment uploads. It imports nothing of Pulumi.
package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// script is the Glue job's entry script, by which a project folder is known too:
// a copy of Pulumi.yaml elsewhere is not the project.
const script = "glue/s3_to_rds_ingestor.py"

// Find returns the absolute path of the project's folder: the first of the given
// folders, or of their parents, that holds the job's script. Empty names are
// passed over.
func Find(candidates ...string) (string, error) {
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
