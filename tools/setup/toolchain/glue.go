package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// sparkPackages are as large as all others together, so that both environments
// use the same files.
var sparkPackages = []string{"pyspark", "py4j"}

// gluePython makes the environment that jobs run in: the versions of Glue, which
// the emulator cannot share (it needs a newer botocore), and nothing that a job
// on Glue would not find.
func (t *toolchain) gluePython() step {
	return step{
		name:  StepGlue,
		about: "Python " + pythonVersion + " environment of Glue's jobs",
		needs: []string{StepPython},
		inputs: func() (inputs, error) {
			return inputs{Recipe: "glue 2 " + t.cache, Files: []string{t.lockFile("glue")}}, nil
		},
		outputs: []string{t.in("glue", "bin", "python")},
		fetch:   t.installGlue,
	}
}

func (t *toolchain) installGlue(ctx context.Context, j *job) error {
	python, target := t.in("venv", "bin", "python"), t.in("glue")
	if err := os.RemoveAll(target); err != nil {
		return fmt.Errorf("clear the environment of Glue's jobs: %w", err)
	}
	if err := j.run(ctx, command{args: []string{python, "-m", "venv", "--without-pip", target}}); err != nil {
		return fmt.Errorf("make the environment of Glue's jobs: %w", err)
	}
	install := []string{python, "-m", "pip", "--python", filepath.Join(target, "bin", "python"), "install", "--no-deps"}
	if err := j.fetch(ctx, locked(install, t.lockFile("glue"))); err != nil {
		return err
	}
	for _, name := range sparkPackages {
		packages := filepath.Join("lib", "python"+pythonVersion, "site-packages", name)
		err := os.Symlink(t.in("venv", packages), filepath.Join(target, packages))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("environment of Glue's jobs: %w", err)
		}
	}
	return nil
}
