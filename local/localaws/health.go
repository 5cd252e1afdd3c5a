package localaws

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"store-events/local/database"
	"store-events/local/gateway"
)

const healthPath = gateway.InternalPrefix + "health"

// Health is the state of each component.
type Health struct {
	Daemon   record `json:"daemon"`
	StateDir string `json:"stateDir"`
	Emulator struct {
		Healthy bool   `json:"healthy"`
		URL     string `json:"url"`
		PID     int    `json:"pid"`
	} `json:"emulator"`
	Databases []database.Status `json:"databases"`
}

// OK says whether every component does what it should.
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
	_ = json.NewEncoder(w).Encode(h) // the client is gone: nobody to tell
}

// readHealth asks whoever listens on the port. It fails if that is not a local
// AWS.
func readHealth(ctx context.Context, port int) (Health, error) {
	var h Health
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(port)+healthPath, nil)
	if err != nil {
		return h, fmt.Errorf("health of the local AWS: %w", err)
	}
	// A client of its own: the default one may have a proxy.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return h, fmt.Errorf("health of the local AWS: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&h); err != nil || h.StateDir == "" {
		return h, fmt.Errorf("what listens on port %d is not a local AWS (HTTP status %d)", port, resp.StatusCode)
	}
	return h, nil
}
