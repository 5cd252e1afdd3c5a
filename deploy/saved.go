package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// savedStates is the folder of the states of the stacks that are managed in a state folder.
func savedStates(stateDir string) string {
	return filepath.Join(backend(stateDir), ".pulumi", "stacks", ProjectName)
}

// readSavedState reads what the engine's file backend keeps of a stack. Secrets are encrypted.
func readSavedState(stateDir, stack string) (stackState, error) {
	var saved struct{ Checkpoint struct{ Latest stackState } }
	raw, err := os.ReadFile(filepath.Join(savedStates(stateDir), stack+".json")) //nolint:gosec // in the state folder
	if err != nil {
		return stackState{}, fmt.Errorf("state of stack %s: %w", stack, err)
	}
	if err := json.Unmarshal(raw, &saved); err != nil {
		return stackState{}, fmt.Errorf("state of stack %s: %w", stack, err)
	}
	return saved.Checkpoint.Latest, nil
}

// savedOutputs returns the outputs of a stack that is managed here, which takes the
// engine's CLI half a second. They are nil where the CLI must be asked.
func (d *Deployed) savedOutputs() map[string]any {
	if !d.place.managed {
		return nil
	}
	state, err := readSavedState(d.opts.StateDir, d.opts.Stack)
	if err != nil {
		return nil
	}
	for _, r := range state.Resources {
		if r.Type == string(resource.RootStackType) && !hasSecret(r.Outputs) {
			return r.Outputs
		}
	}
	return nil
}

func hasSecret(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		if v[resource.SigKey] != nil {
			return true
		}
		for _, each := range v {
			if hasSecret(each) {
				return true
			}
		}
	case []any:
		for _, each := range v {
			if hasSecret(each) {
				return true
			}
		}
	}
	return false
}

// LocalStacks returns the stacks with resources among those whose state is in a state
// folder.
func LocalStacks(stateDir string) ([]string, error) {
	files, err := os.ReadDir(savedStates(stateDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("states of stacks: %w", err)
	}
	var stacks []string
	for _, file := range files {
		name, isState := strings.CutSuffix(file.Name(), ".json")
		if !isState {
			continue
		}
		state, err := readSavedState(stateDir, name)
		if err != nil {
			return nil, err
		}
		if len(state.Resources) > 0 {
			stacks = append(stacks, name)
		}
	}
	return stacks, nil
}
