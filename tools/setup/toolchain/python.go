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

// pythonVersion is what Glue 5.1 runs jobs with.
const pythonVersion = "3.11"

// environment is a virtual environment: its folder in the cache, what to
// install, and the file that pins what that needs in turn.
type environment struct {
	folder, constraints string
	requirements        []string
}

// python makes two virtual environments: one with the packages that Glue gives
// to jobs, and one for the emulator, which needs another boto3. The user's pip
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
	job, emulator, err := t.environments()
	files := slices.Concat(job.requirements, emulator.requirements, []string{job.constraints, emulator.constraints})
	return inputs{Recipe: "venv 2 " + t.cache, Files: files}, err
}

func (t *toolchain) environments() (job, emulator environment, err error) {
	own := func(name string) string { return t.own("tools", "setup", "python", name) }
	requirements, err := filepath.Glob(t.own("glue", "requirements*.txt"))
	job = environment{t.in("venv"), own("constraints.txt"), requirements}
	emulator = environment{t.in("emulator"), own("emulator-constraints.txt"), []string{own("emulator-requirements.txt")}}
	return job, emulator, err
}

// installPython completes environments that an earlier run left unfinished.
func (t *toolchain) installPython(ctx context.Context, j *job) error {
	spark, emulator, err := t.environments()
	if err != nil {
		return err
	}
	for _, e := range []environment{emulator, spark} {
		if err := e.install(ctx, j); err != nil {
			return err
		}
	}
	// One folder has all programs.
	link := filepath.Join(spark.folder, "bin", "ministack")
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replace the emulator's program: %w", err)
	}
	if err := os.Symlink(filepath.Join(emulator.folder, "bin", "ministack"), link); err != nil {
		return fmt.Errorf("link the emulator's program: %w", err)
	}
	return nil
}

func (e environment) install(ctx context.Context, j *job) error {
	python := filepath.Join(e.folder, "bin", "python")
	if err := j.run(ctx, command{args: []string{python, "-m", "pip", "--version"}}); err != nil {
		base, err := findPython(ctx)
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
	args := []string{python, "-m", "pip", "install", "--no-input", "--progress-bar", "off", "-c", e.constraints}
	for _, r := range e.requirements {
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
