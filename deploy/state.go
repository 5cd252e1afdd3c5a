package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNotDeployed says that the stack has no resources.
var ErrNotDeployed = errors.New("is not deployed")

// State is what the engine knows of the stack's resources, as JSON, with the secrets in clear: it must not be kept.
func (d *Deployment) State(ctx context.Context) (json.RawMessage, error) {
	state, err := d.stack.Export(ctx)
	if err != nil {
		return nil, fmt.Errorf("export stack %s: %w", d.stack.Name(), err)
	}
	var has struct{ Resources []json.RawMessage }
	if err := json.Unmarshal(state.Deployment, &has); err != nil {
		return nil, fmt.Errorf("export stack %s: %w", d.stack.Name(), err)
	}
	if len(has.Resources) == 0 {
		return nil, fmt.Errorf("stack %s %w", d.stack.Name(), ErrNotDeployed)
	}
	return state.Deployment, nil
}

// PackConfig is the stack's configuration as the engine hands it to policies: by full key, what is not a text as JSON.
func (s Settings) PackConfig() (map[string]string, error) {
	texts := map[string]string{}
	for key, v := range s.Config {
		if text, plain := v.(string); plain {
			texts[key] = text
			continue
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("configuration %s: %w", key, err)
		}
		texts[key] = string(encoded)
	}
	return texts, nil
}
