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
	// GluePython is a Python interpreter with PySpark and the packages of Glue 5.1. Jobs run in it.
	GluePython string `json:"gluePython"`
	// JarsDir has the jars that Spark needs besides its own: hadoop-aws with the AWS SDK, and JDBC drivers.
	JarsDir string `json:"jarsDir"`
	// Glue6Python and Glue6JarsDir are the same for jobs of Glue 6.0. They are optional, and may be installed
	// while the local AWS runs.
	Glue6Python  string `json:"glue6Python,omitempty"`
	Glue6JarsDir string `json:"glue6JarsDir,omitempty"`
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
		name string
		path *string
		need need
	}{
		{"ministack", &p.Ministack, required}, {"gluePython", &p.GluePython, required}, {"jarsDir", &p.JarsDir, required},
		{"glue6Python", &p.Glue6Python, later}, {"glue6JarsDir", &p.Glue6JarsDir, later},
		{"database", &p.Database, optional}, {"javaHome", &p.JavaHome, optional},
	} {
		missing = append(missing, locate(tool.name, tool.path, tool.need, filepath.Dir(file)))
	}
	if err := errors.Join(missing...); err != nil {
		return Paths{}, fmt.Errorf("tools in %s:\n%w", file, err)
	}
	return p, nil
}

// need says whether a path must be given, and whether there must be something.
type need int

const (
	required need = iota
	optional      // It exists if it is given.
	later         // It need not exist yet.
)

func locate(name string, path *string, need need, dir string) error {
	if *path == "" {
		if need == required {
			return fmt.Errorf("%s: the path is missing", name)
		}
		return nil
	}
	if !filepath.IsAbs(*path) {
		*path = filepath.Join(dir, *path)
	}
	if _, err := os.Stat(*path); err != nil && need != later {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
