package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Unchanged returns the result of an update if it would be a no-op, and false if it may not be. A preview without
// changes is not enough, because an update also records options and dependencies of unchanged resources, which a
// preview does not show. So the programs, the settings and the state must also be the same as after the last update.
// Only for a locally managed stack are all of them on this machine.
func (d *Deployment) Unchanged(ctx context.Context, preview Result) (Result, bool) {
	if preview.Changed() || !d.place.managed || d.opts.AssumeRole != "" {
		return Result{}, false
	}
	end, err := d.opts.begin(ctx, d.place)
	if err != nil {
		return Result{}, false // The update reports the error.
	}
	defer end()
	last, err := os.ReadFile(d.updatedFile())
	if err != nil {
		return Result{}, false
	}
	if now, err := d.fingerprint(); err != nil || now != string(last) {
		return Result{}, false
	}
	outputs, err := d.outputs(ctx)
	return Result{
		Stack: preview.Stack, Operation: "up", Seconds: preview.Seconds, Changes: preview.Changes, Steps: preview.Steps,
		Violations: preview.Violations, Notes: preview.Notes, Outputs: outputs,
	}, err == nil
}

// updatedFile returns the file with the fingerprint of the last update.
func (d *Deployment) updatedFile() string { return filepath.Join(d.place.dir, "updated") }

// markUpdated stores the fingerprint at the end of an update, while the stack is still
// locked. Without it, the next update is a full one.
func (d *Deployment) markUpdated() {
	if !d.place.managed {
		return
	}
	if fingerprint, err := d.fingerprint(); err == nil {
		_ = replace(d.updatedFile(), []byte(fingerprint))
	}
}

// fingerprint returns a hash of an update's dependencies, except for inputs of resources, which a preview compares.
func (d *Deployment) fingerprint() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the executable: %w", err)
	}
	plugins, _ := filepath.Glob(filepath.Join(d.opts.PluginDir, "pulumi-resource-*")) // The pattern is well formed.
	for _, plugin := range plugins {                                                  // The engine prefers plugins on PATH.
		if path, err := exec.LookPath(filepath.Base(plugin)); err == nil {
			plugins = append(plugins, path)
		}
	}
	states, _, err := savedStates(d.opts.StateDir)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, program := range append(append([]string{self, d.opts.Pulumi}, d.opts.PolicyPacks...), plugins...) {
		info, err := os.Stat(program)
		if err != nil {
			return "", fmt.Errorf("a program of the update: %w", err)
		}
		_, _ = fmt.Fprintln(hash, program, info.Size(), info.ModTime().UnixNano())
	}
	for _, name := range []string{filepath.Join(d.place.dir, "Pulumi.yaml"), SettingsFile(d.place.dir, d.opts.Stack), states[d.opts.Stack]} {
		if err := hashFile(hash, name); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func hashFile(hash io.Writer, name string) error {
	content, err := os.ReadFile(name) //nolint:gosec // In the state folder.
	if err != nil {
		return fmt.Errorf("hash the dependencies of the update: %w", err)
	}
	_, err = fmt.Fprintf(hash, "%d %s\n", len(content), content)
	return err
}
