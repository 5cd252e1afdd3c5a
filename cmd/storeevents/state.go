package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"localaws/credentials"
)

// stateMark is a file in each folder of local state. `down` only removes folders with it.
const stateMark = "storeevents-state"

const stateMarkText = "The state of local stacks: `storeevents down` removes this folder.\n"

// ownFiles are patterns of files that commands may write to the folder before they claim
// it, and of the files of a local AWS.
var ownFiles = []string{stateMark, "daemon.*", "start.lock", "deploy", "paused-*", "Pulumi.*.yaml"}

// claimState creates and marks the folder of local state. It refuses a folder with other
// files, because `down` removes the folder with all its contents.
func (a *app) claimState() error {
	if a.isState() {
		return nil
	}
	entries, err := os.ReadDir(a.state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("state folder: %w", err)
	}
	for _, entry := range entries {
		if !slices.ContainsFunc(ownFiles, func(pattern string) bool { return matches(pattern, entry.Name()) }) {
			return fmt.Errorf("--state %s has files that do not belong to a local stack, such as %s: `storeevents down` would remove them; use a new or an empty folder",
				a.state, entry.Name())
		}
	}
	if err := os.MkdirAll(a.state, 0o700); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(a.state, stateMark), []byte(stateMarkText), 0o600); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	return nil
}

// isState reports whether the folder contains local state: the mark, or the access key of
// a local AWS of an earlier version.
func (a *app) isState() bool {
	if _, err := os.Stat(filepath.Join(a.state, stateMark)); err == nil {
		return true
	}
	_, err := credentials.Read(a.state)
	return !errors.Is(err, fs.ErrNotExist)
}

func matches(pattern, name string) bool {
	ok, err := filepath.Match(pattern, name)
	return err == nil && ok
}

// refuseOthers returns an error if other stacks use the local AWS too.
func (a *app) refuseOthers(others []string) error {
	if len(others) == 0 {
		return nil
	}
	return fmt.Errorf("--force removes the local AWS, which these stacks use too: %s; "+
		"destroy them first with `storeevents down --stack …`, or run `storeevents local stop --stack %s` and remove the folder of the state", strings.Join(others, ", "), a.stack)
}
