package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"localaws/database/engine"
	"localaws/process"
)

const (
	startTimeout = 60 * time.Second
	stopGrace    = 30 * time.Second
)

// server is a database server. Its methods are serialized.
type server struct {
	id, dir, serverDir, certs string
	resetAdvice               string
	env                       []string
	log                       *slog.Logger

	mu      sync.Mutex
	record  record
	process *process.Process
}

func (s *server) create(ctx context.Context, spec Spec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := checkPort(ctx, spec.Port); err != nil {
		return err
	}
	if s.serverDir == "" {
		return errors.New("no database server is set up: the file with the paths of the tools has no \"database\"")
	}
	e, err := engine.Open(s.serverDir)
	if err != nil {
		return err
	}
	s.record = record{Engine: e.Engine, Port: spec.Port, User: spec.User, Parameters: spec.Parameters}
	if err := s.install(e); err != nil {
		return err
	}
	if err := s.writeInitFile(spec); err != nil {
		return err
	}
	if err := s.launch(ctx, "--init-file="+s.path(initFile)); err != nil {
		return err
	}
	if err := os.Remove(s.path(initFile)); err != nil {
		return fmt.Errorf("remove the file with the password: %w", err)
	}
	return s.save()
}

func (s *server) resume(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.Stopped {
		return nil
	}
	return s.launch(ctx)
}

func (s *server) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.launch(ctx); err != nil {
		return err
	}
	s.record.Stopped = false
	return s.save()
}

func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.Stopped = true
	return errors.Join(s.end(), s.save())
}

func (s *server) restart(ctx context.Context, parameters map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.end(); err != nil {
		return err
	}
	s.record.Parameters = parameters
	if err := s.launch(ctx); err != nil {
		return err
	}
	return s.save()
}

// move restarts the server on another port, as RDS does. If that port is taken, the server keeps its port.
func (s *server) move(ctx context.Context, port int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if port == s.record.Port {
		return nil
	}
	if err := checkPort(ctx, port); err != nil {
		return err
	}
	if err := s.end(); err != nil {
		return err
	}
	s.record.Port = port
	if err := s.save(); err != nil || s.record.Stopped {
		return err
	}
	return s.launch(ctx)
}

func (s *server) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end()
}

func (s *server) remove() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.end(), removeAll(s.dir))
}

// launch runs the server and waits until it accepts connections.
func (s *server) launch(ctx context.Context, args ...string) error {
	if s.process != nil && s.process.Running() {
		return nil
	}
	if err := checkPort(ctx, s.record.Port); err != nil {
		return err
	}
	if err := s.checkEngine(); err != nil {
		return err
	}
	if err := s.writeConfig(); err != nil {
		return err
	}
	started := time.Now()
	process, err := process.Start(process.Spec{
		Name: "database server " + s.id,
		Path: engine.Program(s.serverDir),
		Args: append([]string{"--defaults-file=" + s.path(configFile)}, args...),
		Env:  process.Env(s.env...), Dir: s.dir, LogFile: s.path(logFile),
	})
	if err != nil {
		return err
	}
	s.process = process
	if err := s.waitReady(ctx); err != nil {
		return errors.Join(err, s.end())
	}
	s.log.Info("database server runs", "id", s.id, "port", s.record.Port, "pid", process.PID(), "took", time.Since(started))
	return nil
}

// checkEngine returns an error if another product created the data, and otherwise records the release. A later MySQL
// upgrades the data, and an earlier one refuses to start.
// https://dev.mysql.com/doc/refman/8.4/en/upgrading.html
func (s *server) checkEngine() error {
	e, err := engine.Open(s.serverDir)
	if err != nil {
		return err
	}
	if e.Name != s.record.Engine.Name {
		return fmt.Errorf("database server %s: %s created its data, but the installed server is %s: %s",
			s.id, s.record.Engine.Name, e, s.resetAdvice)
	}
	s.record.Engine = e.Engine
	return nil
}

func (s *server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.Done():
			return s.process.Err()
		case <-ctx.Done():
			return fmt.Errorf("database server %s does not respond: %w; the end of %s:\n%s", s.id, err, s.path(logFile), process.Tail(s.path(logFile), 20))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *server) end() error {
	if s.process == nil {
		return nil
	}
	err := s.process.Stop(stopGrace)
	s.process = nil
	return err
}

func (s *server) status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{ID: s.id, Engine: s.record.Engine.Name, Version: s.record.Engine.Version, Host: "127.0.0.1", Port: s.record.Port, Stopped: s.record.Stopped}
	if s.process == nil {
		return st
	}
	st.Running = s.process.Running()
	if err := s.process.Err(); err != nil {
		st.Error = err.Error()
	}
	return st
}

func (s *server) path(name string) string { return filepath.Join(s.dir, name) }
