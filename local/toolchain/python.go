package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pythonVersion is what Glue 5.1 runs jobs with.
const pythonVersion = "3.11"

// python makes the virtual environment of the emulator and of Spark. The user's
// pip configuration (index, proxy, certificates) applies.
func (t *toolchain) python() step {
	return step{
		name:    StepPython,
		about:   "Python " + pythonVersion + " environment with the emulator and Spark",
		inputs:  func() (inputs, error) { return t.pythonInputs() },
		outputs: []string{t.in("venv", "bin", "python"), t.in("venv", "bin", "ministack")},
		fetch:   t.installPython,
	}
}

func (t *toolchain) pythonInputs() (inputs, error) {
	reqs, err := t.requirements()
	return inputs{Recipe: "venv 1 " + t.cache, Files: append(reqs, t.own("local", "toolchain", "constraints.txt"))}, err
}

// requirements are the files that say what to install.
func (t *toolchain) requirements() ([]string, error) {
	job, err := filepath.Glob(t.own("glue", "requirements*.txt"))
	return append(job, t.own("local", "toolchain", "requirements.txt")), err
}

// installPython completes an environment that an earlier run left unfinished.
func (t *toolchain) installPython(ctx context.Context, j *job) error {
	reqs, err := t.requirements()
	if err != nil {
		return err
	}
	venv := t.in("venv")
	python := filepath.Join(venv, "bin", "python")
	if err := j.run(ctx, command{args: []string{python, "-m", "pip", "--version"}}); err != nil {
		base, err := findPython(ctx)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(venv); err != nil {
			return fmt.Errorf("clear the Python environment: %w", err)
		}
		if err := j.run(ctx, command{args: []string{base, "-m", "venv", venv}}); err != nil {
			return fmt.Errorf("make the Python environment: %w", err)
		}
	}
	args := []string{python, "-m", "pip", "install", "--no-input", "--progress-bar", "off",
		"-c", t.own("local", "toolchain", "constraints.txt")}
	for _, r := range reqs {
		args = append(args, "-r", r)
	}
	return j.fetch(ctx, command{args: args, env: []string{"PIP_DISABLE_PIP_VERSION_CHECK=1"}})
}

// findPython finds a Python of the right version that can make environments.
func findPython(ctx context.Context) (string, error) {
	const probe = `import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])`
	var seen []string
	for _, name := range []string{"python" + pythonVersion, "python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "-c", probe).CombinedOutput() //nolint:gosec // from PATH, as meant
		got := strings.TrimSpace(string(out))
		if err == nil && got == pythonVersion {
			return path, nil
		}
		if err != nil && strings.Contains(got, "ensurepip") {
			got = "without the ensurepip module"
		}
		seen = append(seen, fmt.Sprintf("%s: %s", path, got))
	}
	help := "Python " + pythonVersion + " with its venv and ensurepip modules is needed (Debian and Ubuntu: the packages python3.11 and python3.11-venv)"
	if len(seen) == 0 {
		return "", errors.New(help + "; there is no Python on PATH")
	}
	return "", fmt.Errorf("%s; found %s", help, strings.Join(seen, "; "))
}
