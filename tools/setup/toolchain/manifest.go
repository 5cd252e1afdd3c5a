package toolchain

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"store-events/tools/setup/internal/files"
)

// manifestFile in the cache has the paths of the tools of the local AWS, for its command line and tests.
const manifestFile = "localaws.json"

// manifest is the JSON object that the local AWS reads, see localaws/README.md.
type manifest struct {
	Ministack    string `json:"ministack"`
	GluePython   string `json:"gluePython"`
	JarsDir      string `json:"jarsDir"`
	Glue6Python  string `json:"glue6Python"`
	Glue6JarsDir string `json:"glue6JarsDir"`
	Database     string `json:"database,omitempty"`
	JavaHome     string `json:"javaHome,omitempty"`
}

// writeManifest writes the file in the cache after a complete setup. For the default cache it also writes a copy
// to the local AWS's default place.
func (t *toolchain) writeManifest(ctx context.Context) error {
	p := t.paths(ctx)
	m := manifest{
		Ministack: p.Ministack, GluePython: p.GluePython, JarsDir: p.JarsDir, JavaHome: p.JavaHome,
		Glue6Python: p.Glue6Python, Glue6JarsDir: p.Glue6JarsDir, // Even if it is missing: it may be set up later.
	}
	if t.chosen().Folder != "" {
		m.Database = p.Database
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the paths of the local AWS's tools: %w", err)
	}
	targets := []string{t.in(manifestFile)}
	if cache, err := defaultCache(); err == nil && t.cache == cache {
		// On macOS the local AWS's default place is not in this cache.
		if user, err := os.UserCacheDir(); err == nil {
			targets = append(targets, filepath.Join(user, "localaws", "tools.json"))
		}
	}
	for _, file := range targets {
		if err := files.Write(file, append(raw, '\n')); err != nil {
			return fmt.Errorf("paths of the local AWS's tools: %w", err)
		}
	}
	return nil
}
