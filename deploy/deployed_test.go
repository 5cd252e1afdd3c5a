package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/tests/testtools"
)

// updated opens a stack and updates it.
func updated(t *testing.T, o Options) *Deployment {
	t.Helper()
	d, err := Open(t.Context(), o)
	require.NoError(t, err)
	_, err = d.Up(t.Context())
	require.NoError(t, err)
	return d
}

func TestReadingDoesNotCreateAStack(t *testing.T) {
	o := Options{
		ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: testtools.Pulumi(t), Environ: os.Environ(),
		Program: func(ctx *pulumi.Context) error {
			ctx.Export("Region", pulumi.String("here"))
			ctx.Export("Password", pulumi.ToSecret("secret"))
			return nil
		},
	}
	d, err := Find(o)
	require.NoError(t, err)
	notDeployed := func() {
		t.Helper()
		_, err = d.Outputs(t.Context())
		require.ErrorIs(t, err, ErrNotDeployed)
		require.EqualError(t, err, "stack local is not deployed")
		_, err = d.State(t.Context())
		require.ErrorIs(t, err, ErrNotDeployed)
	}
	notDeployed()
	stacks, err := filepath.Glob(filepath.Join(o.StateDir, "deploy", "backend", ".pulumi", "stacks", "*", "*"))
	require.NoError(t, err)
	require.Empty(t, stacks, "reading does not create a stack")

	opened, err := Open(t.Context(), o)
	require.NoError(t, err)
	notDeployed()
	r, err := opened.Up(t.Context())
	require.NoError(t, err)
	want := map[string]any{"Region": "here", "Password": "secret"}
	require.Equal(t, want, r.Outputs)
	outputs, err := d.Outputs(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, outputs)
	state, err := d.State(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(state), `"pulumi:pulumi:Stack"`)
}

// All outputs but secrets are in the file, so that only secrets need the engine. This engine
// does not run, which shows that it is not called.
func TestOutputsOfAManagedStackAreReadFromItsFile(t *testing.T) {
	secret := false
	o := Options{
		ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: testtools.Pulumi(t), Environ: os.Environ(),
		Program: func(ctx *pulumi.Context) error {
			ctx.Export("Alarms", pulumi.StringMap{"lag": pulumi.String("late"), "streams": pulumi.String("none")})
			if secret {
				ctx.Export("Users", pulumi.Array{pulumi.Map{"password": pulumi.ToSecret("secret")}})
			}
			return nil
		},
	}
	outputs := func(pulumi string) (map[string]any, error) {
		o := o
		o.Pulumi = pulumi
		d, err := Find(o)
		require.NoError(t, err)
		return d.Outputs(t.Context())
	}
	updated(t, o)
	alarms := map[string]any{"lag": "late", "streams": "none"}
	fromFile, err := outputs("/nowhere/pulumi")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"Alarms": alarms}, fromFile)
	secret = true
	updated(t, o)
	_, err = outputs("/nowhere/pulumi")
	require.ErrorContains(t, err, "find the pulumi CLI")
	asked, err := outputs(o.Pulumi)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"Alarms": alarms, "Users": []any{map[string]any{"password": "secret"}}}, asked)
}

// A deployment without an engine shows that the engine is not called.
func TestDataOfAManagedStackIsReadFromItsFile(t *testing.T) {
	d := Deployment{opts: Options{StateDir: t.TempDir(), Stack: "local"}, place: place{managed: true}}
	for kind, want := range map[string]bool{dataStores[0]: true, "aws:sqs/queue:Queue": false} {
		write(t, filepath.Join(backend(d.opts.StateDir), ".pulumi", "stacks", config.Namespace, "local.json"),
			`{"version": 3, "checkpoint": {"latest": {"resources": [{"urn": "a", "type": "pulumi:pulumi:Stack"}, {"urn": "b", "type": "`+kind+`"}]}}}`)
		held, err := d.HoldsData(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, held, kind)
	}
}

// A stack on AWS can be deployed again with its settings in the project.
func TestDestroyKeepsTheSettings(t *testing.T) {
	t.Setenv("PULUMI_BACKEND_URL", "file://"+t.TempDir())
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "of a test")
	o := Options{
		ProjectDir: project(t), StateDir: t.TempDir(), Stack: "dev", Pulumi: testtools.Pulumi(t), Environ: os.Environ(),
		Program: func(*pulumi.Context) error { return nil },
	}
	settings := func() map[string]string {
		read, err := ReadSettings(o.ProjectDir, "dev")
		require.NoError(t, err)
		texts, err := read.PackConfig()
		require.NoError(t, err)
		return texts
	}
	before := settings()
	for range 2 {
		r, err := updated(t, o).Destroy(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, r.Changes["delete"])
		found, err := Find(o)
		require.NoError(t, err)
		_, err = found.Outputs(t.Context())
		require.ErrorIs(t, err, ErrNotDeployed)
		require.Equal(t, before, settings())
	}
}

