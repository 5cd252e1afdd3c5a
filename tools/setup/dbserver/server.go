// Package dbserver identifies database servers, and writes the folder of a server that is ready to run: the
// program, an initialized and empty data folder, and engine.json with the product and its release. The package
// localaws/database/engine reads such folders. This package does not start servers.
package dbserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// The names of the engines.
const (
	MySQL   = "MySQL"
	MariaDB = "MariaDB"
)

// oldestMySQL is the first major release that the job runs on.
const oldestMySQL = 8

// Files of a server's folder.
const (
	program  = "server"
	template = "template"
	identity = "engine.json"
)

// Engine is a database server's product and release, such as MySQL 9.7.4.
type Engine struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func (e Engine) String() string { return e.Name + " " + e.Version }

// CheckMySQL returns an error unless the engine is MySQL 8.0 or later.
func (e Engine) CheckMySQL() error {
	if e.Name != MySQL {
		return fmt.Errorf("it is %s, not MySQL", e)
	}
	if major, _ := strconv.Atoi(regexp.MustCompile(`^\d+`).FindString(e.Version)); major < oldestMySQL {
		return fmt.Errorf("it is %s, older than MySQL %d.0", e, oldestMySQL)
	}
	return nil
}

// versionLine matches the output of both servers for --version, for example
// "mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)" and
// "mariadbd  Ver 11.4.5-MariaDB for Linux on x86_64 (MariaDB Server)".
var versionLine = regexp.MustCompile(`Ver (\d+\.\d+\.\d+)(\S*)`)

// Identify runs a server program to determine its product and release.
func Identify(ctx context.Context, path string) (Engine, error) {
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return Engine{}, fmt.Errorf("%s --version: %w", path, err)
	}
	return parse(string(out))
}

func parse(line string) (Engine, error) {
	m := versionLine.FindStringSubmatch(line)
	if m == nil {
		return Engine{}, fmt.Errorf("%q is not the version of a database server", line)
	}
	// MariaDB may also be called mysqld; only its version shows it.
	if regexp.MustCompile(`(?i)mariadb`).MatchString(m[2]) {
		return Engine{Name: MariaDB, Version: m[1]}, nil
	}
	return Engine{Name: MySQL, Version: m[1]}, nil
}

// Read returns the engine of a completed folder.
func Read(dir string) (Engine, error) {
	raw, err := os.ReadFile(filepath.Join(dir, identity)) //nolint:gosec // the caller names the folder
	if err != nil {
		return Engine{}, fmt.Errorf("database server: %w", err)
	}
	var e Engine
	if err := json.Unmarshal(raw, &e); err != nil {
		return Engine{}, fmt.Errorf("read %s: %w", filepath.Join(dir, identity), err)
	}
	return e, nil
}

// Seal completes a server's folder, once its program and its template exist.
func Seal(dir string, e Engine) error {
	// Every instance needs its own identifier, and generates a missing one.
	// https://dev.mysql.com/doc/refman/8.4/en/replication-options.html#sysvar_server_uuid
	if err := os.Remove(filepath.Join(dir, template, "auto.cnf")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("complete a database server: %w", err)
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode %s: %w", identity, err)
	}
	if err := os.WriteFile(filepath.Join(dir, identity), append(raw, '\n'), 0o644); err != nil { //nolint:gosec // a cache of public tools
		return fmt.Errorf("complete a database server: %w", err)
	}
	return nil
}

// Program returns the path of the server's executable, which takes mysqld's arguments.
func Program(dir string) string { return filepath.Join(dir, program) }

// Template returns the data folder of a server that has not run yet. Its only account is root@localhost without
// a password.
func Template(dir string) string { return filepath.Join(dir, template) }
