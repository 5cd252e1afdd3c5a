// Package engine describes an initialized database server: a folder with the program, an empty data folder, which is
// copied for every instance, and engine.json with the product and release. The installer of the server creates the
// folder, and package database runs the server.
package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The names of the engines.
const (
	MySQL   = "MySQL"
	MariaDB = "MariaDB"
)

// Files of a server's folder.
const (
	program  = "server"
	template = "template"
	identity = "engine.json"
)

// Engine is a database server's product and release, for example MySQL 9.7.4.
type Engine struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func (e Engine) String() string { return e.Name + " " + e.Version }

// Server is an initialized database server.
type Server struct {
	Engine
	Dir string
}

// Open reads engine.json in a server's folder.
func Open(dir string) (Server, error) {
	raw, err := os.ReadFile(filepath.Join(dir, identity)) //nolint:gosec // the caller names the folder
	if err != nil {
		return Server{}, fmt.Errorf("database server: %w", err)
	}
	s := Server{Dir: dir}
	if err := json.Unmarshal(raw, &s.Engine); err != nil {
		return Server{}, fmt.Errorf("read %s: %w", filepath.Join(dir, identity), err)
	}
	return s, nil
}

// Program returns the path of the server's executable, which accepts mysqld's arguments.
func Program(dir string) string { return filepath.Join(dir, program) }

// Template returns the initialized data folder. Its only account is root@localhost without a password.
func Template(dir string) string { return filepath.Join(dir, template) }

// CopyData creates the data folder of a new instance.
func (s Server) CopyData(to string) error {
	if err := os.CopyFS(to, os.DirFS(Template(s.Dir))); err != nil {
		return fmt.Errorf("copy an empty database: %w", err)
	}
	return nil
}
