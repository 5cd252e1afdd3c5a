// Package database runs a real server for each RDS instance, MySQL or MariaDB: as a child process on 127.0.0.1, with
// TLS, and its data in the state folder.
package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// ErrNotFound means that a server does not exist.
var ErrNotFound = errors.New("no such database server")

// Options configure Servers.
type Options struct {
	// ServerDir is the folder of an initialized server, see engine.Open.
	ServerDir string
	// StateDir contains a folder for each server, and the certificates.
	StateDir string
	// ResetAdvice is how to delete the state and start again, for errors without another solution.
	ResetAdvice string
	// Env is added to the environment of each server, as name=value.
	Env []string
	Log *slog.Logger
}

// Spec contains the settings of CreateDBInstance.
type Spec struct {
	ID         string
	User       string
	Password   string
	Database   string
	Port       int
	Parameters map[string]string
}

// Status is the status of a server.
type Status struct {
	ID string `json:"id"`
	// Engine is the product, for example MySQL, and Version its release. Both are empty for an external server.
	Engine  string `json:"engine,omitempty"`
	Version string `json:"version,omitempty"`
	Host    string `json:"host"`
	Port    int    `json:"port"`
	Running bool   `json:"running"`
	// Stopped is true if the server was stopped on request.
	Stopped bool   `json:"stopped,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Servers manages the database servers of a local AWS. It is safe for
// concurrent use. Operations on different servers run concurrently.
type Servers struct {
	opts    Options
	mu      sync.Mutex
	servers map[string]*server
}

// Open reads the records of existing servers. Resume starts the servers.
func Open(o Options) (*Servers, error) {
	if err := makeCertificates(o.StateDir); err != nil {
		return nil, err
	}
	s := &Servers{opts: o, servers: map[string]*server{}}
	found, err := filepath.Glob(filepath.Join(o.StateDir, "*", recordFile))
	if err != nil {
		return nil, fmt.Errorf("list database servers: %w", err)
	}
	for _, file := range found {
		srv := s.newServer(filepath.Base(filepath.Dir(file)))
		if err := srv.load(); err != nil {
			return nil, err
		}
		s.servers[srv.id] = srv
	}
	return s, nil
}

// CAFile returns the path of the authority's certificate, which clients trust like Amazon's bundle on AWS.
func CAFile(stateDir string) string { return filepath.Join(stateDir, "ca.pem") }

// Resume starts all servers except stopped ones.
func (s *Servers) Resume(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, srv := range s.all() {
		group.Go(func() error { return srv.resume(ctx) })
	}
	return group.Wait()
}

// Create creates and starts a server. If it fails, it removes the server.
func (s *Servers) Create(ctx context.Context, spec Spec) error {
	if err := CheckID(spec.ID); err != nil {
		return err
	}
	id := strings.ToLower(spec.ID)
	s.mu.Lock()
	if _, ok := s.servers[id]; ok {
		s.mu.Unlock()
		return fmt.Errorf("database server %s already exists", id)
	}
	srv := s.newServer(id)
	s.servers[id] = srv
	s.mu.Unlock()

	if err := srv.create(ctx, spec); err != nil {
		return errors.Join(err, s.Delete(id))
	}
	return nil
}

// Start starts a stopped server.
func (s *Servers) Start(ctx context.Context, id string) error {
	return s.with(id, func(srv *server) error { return srv.start(ctx) })
}

// Stop stops a server until Start.
func (s *Servers) Stop(id string) error {
	return s.with(id, func(srv *server) error { return srv.stop() })
}

// Restart restarts a server with parameters.
func (s *Servers) Restart(ctx context.Context, id string, parameters map[string]string) error {
	return s.with(id, func(srv *server) error { return srv.restart(ctx, parameters) })
}

// Move changes a server's port. A running server restarts.
func (s *Servers) Move(ctx context.Context, id string, port int) error {
	return s.with(id, func(srv *server) error { return srv.move(ctx, port) })
}

// SetPassword changes the master user's password.
func (s *Servers) SetPassword(ctx context.Context, id, password string) error {
	return s.with(id, func(srv *server) error { return srv.setPassword(ctx, password) })
}

// SetParameters stores parameters for the next start, and applies those that can change at run time.
func (s *Servers) SetParameters(ctx context.Context, id string, parameters map[string]string) error {
	return s.with(id, func(srv *server) error { return srv.setParameters(ctx, parameters) })
}

// Delete stops a server and removes its data.
func (s *Servers) Delete(id string) error {
	err := s.with(id, func(srv *server) error { return srv.remove() })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.servers, strings.ToLower(id))
	return nil
}

// Get returns the status of a server, and whether it exists.
func (s *Servers) Get(id string) (Status, bool) {
	srv, ok := s.find(id)
	if !ok {
		return Status{}, false
	}
	return srv.status(), true
}

// List returns the statuses of all servers.
func (s *Servers) List() []Status {
	list := []Status{}
	for _, srv := range s.all() {
		list = append(list, srv.status())
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Close stops all servers. The next Resume starts them again.
func (s *Servers) Close() error {
	var group errgroup.Group
	for _, srv := range s.all() {
		group.Go(srv.close)
	}
	return group.Wait()
}

func (s *Servers) with(id string, f func(*server) error) error {
	srv, ok := s.find(id)
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return f(srv)
}

func (s *Servers) find(id string) (*server, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	srv, ok := s.servers[strings.ToLower(id)]
	return srv, ok
}

func (s *Servers) all() []*server {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*server, 0, len(s.servers))
	for _, srv := range s.servers {
		list = append(list, srv)
	}
	return list
}

func (s *Servers) newServer(id string) *server {
	return &server{
		id: id, dir: filepath.Join(s.opts.StateDir, id), serverDir: s.opts.ServerDir, certs: s.opts.StateDir,
		resetAdvice: s.opts.ResetAdvice, env: s.opts.Env, log: s.opts.Log,
	}
}

func removeAll(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the database's data: %w", err)
	}
	return nil
}
