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
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// savedStates returns the newest state file, and the newest copy of an earlier state, of
// each stack that is managed in a state folder. The user's environment can make the engine
// compress them (PULUMI_DIY_BACKEND_GZIP, _ZSTD), omit the folder per project
// (_LEGACY_LAYOUT), or keep old states (_RETAIN_CHECKPOINTS), whose names end with digits.
// There are also files with attributes, and temporary files.
func savedStates(stateDir string) (files, copies map[string]string, err error) {
	files, copies = map[string]string{}, map[string]string{}
	modified := map[string]time.Time{}
	keep := func(into map[string]string, name, file string, entry fs.DirEntry) {
		if info, err := entry.Info(); err == nil { // It may have been deleted.
			modified[file] = info.ModTime()
		}
		if !modified[file].Before(modified[into[name]]) {
			into[name] = file
		}
	}
	walk := func(file string, entry fs.DirEntry, err error) error {
		name, _, isState := strings.Cut(filepath.Base(file), ".json")
		if err != nil || !isState || entry.IsDir() {
			return err
		}
		switch kind := filepath.Ext(file); {
		case kind == ".bak":
			keep(copies, name, file, entry)
		case kind != ".attrs" && kind != ".tmp" && strings.Trim(kind, ".0123456789") != "":
			keep(files, name, file, entry)
		}
		return nil
	}
	err = filepath.WalkDir(filepath.Join(backend(stateDir), ".pulumi", "stacks"), walk)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("states of stacks: %w", err)
	}
	return files, copies, nil
}

// readSavedState reads the state of a stack in the engine's file backend. Secrets are encrypted.
func readSavedState(stateDir, stack string) (stackState, error) {
	files, _, err := savedStates(stateDir)
	if err != nil {
		return stackState{}, err
	}
	file, found := files[stack]
	if !found {
		return stackState{}, fmt.Errorf("state of stack %s in %s: %w", stack, stateDir, fs.ErrNotExist)
	}
	return readSavedFile(file)
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

// savedOutputs returns the outputs of a locally managed stack without starting the CLI,
// which takes half a second. It returns nil if the CLI is necessary.
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

// LocalStacks returns the stacks with resources in a state folder. Other commands may be
// running: to compress a state, the engine deletes it and then writes the new file. So a
// copy counts as the state if there is none, and a state that was deleted after it was
// listed counts as one with resources. So does one that cannot be read, such as an empty file
// after a full disk: `down --force` must be able to remove it.
func LocalStacks(stateDir string) ([]string, error) {
	files, states, err := savedStates(stateDir)
	if err != nil {
		return nil, err
	}
	maps.Copy(states, files)
	var stacks []string
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if state, err := readSavedFile(states[name]); err != nil || len(state.Resources) > 0 {
			stacks = append(stacks, name)
		}
	}
	return stacks, nil
}
