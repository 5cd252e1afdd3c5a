package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// pythonVersion is the Python version of Glue 5.1.
const pythonVersion = "3.11"

// environment is a virtual environment: its folder in the cache, its lock file with
// versions and hashes of all packages, and the supported versions of Python, the
// preferred one first.
type environment struct {
	folder, lock string
	pythons      []string
}

// python creates two virtual environments: one with the packages that Glue installs
// for jobs, and one for the emulator, which needs another boto3. The user's pip
// configuration (index, proxy, certificates) applies.
func (t *toolchain) python() step {
	return step{
		name:    StepPython,
		about:   "Python " + pythonVersion + " environments of Spark and the emulator",
		inputs:  func() (inputs, error) { return t.pythonInputs() },
		outputs: []string{t.in("venv", "bin", "python"), t.in("venv", "bin", "ministack")},
		fetch:   t.installPython,
	}
}

func (t *toolchain) pythonInputs() (inputs, error) {
	files := []string{t.lockFile("build")} // Not build.cfg, which does not change what is installed.
	for _, e := range t.environments() {
		files = append(files, e.lock)
	}
	return inputs{Recipe: "venv 3 " + t.cache, Files: files}, nil
}

// environments returns the environments of the emulator and of Spark.
func (t *toolchain) environments() []environment {
	return []environment{
		{t.in("emulator"), t.lockFile("emulator"), []string{pythonVersion}},
		{t.in("venv"), t.lockFile("job"), []string{pythonVersion}},
	}
}

// lockFile returns a file in tools/setup/python, which the script "lock" there writes.
func (t *toolchain) lockFile(name string) string {
	return t.own("tools", "setup", "python", name+".lock")
}

// installPython completes environments that an earlier run left unfinished.
func (t *toolchain) installPython(ctx context.Context, j *job) error {
	for _, e := range t.environments() {
		if err := t.install(ctx, j, e); err != nil {
			return err
		}
	}
	return t.linkEmulator("venv")
}

// linkEmulator links the emulator's program into an environment, because tests look for it
// beside their Python.
func (t *toolchain) linkEmulator(environment string) error {
	link := t.in(environment, "bin", "ministack")
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replace the emulator's program: %w", err)
	}
	if err := os.Symlink(t.in("emulator", "bin", "ministack"), link); err != nil {
		return fmt.Errorf("link the emulator's program: %w", err)
	}
	return nil
}

func (t *toolchain) install(ctx context.Context, j *job, e environment) error {
	python := filepath.Join(e.folder, "bin", "python")
	if err := j.run(ctx, command{args: []string{python, "-m", "pip", "--version"}}); err != nil {
		base, err := findPython(ctx, e.pythons)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(e.folder); err != nil {
			return fmt.Errorf("clear the Python environment: %w", err)
		}
		if err := j.run(ctx, command{args: []string{base, "-m", "venv", e.folder}}); err != nil {
			return fmt.Errorf("make the Python environment: %w", err)
		}
	}
	// Without isolation, packages are built with the installed packages, whose hashes were checked.
	install := []string{python, "-m", "pip", "install"}
	if err := j.fetch(ctx, locked(install, t.lockFile("build"))); err != nil {
		return err
	}
	all := locked(append(install, "--no-build-isolation"), e.lock)
	all.env = append(all.env, "DIST_EXTRA_CONFIG="+t.own("tools", "setup", "python", "build.cfg"))
	return j.fetch(ctx, all)
}

// locked returns a pip command that installs or downloads exactly the packages of a lock
// file: pip refuses files with other hashes, and dependencies missing from the lock file.
// https://pip.pypa.io/en/stable/topics/secure-installs/
func locked(pip []string, lock string) command {
	args := slices.Concat(pip, []string{"--no-input", "--progress-bar", "off", "--require-hashes", "-r", lock})
	if slices.Contains(pip, "install") { // Python compiles modules when they are imported, which are the smaller part.
		args = append(args, "--no-compile")
	}
	return command{args: args, env: []string{"PIP_DISABLE_PIP_VERSION_CHECK=1"}}
}

// findPython finds a Python of the first available version that can create environments.
// The last version is the most common one, so that errors name it.
func findPython(ctx context.Context, versions []string) (string, error) {
	var seen []string
	for _, version := range versions {
		var path string
		if path, seen = findPythonOf(ctx, version); path != "" {
			return path, nil
		}
	}
	version := versions[len(versions)-1]
	help := fmt.Sprintf("Python %[1]s with its venv and ensurepip modules is needed (Debian and Ubuntu: the packages python%[1]s and python%[1]s-venv)", version)
	if len(seen) == 0 {
		return "", errors.New(help + "; there is no Python on PATH")
	}
	return "", fmt.Errorf("%s; found %s", help, strings.Join(seen, "; "))
}

// findPythonOf returns a Python of the version, and the ones that it rejected.
func findPythonOf(ctx context.Context, version string) (found string, seen []string) {
	const probe = `import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])`
	for _, name := range []string{"python" + version, "python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "-c", probe).CombinedOutput() //nolint:gosec // from PATH, as meant
		got := strings.TrimSpace(string(out))
		if err == nil && got == version {
			return path, nil
		}
		if err != nil && strings.Contains(got, "ensurepip") {
			got = "without the ensurepip module"
		}
		seen = append(seen, fmt.Sprintf("%s: %s", path, got))
	}
	return "", seen
}
