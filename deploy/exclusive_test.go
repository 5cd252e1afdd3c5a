package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/tests/testtools"
)

func localOptions(t *testing.T, program pulumi.RunFunc) Options {
	return Options{ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: testtools.Pulumi(t), Environ: os.Environ(), Program: program}
}

// engineLock writes the lock that a killed engine with the process ID leaves.
func engineLock(t *testing.T, o Options, pid int) string {
	t.Helper()
	file := filepath.Join(backend(o.StateDir), ".pulumi", "locks", "organization", config.Namespace, o.Stack, "a.json")
	write(t, file, fmt.Sprintf(`{"pid":%d,"username":"u","hostname":"h","timestamp":"2026-01-01T00:00:00Z"}`, pid))
	return file
}

func TestStateFolderWithAPercentSign(t *testing.T) {
	o := localOptions(t, func(*pulumi.Context) error { return nil })
	o.StateDir = filepath.Join(o.StateDir, "100%41")
	updated(t, o)
}

func TestLockOfAKilledEngineIsRemoved(t *testing.T) {
	o := localOptions(t, func(*pulumi.Context) error { return nil })
	d := updated(t, o)
	lock := engineLock(t, o, os.Getpid()) // Another program has the ID now.
	_, err := d.Up(t.Context())
	require.NoError(t, err)
	require.NoFileExists(t, lock)

	pulumi := filepath.Join(t.TempDir(), "pulumi")
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	code, err := os.ReadFile(sleep) //nolint:gosec // A system program.
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(pulumi, code, 0o700)) //nolint:gosec // An executable.
	ctx, kill := context.WithCancel(t.Context())
	engine := exec.CommandContext(ctx, pulumi, "600") //nolint:gosec // The file above.
	require.NoError(t, engine.Start())
	defer func() { _ = engine.Wait() }()
	defer kill()
	lock = engineLock(t, o, engine.Process.Pid)
	_, err = d.Up(t.Context())
	require.ErrorContains(t, err, fmt.Sprintf("stack local: the engine of a command that was killed is still running (pulumi, process %d)", engine.Process.Pid))
	require.FileExists(t, lock)
	require.True(t, engineRuns(t.Context(), engine.Process.Pid))
	t.Run("without ps", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		require.True(t, engineRuns(t.Context(), engine.Process.Pid))
		require.False(t, engineRuns(t.Context(), 0), "a truncated lock has no process ID")
	})
	kill()
	_ = engine.Wait()
	_, err = d.Destroy(t.Context())
	require.NoError(t, err)
}

func TestLocalStackIsLocked(t *testing.T) {
	begun, proceed := make(chan struct{}), make(chan struct{})
	first := true
	o := localOptions(t, func(*pulumi.Context) error {
		if first {
			first = false
			close(begun)
			<-proceed
		}
		return nil
	})
	d, err := Open(t.Context(), o)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := d.Up(t.Context())
		ended <- err
	}()
	select {
	case <-begun:
	case <-time.After(time.Minute):
		t.Fatal("the program is not run")
	}
	other := o
	other.Config = map[string]string{"store-events:jobWorkers": "9"}
	_, err = Open(t.Context(), other)
	require.ErrorContains(t, err, "stack local: another command is changing this stack: wait until it ends")
	found, err := Find(other)
	require.NoError(t, err)
	_, err = found.State(t.Context())
	require.NoError(t, err, "reading does not wait")
	settings, err := readSettings(SettingsFile(d.place.dir, "local"))
	require.NoError(t, err)
	require.NotContains(t, settings.Config, "store-events:jobWorkers", "the settings of the running command are kept")
	close(proceed)
	require.NoError(t, <-ended)
	_, err = Open(t.Context(), other)
	require.NoError(t, err)
}

func TestReadOnlyCommandsWriteNothing(t *testing.T) {
	o := localOptions(t, func(*pulumi.Context) error { return nil })
	found, err := Find(o)
	require.NoError(t, err)
	_, err = found.State(t.Context())
	require.ErrorIs(t, err, ErrNotDeployed)
	entries, err := os.ReadDir(o.StateDir)
	require.NoError(t, err)
	require.Empty(t, entries)

	o.Config = map[string]string{"store-events:jobWorkers": "9"}
	d, err := Open(t.Context(), o)
	require.NoError(t, err)
	before, err := os.ReadFile(SettingsFile(d.place.dir, "local"))
	require.NoError(t, err)
	o.Config = nil
	found, err = Find(o)
	require.NoError(t, err)
	_, err = found.Outputs(t.Context())
	require.ErrorIs(t, err, ErrNotDeployed)
	after, err := os.ReadFile(SettingsFile(d.place.dir, "local"))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

// Another deployment of the stack has been opened since.
func TestUpdateDeploysTheSettingsItWasOpenedWith(t *testing.T) {
	var workers []string
	o := localOptions(t, func(ctx *pulumi.Context) error {
		value, _ := ctx.GetConfig("store-events:jobWorkers")
		workers = append(workers, value)
		return nil
	})
	o.Config = map[string]string{"store-events:jobWorkers": "3"}
	mine, err := Open(t.Context(), o)
	require.NoError(t, err)
	o.Config = map[string]string{"store-events:jobWorkers": "9"}
	_, err = Open(t.Context(), o)
	require.NoError(t, err)
	_, err = mine.Up(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"3"}, workers)
}

func TestEmptyPassphraseIsRefused(t *testing.T) {
	o := localOptions(t, func(*pulumi.Context) error { return nil })
	updated(t, o)
	require.NoError(t, os.Truncate(o.passphraseFile(), 0))
	_, err := Open(t.Context(), o)
	require.ErrorContains(t, err, o.passphraseFile()+" is empty")

	// A new passphrase could not decrypt the states.
	require.NoError(t, os.Remove(o.passphraseFile()))
	_, err = Open(t.Context(), o)
	require.ErrorContains(t, err, o.passphraseFile()+" is empty or missing")
	require.NoFileExists(t, o.passphraseFile())
}

func TestIncompleteRotationIsExplained(t *testing.T) {
	refused := []string{"InvalidRequestException: A previous rotation isn't complete. That rotation will be reattempted."}
	require.ErrorContains(t, failure(Result{Stack: "dev", Operation: "up", Errors: refused}, errors.New("exit status 255")), "retries the rotation; the log /aws/lambda/store-events-dev-rotation shows why it failed")
}

func TestLockOnAWSIsExplained(t *testing.T) {
	for _, text := range []string{
		"error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
		"error: [409] Conflict: Another update is currently in progress.",
	} {
		require.ErrorContains(t, failure(Result{Stack: "dev", Operation: "up"}, errors.New(text)), "`pulumi cancel --stack dev`")
	}
}
