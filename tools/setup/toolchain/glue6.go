package toolchain

import (
	"context"
	"fmt"
	"os"
	"slices"

	"store-events/tools/setup/internal/files"
)

// glue6Pythons are the version of Glue 6.0, and another one that Spark 4.1 supports, for
// machines without it.
var glue6Pythons = []string{"3.13", pythonVersion}

// glue6 sets up the environments of Glue 6.0's jobs and their tests: Spark 4.1, its
// connectors, and the packages of Glue. It is large and rarely needed, so that it only runs
// on request.
func (t *toolchain) glue6() step {
	pom := t.own("tools", "setup", "jars-glue6", "pom.xml")
	return step{
		name:     StepGlue6,
		about:    "Spark and Python environments of Glue 6.0",
		needs:    []string{StepPython, StepJars}, // Concurrent Mavens may corrupt the local repository.
		onDemand: true,
		wanted:   func() bool { return t.named[StepGlue6] },
		inputs: func() (inputs, error) {
			return inputs{
				Recipe: "glue6 1 " + copyJars + " " + t.cache,
				Files:  slices.Concat(t.awsglueLocks(), []string{t.lockFile("build"), t.lockFile("job6"), t.lockFile("glue6"), pom, checksums(pom)}),
			}, nil
		},
		outputs: []string{t.in("venv6", "bin", "python"), t.in("glue6", "bin", "python"), t.in("jars6"), t.in("awsglue")},
		fetch:   func(ctx context.Context, j *job) error { return t.fetchGlue6(ctx, j, pom) },
	}
}

func (t *toolchain) fetchGlue6(ctx context.Context, j *job, pom string) error {
	tests := environment{t.in("venv6"), t.lockFile("job6"), glue6Pythons}
	if err := t.install(ctx, j, tests); err != nil {
		return err
	}
	if err := t.linkEmulator("venv6"); err != nil {
		return err
	}
	if err := t.installPackages(ctx, j, "venv6", "glue6"); err != nil {
		return err
	}
	if err := t.fetchAwsglue(ctx, j); err != nil {
		return err
	}
	fresh := t.in("build", "jars6")
	if err := t.copyJars(ctx, j, pom, fresh); err != nil {
		return err
	}
	return files.ReplaceDir(fresh, t.in("jars6"))
}

// awsglueLocks returns the lock files of AWS's awsglue, one for each version of Glue.
func (t *toolchain) awsglueLocks() []string {
	return []string{t.lockFile("awsglue-5.1"), t.lockFile("awsglue-6.0")}
}

// fetchAwsglue downloads the wheels of AWS's awsglue, for a test that reads them. They are
// not installed, so that their version of Python does not matter.
func (t *toolchain) fetchAwsglue(ctx context.Context, j *job) error {
	fresh := t.in("build", "awsglue")
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear %s: %w", fresh, err)
	}
	download := []string{t.in("venv6", "bin", "python"), "-m", "pip", "download", "--no-deps", "--ignore-requires-python", "--dest", fresh}
	for _, lock := range t.awsglueLocks() {
		if err := j.fetch(ctx, locked(download, lock)); err != nil {
			return err
		}
	}
	return files.ReplaceDir(fresh, t.in("awsglue"))
}
