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

// pausedFile returns the path of the file that marks a local stack as paused. It is next
// to the state, because the settings are shared with other people.
func (a *app) pausedFile() string { return filepath.Join(a.state, "paused-"+a.stack) }

// setPaused records, for later updates, whether the stack is paused: in its settings, or
// in the state folder for a local stack.
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

// overridden returns the settings that replace those in the stack's file: the user's,
// and the pause of a local stack.
func (a *app) overridden() map[string]string {
	settings := map[string]string{}
	maps.Copy(settings, a.config)
	if _, err := os.Stat(a.pausedFile()); err == nil {
		settings[pausedKey] = "true"
	}
	return settings
}

// pausedProblem refuses an update that would fail because the setting does not match the state.
func pausedProblem(set, deployed, paused bool, stack string) error {
	switch {
	case set && !deployed: // The function that creates the database's users needs the network.
		return fmt.Errorf("%s is set, and stack %s is not deployed: a stack must have run before it is paused. "+
			"Remove the setting (`storeevents down --stack %[2]s` removes it, on this machine too), then run `storeevents up --stack %[2]s` again", pausedKey, stack)
	case paused && !set: // The update would create clients of a stopped or deleted database.
		return fmt.Errorf("the stack is paused, although %s is no longer set: `storeevents resume --stack %s` also starts its database; "+
			"if `storeevents down --stack %[2]s` was interrupted, run that again", pausedKey, stack)
	}
	return nil
}
