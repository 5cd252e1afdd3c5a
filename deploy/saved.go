package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// savedStates returns the files of the states of the stacks that are managed in a state
// folder, by stack. By the user's environment the engine compresses them
// (PULUMI_DIY_BACKEND_GZIP, _ZSTD), or has no folder for each project (_LEGACY_LAYOUT).
// Beside each file it keeps a copy and attributes.
func savedStates(stateDir string) (map[string]string, error) {
	files := map[string]string{}
	walk := func(file string, entry fs.DirEntry, err error) error {
		name, _, isState := strings.Cut(filepath.Base(file), ".json")
		if err == nil && isState && !entry.IsDir() && !slices.Contains([]string{".bak", ".attrs"}, filepath.Ext(file)) {
			files[name] = file
		}
		return err
	}
	err := filepath.WalkDir(filepath.Join(backend(stateDir), ".pulumi", "stacks"), walk)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("states of stacks: %w", err)
	}
	return files, nil
}

// readSavedState reads what the engine's file backend keeps of a stack. Secrets are encrypted.
func readSavedState(stateDir, stack string) (stackState, error) {
	files, err := savedStates(stateDir)
	if err != nil {
		return stackState{}, err
	}
	return readSavedFile(files[stack])
}

func readSavedFile(file string) (stackState, error) {
	var saved struct{ Checkpoint struct{ Latest stackState } }
	raw, err := os.ReadFile(file) //nolint:gosec // in the state folder
	if err != nil {
		return stackState{}, fmt.Errorf("state of a stack: %w", err)
	}
	if err := encoding.Compress(encoding.JSON, encoding.DetectCompression(raw)).Unmarshal(raw, &saved); err != nil {
		return stackState{}, fmt.Errorf("state of a stack in %s: %w", file, err)
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
	files, err := savedStates(stateDir)
	if err != nil {
		return nil, err
	}
	var stacks []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		state, err := readSavedFile(files[name])
		if err != nil {
			return nil, err
		}
		if len(state.Resources) > 0 {
			stacks = append(stacks, name)
		}
	}
	return stacks, nil
}
