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

// Unchanged returns what an update would return that has nothing to do; false if it may have something. A preview
// without changes is not enough: of resources that stay the same an update also records options and dependencies,
// which no preview shows. So the last update must have been by the same programs, from the same settings, and have
// left the state that there is now. Only a stack that is managed here has all of them on this machine.
func (d *Deployment) Unchanged(ctx context.Context, preview Result) (Result, bool) {
	if preview.Changed() || !d.place.managed || d.opts.AssumeRole != "" {
		return Result{}, false
	}
	end, err := d.opts.begin(ctx, d.place)
	if err != nil {
		return Result{}, false // As the update will say.
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

// updatedFile has the fingerprint of the last update.
func (d *Deployment) updatedFile() string { return filepath.Join(d.place.dir, "updated") }

// markUpdated is for the end of an update, while the stack is still locked. Without the
// mark the next update is a whole one.
func (d *Deployment) markUpdated() {
	if !d.place.managed {
		return
	}
	if fingerprint, err := d.fingerprint(); err == nil {
		_ = replace(d.updatedFile(), []byte(fingerprint))
	}
}

// fingerprint is a hash of what an update depends on, besides the program's inputs, which a preview compares.
func (d *Deployment) fingerprint() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the executable: %w", err)
	}
	plugins, _ := filepath.Glob(filepath.Join(d.opts.PluginDir, "pulumi-resource-*")) // The pattern is well formed.
	for _, plugin := range plugins {                                                  // The engine prefers one on PATH.
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
		return fmt.Errorf("what the update depends on: %w", err)
	}
	_, err = fmt.Fprintf(hash, "%d %s\n", len(content), content)
	return err
}