func TestStacksOfAStateFolderAreThoseWithResources(t *testing.T) {
	o := Options{
		ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: testtools.Pulumi(t), Environ: os.Environ(),
		Program: func(*pulumi.Context) error { return nil },
	}
	found := func() []string {
		stacks, err := LocalStacks(o.StateDir)
		require.NoError(t, err)
		return stacks
	}
	require.Empty(t, found())
	local, err := Open(t.Context(), o)
	require.NoError(t, err)
	require.Empty(t, found(), "it has no resources yet")
	_, err = local.Up(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"local"}, found())
	o.Stack, o.Endpoint = "dev", "http://127.0.0.1:9"
	updated(t, o)
	require.Equal(t, []string{"dev", "local"}, found())
	_, err = local.Destroy(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"dev"}, found())
}

// The user's variables for backends also apply to the one in a state folder.
func TestStacksAreFoundInEveryFormat(t *testing.T) {
	t.Setenv("PULUMI_DIY_BACKEND_IGNORE_DEPRECATION_ERROR", "true")
	for variable, file := range map[string]string{
		"PULUMI_DIY_BACKEND_GZIP":          config.Namespace + "/local.json.gz",
		"PULUMI_SELF_MANAGED_STATE_GZIP":   config.Namespace + "/local.json.gz",
		"PULUMI_DIY_BACKEND_ZSTD":          config.Namespace + "/local.json.zst",
		"PULUMI_DIY_BACKEND_LEGACY_LAYOUT": "local.json",
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, "true")
			o := Options{
				ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: testtools.Pulumi(t), Environ: os.Environ(),
				Program: func(ctx *pulumi.Context) error {
					ctx.Export("Region", pulumi.String("here"))
					return nil
				},
			}
			updated(t, o)
			saved := filepath.Join(backend(o.StateDir), ".pulumi", "stacks", file)
			require.FileExists(t, saved)
			for _, other := range []string{".187ba0e82c09ee5c.tmp", ".bak.187ba0e82c09ee5c.tmp", ".bak", ".attrs", ".1764468000000000000"} {
				write(t, saved+other, "{") // Files of a killed engine, and older copies.
			}
			stacks, err := LocalStacks(o.StateDir)
			require.NoError(t, err)
			require.Equal(t, []string{"local"}, stacks)
			o.Pulumi = "/nowhere/pulumi"
			found, err := Find(o)
			require.NoError(t, err)
			outputs, err := found.Outputs(t.Context())
			require.NoError(t, err)
			require.Equal(t, map[string]any{"Region": "here"}, outputs)
		})
	}
}

// A state file that the engine is replacing by one with another compression, or has not written yet.
func TestStackWhoseStateIsBeingWrittenIsFound(t *testing.T) {
	dir := t.TempDir()
	saved := filepath.Join(backend(dir), ".pulumi", "stacks", config.Namespace)
	write(t, filepath.Join(saved, "copied.json.bak"), `{"checkpoint":{"latest":{"resources":[{"type":"a:b:C"}]}}}`)
	write(t, filepath.Join(saved, "goes.json"), "{}")
	write(t, filepath.Join(saved, "new.json.187ba0e82c09ee5c.tmp"), "{")
	// Opening the first state, which is a pipe, waits for the writer; the files are listed by then.
	first := filepath.Join(saved, "a.json")
	require.NoError(t, syscall.Mkfifo(first, 0o600))
	go func() {
		pipe, err := os.OpenFile(first, os.O_WRONLY, 0) //nolint:gosec // A path of this test.
		assert.NoError(t, err)
		assert.NoError(t, os.Remove(filepath.Join(saved, "goes.json")))
		_, err = pipe.WriteString("{}")
		assert.NoError(t, err)
		assert.NoError(t, pipe.Close())
	}()
	stacks, err := LocalStacks(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"copied", "goes"}, stacks)
}

// A stack that was removed after its compression changed leaves an old copy with resources.
func TestNewestStateFileIsUsed(t *testing.T) {
	dir := t.TempDir()
	saved := filepath.Join(backend(dir), ".pulumi", "stacks", config.Namespace)
	before := filepath.Join(saved, "removed.json.gz.bak")
	write(t, before, `{"checkpoint":{"latest":{"resources":[{"type":"a:b:C"}]}}}`)
	require.NoError(t, os.Chtimes(before, time.Time{}, time.Now().Add(-time.Hour)))
	write(t, filepath.Join(saved, "removed.json.bak"), "{}")
	stacks, err := LocalStacks(dir)
	require.NoError(t, err)
	require.Empty(t, stacks)
}

func TestMissingStateIsReported(t *testing.T) {
	dir := t.TempDir()
	_, err := readSavedState(dir, "dev")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "state of stack dev in "+dir)
}

// A stack whose state cannot be read may have resources.
func TestUnreadableStateCountsAsOneWithResources(t *testing.T) {
	state := t.TempDir()
	write(t, filepath.Join(backend(state), ".pulumi", "stacks", config.Namespace, "dev.json.xz"), "neither JSON nor of a known compression")
	write(t, filepath.Join(backend(state), ".pulumi", "stacks", config.Namespace, "full.json"), "")
	stacks, err := LocalStacks(state)
	require.NoError(t, err)
	require.Equal(t, []string{"dev", "full"}, stacks)
}

func TestMissingEngineIsExplained(t *testing.T) {
	d, err := Find(Options{ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: filepath.Join(t.TempDir(), "pulumi")})
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(d.place.dir, 0o700))
	_, err = d.Outputs(t.Context())
	require.ErrorContains(t, err, "`make setup` provides one")
}
