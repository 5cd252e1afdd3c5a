package toolchain

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/internal/files"
)

// A changed program must not be previewed or checked by an older binary.
func TestProgramsOlderThanTheirSourceAreRefused(t *testing.T) {
	project := t.TempDir()
	for _, name := range programSources {
		if filepath.Ext(name) == "" {
			name = filepath.Join(name, "code.go")
		}
		require.NoError(t, files.Write(filepath.Join(project, name), []byte("package p\n")))
	}
	opts := Options{CacheDir: t.TempDir(), ProjectDir: project}
	tools, err := newToolchain(opts)
	require.NoError(t, err)
	step := tools.ownPrograms()
	for _, out := range step.outputs {
		require.NoError(t, files.Write(out, nil))
	}
	in, err := step.inputs()
	require.NoError(t, err)
	key, err := in.key()
	require.NoError(t, err)
	require.NoError(t, tools.mark(step, key, 0))
	paths, err := Resolve(t.Context(), opts, StepProject)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(project, "bin", "policy", policyPack), paths.PolicyPack, "each checkout has its own pack")

	for _, folder := range []string{"program", "policy"} {
		file := filepath.Join(project, folder, "code.go")
		require.NoError(t, files.Write(file, []byte("package changed\n")))
		_, err = Resolve(t.Context(), opts, StepProject)
		require.ErrorContains(t, err, "run `make setup`")
		require.ErrorContains(t, err, "out of date: project", folder)
		require.NoError(t, files.Write(file, []byte("package p\n")))
	}
}

// With other options, AWS's clients would be compiled a second time, which needs half a minute.
func TestTestsAndFunctionsShareTheOptionsOfAWSClients(t *testing.T) {
	project, err := Project()
	require.NoError(t, err)
	for file, quote := range map[string]string{"tests/run": "'", "program/artifacts/function.go": `"`} {
		text, err := os.ReadFile(filepath.Join(project, file)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		require.Contains(t, string(text), quote+fastClients+quote, file)
	}
}

// A package outside programSources could change without being noticed.
func TestProgramSourcesCoverWhatIsCompiled(t *testing.T) {
	project, err := Project()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir", "./cmd/storeevents", "./policy")
	cmd.Dir = project
	out, err := cmd.Output()
	require.NoError(t, err)
	checked := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var pkg struct {
			Dir string
		}
		require.NoError(t, dec.Decode(&pkg))
		rel, err := filepath.Rel(project, pkg.Dir)
		require.NoError(t, err)
		if !filepath.IsLocal(rel) {
			continue
		}
		checked++
		require.True(t, slices.ContainsFunc(programSources, func(source string) bool {
			return rel == source || strings.HasPrefix(rel, source+"/")
		}), "add %s to programSources", rel)
	}
	require.Greater(t, checked, 20)
}
