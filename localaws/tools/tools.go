// Package tools names the programs that the local AWS runs. It installs none of them: whoever does writes a file
// with their paths.
package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Variable is the environment variable that names the file, if the user gives no other.
const Variable = "LOCALAWS_TOOLS"

// Paths are the programs to run.
type Paths struct {
	// Ministack is the executable of MiniStack; the Python interpreter of its environment is beside it.
	Ministack string `json:"ministack"`
	// GluePython is a Python interpreter with PySpark and the packages of Glue. Jobs run in it.
	GluePython string `json:"gluePython"`
	// JarsDir has the jars that Spark needs besides its own: hadoop-aws with the AWS SDK, and JDBC drivers.
	JarsDir string `json:"jarsDir"`
	// Database is the folder of a database server that is ready to run, see package database/engine. Without it,
	// the local AWS creates no RDS instance.
	Database string `json:"database,omitempty"`
	// JavaHome is the Java that Spark runs in; empty means java on PATH.
	JavaHome string `json:"javaHome,omitempty"`
}

// DefaultFile returns the file that Read reads if the user names none: localaws/tools.json in the user's cache
// folder.
func DefaultFile() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("file with the paths of the tools: %w", err)
	}
	return filepath.Join(cache, "localaws", "tools.json"), nil
}

// Read reads the JSON object with the paths. Relative paths start at the file's folder; other members of the
// object are ignored. The error names every tool that is missing.
func Read(file string) (Paths, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // the caller names the file
	if err != nil {
		return Paths{}, fmt.Errorf("file with the paths of the tools: %w", err)
	}
	var p Paths
	if err := json.Unmarshal(raw, &p); err != nil {
		return Paths{}, fmt.Errorf("file with the paths of the tools: %s: %w", file, err)
	}
	var missing []error
	for _, tool := range []struct {
		name     string
		path     *string
		required bool
	}{
		{"ministack", &p.Ministack, true}, {"gluePython", &p.GluePython, true}, {"jarsDir", &p.JarsDir, true},
		{"database", &p.Database, false}, {"javaHome", &p.JavaHome, false},
	} {
		missing = append(missing, locate(tool.name, tool.path, tool.required, filepath.Dir(file)))
	}
	if err := errors.Join(missing...); err != nil {
		return Paths{}, fmt.Errorf("tools in %s:\n%w", file, err)
	}
	return p, nil
}

func locate(name string, path *string, required bool, dir string) error {
	if *path == "" {
		if required {
			return fmt.Errorf("%s: the path is missing", name)
		}
		return nil
	}
	if !filepath.IsAbs(*path) {
		*path = filepath.Join(dir, *path)
	}
	if _, err := os.Stat(*path); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
