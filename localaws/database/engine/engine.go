// Package engine describes a database server that is ready to run: a folder with the program, an initialized and
// empty data folder, which is copied for every instance, and engine.json, which names the product. Whoever
// installs a server makes the folder; package database runs it. Nothing here starts a server.
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

// Engine is a database server's product and release, such as MySQL 9.7.4.
type Engine struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func (e Engine) String() string { return e.Name + " " + e.Version }

// Server is the folder of a server that is ready to run.
type Server struct {
	Engine
	Dir string
}

// Open reads a server's folder.
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

// Program returns the path of the server's executable, which takes mysqld's arguments.
func Program(dir string) string { return filepath.Join(dir, program) }

// Template returns the data folder of a server that has not run yet. Its only account is root@localhost without
// a password.
func Template(dir string) string { return filepath.Join(dir, template) }

// CopyData makes the data folder of a new instance.
func (s Server) CopyData(to string) error {
	if err := os.CopyFS(to, os.DirFS(Template(s.Dir))); err != nil {
		return fmt.Errorf("copy an empty database: %w", err)
	}
	return nil
}
