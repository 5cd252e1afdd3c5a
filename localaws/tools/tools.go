// Package tools reads the paths of programs that the local AWS runs, from a file that the installer of the programs
// writes.
package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Variable is the environment variable with the path of the file.
const Variable = "LOCALAWS_TOOLS"

// Paths contains the paths of the programs.
type Paths struct {
	// Ministack is the executable of MiniStack, with its Python interpreter in the same folder.
	Ministack string `json:"ministack"`
	// GluePython is a Python interpreter with PySpark and the packages of Glue 5.1. Jobs run in it.
	GluePython string `json:"gluePython"`
	// JarsDir is a folder with additional jars for Spark: hadoop-aws with the AWS SDK, and JDBC drivers.
	JarsDir string `json:"jarsDir"`
	// Glue6Python and Glue6JarsDir are the same for Glue 6.0. They are optional, and can be installed while the local
	// AWS runs.
	Glue6Python  string `json:"glue6Python,omitempty"`
	Glue6JarsDir string `json:"glue6JarsDir,omitempty"`
	// Database is the folder of an initialized database server, see package database/engine. Without it, the local AWS
	// cannot create RDS instances.
	Database string `json:"database,omitempty"`
	// JavaHome is the Java installation for Spark. The default is java on PATH.
	JavaHome string `json:"javaHome,omitempty"`
}

// DefaultFile returns the default path of the file: localaws/tools.json in the user's cache folder.
func DefaultFile() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("file with the paths of the tools: %w", err)
	}
	return filepath.Join(cache, "localaws", "tools.json"), nil
}

// Read reads the JSON object with the paths. Relative paths are relative to the file's folder. Unknown members are
// ignored. The error lists all missing tools.
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

// need is a requirement on a path.
type need int

const (
	required need = iota
	optional      // The path may be missing in the file.
	later         // The tool need not be installed yet.
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
