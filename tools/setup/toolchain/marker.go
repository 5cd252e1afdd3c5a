package toolchain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"store-events/tools/setup/internal/files"
)

// inputs are the inputs of a step, in addition to the platform.
type inputs struct {
	// Recipe is the version of the step; it changes with the step's code.
	Recipe string
	// Files are hashed by content, in this order.
	Files []string
}

// key is a hash of the inputs and the platform.
func (in inputs) key() (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, runtime.GOOS, runtime.GOARCH, in.Recipe)
	for _, f := range in.Files {
		b, err := os.ReadFile(f) //nolint:gosec // a file of the project
		if err != nil {
			return "", fmt.Errorf("an input of the setup: %w", err)
		}
		_, _ = fmt.Fprintf(h, "%s %d\n", filepath.Base(f), len(b))
		_, _ = h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// marker records that a step is done. It is written last, so that an interrupted step has
// none.
type marker struct {
	Key     string    `json:"key"`
	Done    time.Time `json:"done"`
	Seconds float64   `json:"seconds"`
}

func (t *toolchain) markerFile(s step) string {
	if s.checkout {
		return t.own("bin", "state", s.name+".json")
	}
	return t.in("state", s.name+".json")
}

// done reports whether the step finished with the same inputs and its outputs
// still exist.
func (t *toolchain) done(s step, key string) bool {
	b, err := os.ReadFile(t.markerFile(s))
	if err != nil {
		return false
	}
	var m marker
	if json.Unmarshal(b, &m) != nil || m.Key != key {
		return false
	}
	return allExist(s.outputs)
}

// mark records that the step has finished. A record with the same inputs keeps its time.
func (t *toolchain) mark(s step, key string, took time.Duration) error {
	if !allExist(s.outputs) {
		return fmt.Errorf("it ended without its result: %v", s.outputs)
	}
	if t.done(s, key) {
		return nil
	}
	b, err := json.MarshalIndent(marker{Key: key, Done: time.Now().UTC(), Seconds: took.Round(time.Second / 10).Seconds()}, "", "  ")
	if err != nil {
		return err
	}
	return files.Write(t.markerFile(s), append(b, '\n'))
}

func allExist(paths []string) bool {
	for _, p := range paths {
		if !files.Exists(p) {
			return false
		}
	}
	return true
}
