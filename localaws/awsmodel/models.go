// Package awsmodel parses requests to AWS and validates them against AWS's service models: required members, lengths,
// ranges, patterns and enumerations. The models are botocore's, from the emulator's Python environment. Rules outside
// of the models are in package awsrules.
package awsmodel

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Models loads the models of services on first use. It is safe for concurrent use.
type Models struct {
	dir      string
	mu       sync.Mutex
	services map[string]*modelEntry
}

type modelEntry struct {
	once  sync.Once
	model *model
	err   error
}

// Open returns the models in a folder with one subfolder per service, for example botocore's data folder.
func Open(dir string) (*Models, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("AWS's service models: folder %s does not exist", dir)
	}
	return &Models{dir: dir, services: map[string]*modelEntry{}}, nil
}

// Find returns the folder of botocore's models in the Python environment of a program, for example venv/bin/ministack.
func Find(program string) (string, error) {
	program, err := filepath.EvalSymlinks(program)
	if err != nil {
		return "", fmt.Errorf("AWS's service models: %w", err)
	}
	pattern := filepath.Join(filepath.Dir(program), "..", "lib", "python3*", "site-packages", "botocore", "data")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("AWS's service models: no folder matches %s: install botocore in the environment of %s", pattern, program)
	}
	return found[0], nil
}

// load returns the model of a service for an API version, or the newest model for "".
func (m *Models) load(service, version string) (*model, error) {
	m.mu.Lock()
	l := m.services[service]
	if l == nil {
		l = &modelEntry{}
		m.services[service] = l
	}
	m.mu.Unlock()
	l.once.Do(func() { l.model, l.err = read(filepath.Join(m.dir, service), version) })
	return l.model, l.err
}

func read(dir, version string) (*model, error) {
	if version == "" {
		version = "*"
	}
	files, err := filepath.Glob(filepath.Join(dir, version, "service-2.json.gz"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no service model in %s", dir)
	}
	f, err := os.Open(slices.Max(files))
	if err != nil {
		return nil, fmt.Errorf("service model: %w", err)
	}
	defer func() { _ = f.Close() }()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("service model %s: %w", f.Name(), err)
	}
	parsed := &model{}
	if err := json.NewDecoder(unzipped).Decode(parsed); err != nil {
		return nil, fmt.Errorf("service model %s: %w", f.Name(), err)
	}
	parsed.prepare()
	return parsed, nil
}
