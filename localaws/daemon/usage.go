package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"localaws/credentials"
	"localaws/gateway"
	"localaws/iam/audit"
)

const usagePath = gateway.InternalPrefix + "usage"

// usageHandler starts recording the session in the query (POST), or returns the policy that the session has needed
// since then (GET).
func usageHandler(u *audit.Usage) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := credentials.FromContext(r.Context()); !ok || !p.Root() {
			http.Error(w, "only the owner of the state folder may read the usage", http.StatusForbidden)
			return
		}
		session := r.URL.Query().Get("session")
		if r.Method == http.MethodPost {
			u.Watch(session)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(u.Policy(session)) // The client may have disconnected.
	})
}

// WatchRole starts recording the requests of a role's session.
func WatchRole(ctx context.Context, stateDir, endpoint, role, session string) error {
	return callUsage(ctx, stateDir, http.MethodPost, usageURL(endpoint, role, session), nil)
}

// NeededPolicy returns the policy that the session has needed since WatchRole.
func NeededPolicy(ctx context.Context, stateDir, endpoint, role, session string) (audit.Document, error) {
	var d audit.Document
	err := callUsage(ctx, stateDir, http.MethodGet, usageURL(endpoint, role, session), &d)
	return d, err
}

func usageURL(endpoint, role, session string) string {
	p := credentials.Principal{RoleARN: role, SessionName: session}
	return endpoint + usagePath + "?session=" + url.QueryEscape(p.ARN())
}

func callUsage(ctx context.Context, stateDir, method, address string, out any) error {
	owner, err := credentials.Read(stateDir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return fmt.Errorf("usage of a role: %w", err)
	}
	if err := credentials.Sign(req, owner, credentials.InternalService, "us-east-1", nil); err != nil {
		return err
	}
	resp, err := direct.Do(req)
	if err != nil {
		return fmt.Errorf("usage of a role: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("usage of a role: HTTP status %d", resp.StatusCode)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("usage of a role: %w", err)
	}
	return nil
}
