package dbserver

import (
	"fmt"
	"os"
	"path/filepath"
)

// Variable is the environment variable that selects a MySQL.
const Variable = "STORE_EVENTS_MYSQL"

// Given is the variable's value. At most one field is set.
type Given struct {
	// Program is a mysqld to run: the variable names an executable, or a base
	// folder with one in bin or sbin.
	Program string
	// Account is a JSON file with the account of a running server, see the documentation of the local AWS. Any other file,
	// even a missing one, is treated as such a file, so that reading it returns the error.
	Account string
}

// FromEnvironment reads the variable.
func FromEnvironment() (Given, error) {
	path := os.Getenv(Variable)
	if path == "" {
		return Given{}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Given{Account: path}, nil
	case info.IsDir():
		return inFolder(path)
	case info.Mode()&0o111 != 0:
		return Given{Program: path}, nil
	default:
		return Given{Account: path}, nil
	}
}

func inFolder(base string) (Given, error) {
	for _, place := range []string{"bin", "sbin", "libexec", filepath.Join("usr", "sbin")} {
		path := filepath.Join(base, place, "mysqld")
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return Given{Program: path}, nil
		}
	}
	return Given{}, fmt.Errorf("%s=%s: the folder has no bin/mysqld or sbin/mysqld; the variable names a mysqld, "+
		"a folder with one, or a JSON file with the account of a running server", Variable, base)
}
