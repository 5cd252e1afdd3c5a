package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"localaws/credentials"
	"localaws/database"
	"localaws/gateway"
)

const healthPath = gateway.InternalPrefix + "health"

// direct is a client that ignores proxy settings.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// Health is the state of each component.
type Health struct {
	Daemon   record `json:"daemon"`
	StateDir string `json:"stateDir"`
	Emulator struct {
		Healthy bool `json:"healthy"`
		PID     int  `json:"pid"`
	} `json:"emulator"`
	Databases []database.Status `json:"databases"`
}

// OK reports whether every component works.
func (h Health) OK() bool {
	for _, d := range h.Databases {
		if !d.Running && !d.Stopped {
			return false
		}
	}
	return h.Emulator.Healthy
}

func (h Health) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if !h.OK() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(h) // The client may have disconnected.
}

// isLocalAWS reports whether any local AWS listens on the port, by the Server header of its error response to an
// unsigned request.
func isLocalAWS(ctx context.Context, port int) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(port)+healthPath, nil)
	if err != nil {
		return false
	}
	resp, err := direct.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.Header.Get("Server") == gateway.ServerName
}

// readHealth requests the health of a state folder's local AWS, with the owner's access key. It fails if another
// program listens on the port, including the local AWS of another state folder.
func readHealth(ctx context.Context, stateDir string, port int) (Health, error) {
	var h Health
	owner, err := credentials.Read(stateDir)
	if err != nil {
		return h, err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(port)+healthPath, nil)
	if err != nil {
		return h, fmt.Errorf("health of the local AWS: %w", err)
	}
	if err := credentials.Sign(req, owner, credentials.InternalService, "us-east-1", nil); err != nil {
		return h, err
	}
	resp, err := direct.Do(req)
	if err != nil {
		return h, fmt.Errorf("health of the local AWS: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&h); err != nil || h.StateDir != stateDir {
		return h, fmt.Errorf("the server on port %d is not the local AWS of %s (HTTP status %d)", port, stateDir, resp.StatusCode)
	}
	return h, nil
}
