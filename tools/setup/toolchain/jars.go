package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"store-events/tools/setup/internal/files"
)

// copyJars is the Maven goal that fetches all dependencies of a pom.
const copyJars = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"

// jars fetches the jars that Spark needs in addition to its own. The user's Maven settings
// apply.
func (t *toolchain) jars() step {
	return step{
		name:  StepJars,
		about: "Spark's connectors",
		needs: []string{StepJava},
		inputs: func() (inputs, error) {
			return inputs{Recipe: "jars 3 " + copyJars, Files: []string{t.pom(), checksums(t.pom())}}, nil
		},
		outputs: []string{t.in("jars")},
		fetch: func(ctx context.Context, j *job) error {
			fresh := t.in("build", "jars")
			if err := t.copyJars(ctx, j, t.pom(), fresh); err != nil {
				return err
			}
			return files.ReplaceDir(fresh, t.in("jars"))
		},
	}
}

func (t *toolchain) pom() string { return t.own("tools", "setup", "jars", "pom.xml") }

// checksums is the list of the jars that a pom fetches, beside the pom.
func checksums(pom string) string { return filepath.Join(filepath.Dir(pom), "SHA256SUMS") }

// copyJars fetches all dependencies of a pom into an empty folder, and checks the jars
// with the pom's list of checksums.
func (t *toolchain) copyJars(ctx context.Context, j *job, pom, dir string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("mvn is not on PATH: install Maven 3.8 or newer (Debian and Ubuntu: the package maven)")
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear %s: %w", dir, err)
	}
	env := []string{"NO_COLOR=1"}
	if home := t.javaHome(ctx); home != "" {
		env = append(env, "JAVA_HOME="+home)
	}
	fetch := command{env: env, args: []string{mvn, "--batch-mode", "--no-transfer-progress", "--strict-checksums",
		"-Dstyle.color=never", "--file", pom, copyJars, "-DoutputDirectory=" + dir, "-DoverWriteIfNewer=true"}}
	if err := j.fetch(ctx, fetch); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Maven does not create it if a pom has no dependencies for a platform.
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if err := files.Verify(dir, checksums(pom)); err != nil {
		return fmt.Errorf("check the jars: %w", err)
	}
	return nil
}
