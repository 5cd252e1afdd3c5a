package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"localaws/credentials"
)

// Status is the status of a state folder's local AWS.
type Status struct {
	// Running is true if the daemon's process is alive.
	Running bool   `json:"running"`
	PID     int    `json:"pid,omitempty"`
	URL     string `json:"url,omitempty"`
	// Health is nil if the daemon does not respond, for example while it starts.
	Health *Health `json:"health,omitempty"`
}

// GetStatus returns the status. It is read-only. It fails if the access key is unusable, because the daemon would never
// respond.
func GetStatus(ctx context.Context, stateDir string) (Status, error) {
	stateDir, err := filepath.Abs(stateDir)
	if err != nil {
		return Status{}, fmt.Errorf("state folder: %w", err)
	}
	if _, err := os.Stat(stateDir); errors.Is(err, fs.ErrNotExist) {
		return Status{}, nil
	}
	held, err := tryLock(stateDir, lockFile)
	if err == nil {
		held.release()
		return Status{}, nil
	}
	if !errors.Is(err, errLocked) {
		return Status{}, err
	}
	r, err := readRecord(stateDir)
	if err != nil {
		return Status{}, err
	}
	if _, err := credentials.Read(stateDir); err != nil && !errors.Is(err, fs.ErrNotExist) { // A daemon that starts creates it.
		return Status{}, err
	}
	status := Status{Running: true, PID: r.PID, URL: Options{Port: r.Port}.GatewayURL()}
	if h, err := readHealth(ctx, stateDir, r.Port); err == nil {
		status.Health = &h
	}
	return status, nil
}
