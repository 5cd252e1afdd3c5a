package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"store-events/config"
	"store-events/deploy"
)

func TestPausedProblem(t *testing.T) {
	for name, tc := range map[string]struct {
		set, deployed, paused bool
		err                   string
	}{
		"never paused":      {false, true, false, ""},
		"first update":      {false, false, false, ""},
		"paused":            {true, true, true, ""},
		"pause by hand":     {true, true, false, ""},
		"paused at first":   {true, false, false, "must have run before it is paused. Remove the setting (`storeevents down --stack dev` removes it, on this machine too)"},
		"setting removed":   {false, true, true, "`storeevents resume --stack dev` also starts its database; if `storeevents down --stack dev` was interrupted"},
		"destroyed, paused": {true, false, true, "must have run before"},
	} {
		err := pausedProblem(tc.set, tc.deployed, tc.paused, "dev")
		if tc.err == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, tc.err, name)
	}
}

// A stack on AWS is paused in its settings file, which is shared; a local one in its state folder.
func TestWherePauseIsStored(t *testing.T) {
	t.Setenv("STORE_EVENTS_CONFIG", "")
	dir := projectWith(t)
	open := func(stack string) *app {
		a := newApp(os.Stdout, os.Stderr)
		a.project, a.state, a.stack, a.output, a.quiet = dir, filepath.Join(dir, "state"), stack, "text", true
		require.NoError(t, a.prepare())
		return a
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "state"), 0o700))
	for _, stack := range []string{"local", "dev"} {
		for _, paused := range []bool{true, true, false, false} {
			require.NoError(t, open(stack).setPaused(paused))
			cfg, err := open(stack).checkConfig()
			require.NoError(t, err)
			require.Equal(t, paused, cfg.Common.Paused, stack)
			other, err := open("local").checkConfig()
			require.NoError(t, err)
			require.Equal(t, paused && stack == "local", other.Common.Paused)
		}
	}
	s, err := deploy.ReadSettings(dir, "local")
	require.NoError(t, err)
	require.NotContains(t, s.Config, pausedKey, "the project's settings of the local stack are not changed")
}

func TestStackWithAnExistingDatabaseIsNotPaused(t *testing.T) {
	dir := projectWith(t)
	file := deploy.SettingsFile(dir, "dev")
	before := "config:\n  aws:region: eu-west-1\n  store-events:databaseHost: db.example.internal\n  store-events:databaseGroupId: sg-0123456789abcdef0\n" +
		"  store-events:databaseSecretArn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:admin-AbCdEf\n"
	require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
	status, _, stderr := invoke(t, "", "pause", "--stack", "dev", "--project", dir, "--state", filepath.Join(dir, "state"))
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "the database of stack dev is db.example.internal, which does not belong to the stack")
	after, err := os.ReadFile(file) //nolint:gosec // The test's own file.
	require.NoError(t, err)
	require.Equal(t, before, string(after))
}

// A paused stack that is partly destroyed is not updated as a paused one: its database may be
// gone. The destroy fails because a file is in the place of the folder of locks.
func TestFailedDestroyRemovesThePauseMark(t *testing.T) {
	t.Setenv("STORE_EVENTS_CONFIG", "")
	onAWS := t.TempDir()
	t.Setenv("PULUMI_BACKEND_URL", "file://"+onAWS)
	dir, state := t.TempDir(), t.TempDir()
	copyProject(t, dir)
	for stack, backend := range map[string]string{deploy.LocalStack: filepath.Join(state, "deploy", "backend"), "dev": onAWS} {
		t.Setenv("PULUMI_CONFIG_PASSPHRASE", "test") // Local stacks do not use this one.
		var stderr strings.Builder
		a := newApp(io.Discard, &stderr)
		a.project, a.state, a.stack, a.output = dir, state, stack, "text"
		require.NoError(t, a.prepare())
		_, err := credentials.Open(a.state)
		require.NoError(t, err)
		require.NoError(t, a.setPaused(true))
		_, err = a.open(t.Context())
		require.NoError(t, err)
		locks := filepath.Join(backend, ".pulumi", "locks", "organization", config.Namespace, stack)
		require.NoError(t, os.RemoveAll(locks))
		require.NoError(t, os.MkdirAll(filepath.Dir(locks), 0o700))
		require.NoError(t, os.WriteFile(locks, nil, 0o600))
		stderr.Reset()
		_, err = a.destroy(t.Context(), false)
		require.ErrorContains(t, err, "not a directory")
		cfg, err := a.checkConfig()
		require.NoError(t, err)
		require.False(t, cfg.Common.Paused, stack)
		require.Equal(t, stack == "dev", strings.Contains(stderr.String(), pausedKey+" of Pulumi.dev.yaml: commit the file"), stderr.String())
	}
}

// preview and up report the same errors.
func TestPreviewAndUpRefuseTheSamePausedStack(t *testing.T) {
	dir := t.TempDir()
	copyProject(t, dir)
	t.Setenv("PULUMI_BACKEND_URL", "file://"+t.TempDir())
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "test")
	t.Setenv("STORE_EVENTS_CONFIG", "")
	_, err := deploy.SetConfig(dir, "dev", pausedKey, "true")
	require.NoError(t, err)
	for _, command := range []string{"preview", "up"} {
		status, _, stderr := invoke(t, "", command, "--stack", "dev", "--project", dir, "--state", t.TempDir())
		require.Equal(t, 1, status, command)
		require.Contains(t, stderr, "a stack must have run before it is paused", command)
	}
}
