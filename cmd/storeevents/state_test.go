package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/credentials"
)

func TestStateFolderMustBeOurs(t *testing.T) {
	dir := projectWith(t)
	for name, entries := range map[string][]string{
		"the project":   {"Pulumi.yaml", "main.go"},
		"a home folder": {".profile", "Pulumi.dev.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			state := t.TempDir()
			for _, entry := range entries {
				require.NoError(t, os.WriteFile(filepath.Join(state, entry), nil, 0o600))
			}
			for _, args := range [][]string{{"down"}, {"down", "--force"}, {"local", "start"}, {"local", "serve"}} {
				status, _, stderr := invoke(t, "", append(args, "--project", dir, "--state", state)...)
				require.Equal(t, 1, status, args)
				require.Contains(t, stderr, state, args)
			}
			for _, entry := range entries {
				require.FileExists(t, filepath.Join(state, entry))
			}
		})
	}
}

func TestStateFolderIsClaimedBeforeTheFirstStart(t *testing.T) {
	a := &app{state: filepath.Join(t.TempDir(), "new")}
	require.False(t, a.isState())
	require.NoError(t, a.claimState())
	require.NoError(t, a.claimState())
	require.FileExists(t, filepath.Join(a.state, stateMark))

	a.state = t.TempDir()
	for _, entry := range []string{"Pulumi.dev.yaml", "paused-dev", "daemon.lock"} {
		require.NoError(t, os.WriteFile(filepath.Join(a.state, entry), nil, 0o600))
	}
	require.NoError(t, a.claimState())
	require.True(t, a.isState())
}

// The local AWS has stopped and removed its record.
func TestStateFolderOfAnEarlierVersionIsAccepted(t *testing.T) {
	a := &app{state: t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(a.state, "database"), 0o700))
	require.ErrorContains(t, a.claimState(), "such as database")
	_, err := credentials.Open(a.state)
	require.NoError(t, err)
	require.NoError(t, a.claimState())
	status, stderr := forceDown(t, a.state)
	require.Zero(t, status, stderr)
	require.NoDirExists(t, a.state)
}

func TestStateIsAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	status, _, stderr := invoke(t, "", "status", "--project", projectWith(t), "--state", file)
	require.Equal(t, 1, status)
	require.Equal(t, "storeevents: --state "+file+": must be a folder\n", stderr)
}

// A full disk can leave an empty state.
func TestForceRemovesAStackWhoseStateCannotBeRead(t *testing.T) {
	state := t.TempDir()
	folder := filepath.Join(state, "deploy", "backend", ".pulumi", "stacks", "store-events")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	for _, file := range []string{filepath.Join(state, stateMark), filepath.Join(folder, "local.json")} {
		require.NoError(t, os.WriteFile(file, nil, 0o600))
	}
	status, stderr := forceDown(t, state)
	require.Zero(t, status, stderr)
	require.NoDirExists(t, state)
}

// forceDown runs `down --force` on a state folder.
func forceDown(t *testing.T, state string) (status int, stderr string) {
	t.Helper()
	status, _, stderr = invoke(t, "", "down", "--force", "--project", projectWith(t), "--state", state)
	return status, stderr
}

func TestForceDoesNotStopASharedAWS(t *testing.T) {
	state := t.TempDir()
	folder := filepath.Join(state, "deploy", "backend", ".pulumi", "stacks", "store-events")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(state, stateMark), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "second.json"), []byte(`{"checkpoint":{"latest":{"resources":[{}]}}}`), 0o600))
	status, stderr := forceDown(t, state)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "which these stacks use too: second")
	require.DirExists(t, state)

	require.NoError(t, os.Remove(filepath.Join(folder, "second.json")))
	status, stderr = forceDown(t, state)
	require.Zero(t, status, stderr)
	require.NoDirExists(t, state)
}
