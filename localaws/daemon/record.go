package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"localaws/atomicfile"
)

// record describes the running daemon. It is stored in the state folder.
type record struct {
	PID     int       `json:"pid"`
	Port    int       `json:"port"`
	Region  string    `json:"region"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
}

func (r record) write(o Options) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", recordFile, err)
	}
	if err := atomicfile.Write(o.in(recordFile), raw); err != nil {
		return fmt.Errorf("record of the daemon: %w", err)
	}
	return nil
}

// readRecord returns the zero record if there is none.
func readRecord(stateDir string) (record, error) {
	var r record
	raw, err := os.ReadFile(filepath.Join(stateDir, recordFile)) //nolint:gosec // in the state folder
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("record of the daemon: %w", err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", recordFile, err)
	}
	return r, nil
}

// executableVersion returns a hash of the executable, to detect a daemon of another build.
func executableVersion() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the executable: %w", err)
	}
	f, err := os.Open(path) //nolint:gosec // this executable
	if err != nil {
		return "", fmt.Errorf("read the executable: %w", err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the executable: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
