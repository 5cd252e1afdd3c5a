package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"store-events/config"
	"store-events/deploy"
)

// pausedKey is the setting of a paused stack.
const pausedKey = config.Namespace + ":paused"

// pausedFile marks a stack on this machine as paused. Its settings are the project's,
// which other people have too, so the mark is beside the state that it is about.
func (a *app) pausedFile() string { return filepath.Join(a.state, "paused-"+a.stack) }

// setPaused keeps for later updates that the stack is paused, or that it is not: in
// its settings, or for a stack on this machine in the state folder.
func (a *app) setPaused(paused bool) error {
	endpoint, err := a.endpoint()
	if err != nil {
		return err
	}
	if endpoint == "" {
		return a.setPausedOnAWS(paused)
	}
	if paused {
		if err := os.WriteFile(a.pausedFile(), nil, 0o600); err != nil {
			return fmt.Errorf("mark the stack as paused: %w", err)
		}
		return nil
	}
	if err := os.Remove(a.pausedFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("mark the stack as running: %w", err)
	}
	return nil
}

func (a *app) setPausedOnAWS(paused bool) error {
	text := ""
	if paused {
		text = "true"
	}
	changed, err := deploy.SetConfig(a.project, a.stack, pausedKey, text)
	if changed {
		a.progress("  changed %s of %s: commit the file, so that no other update undoes it", pausedKey, filepath.Base(deploy.SettingsFile(a.project, a.stack)))
	}
	return err
}

// overridden returns the settings that replace those of the stack's file: the user's,
// and that a stack on this machine is paused.
func (a *app) overridden() map[string]string {
	settings := map[string]string{}
	maps.Copy(settings, a.config)
	if _, err := os.Stat(a.pausedFile()); err == nil {
		settings[pausedKey] = "true"
	}
	return settings
}

// pausedProblem refuses an update that the stack's state and its setting make fail.
func pausedProblem(set, deployed, paused bool, stack string) error {
	switch {
	case set && !deployed: // The function that makes the database's users needs the network.
		return fmt.Errorf("%s is set, and stack %s is not deployed: a stack must have run before it is paused. "+
			"Remove the setting (`storeevents down --stack %[2]s` removes it, on this machine too), then run `storeevents up --stack %[2]s` again", pausedKey, stack)
	case paused && !set: // What the update brings back would find the database stopped, or gone.
		return fmt.Errorf("the stack is paused, although %s is no longer set: `storeevents resume --stack %s` also starts its database; "+
			"if `storeevents down --stack %[2]s` was cut short, run that again", pausedKey, stack)
	}
	return nil
}
