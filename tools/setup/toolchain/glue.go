package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// sparkPackages are as large as all other packages together, so that both environments
// share their files.
var sparkPackages = []string{"pyspark", "py4j"}

// gluePython creates the environment of jobs: only the packages of Glue, in Glue's
// versions, which the emulator cannot use (it needs a newer botocore).
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
	return t.installPackages(ctx, j, "venv", "glue")
}

// installPackages creates the environment target from the lock file of the same name, with
// the Python and Spark of another environment.
func (t *toolchain) installPackages(ctx context.Context, j *job, spark, target string) error {
	python, folder := t.in(spark, "bin", "python"), t.in(target)
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("clear the environment of Glue's jobs: %w", err)
	}
	if err := j.run(ctx, command{args: []string{python, "-m", "venv", "--without-pip", folder}}); err != nil {
		return fmt.Errorf("make the environment of Glue's jobs: %w", err)
	}
	install := []string{python, "-m", "pip", "--python", filepath.Join(folder, "bin", "python"), "install", "--no-deps"}
	if err := j.fetch(ctx, locked(install, t.lockFile(target))); err != nil {
		return err
	}
	packages, err := filepath.Glob(t.in(spark, "lib", "python3.*", "site-packages"))
	if err != nil || len(packages) != 1 {
		return fmt.Errorf("environment of Glue's jobs: %d folders of packages in %s", len(packages), t.in(spark))
	}
	inside, err := filepath.Rel(t.in(spark), packages[0])
	if err != nil {
		return fmt.Errorf("environment of Glue's jobs: %w", err)
	}
	for _, name := range sparkPackages {
		err := os.Symlink(filepath.Join(packages[0], name), filepath.Join(folder, inside, name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("environment of Glue's jobs: %w", err)
		}
	}
	return nil
}
