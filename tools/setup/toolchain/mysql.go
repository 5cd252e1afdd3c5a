package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"store-events/tools/setup/dbserver"
	"store-events/tools/setup/internal/files"
)

// retryFallback is how long MariaDB is used before another setup looks for a MySQL again,
// which takes some seconds and needs the network.
const retryFallback = 24 * time.Hour

// Folders of database servers in the cache.
const (
	givenServer    = "given"
	pathServer     = "path"
	packagesServer = "packages"
	mariaDBServer  = "mariadb"
)

// mysql finds or gets a MySQL server: the one that STORE_EVENTS_MYSQL names, one on PATH,
// or the distribution's, unpacked. If there is none, it chooses MariaDB, which the step
// mariadb fetches.
func (t *toolchain) mysql() step {
	return step{
		name:    StepMySQL,
		about:   "MySQL server",
		inputs:  t.mysqlInputs,
		outputs: []string{dbserver.ChoiceFile(t.in("database"))},
		detail:  t.describeChoice,
		stale:   t.choiceIsStale,
		fetch:   t.chooseMySQL,
	}
}

// mysqlInputs returns the servers that a lookup would find: installing or removing one
// changes the choice.
func (t *toolchain) mysqlInputs() (inputs, error) {
	found, err := t.installed(context.Background())
	in := inputs{Recipe: "mysql 1 " + t.cache}
	for _, s := range found {
		in.Recipe += " " + s.program + " " + s.engine.String()
	}
	for _, tool := range packageTools {
		if _, err := exec.LookPath(tool); err == nil {
			in.Recipe += " " + tool
		}
	}
	return in, err
}

// installedMySQL is a MySQL that the machine has.
type installedMySQL struct {
	folder, program string
	engine          dbserver.Engine
}

// installed lists the MySQL servers of this machine in the order of preference. If the
// user names one, it is the only one.
func (t *toolchain) installed(ctx context.Context) ([]installedMySQL, error) {
	given, err := dbserver.FromEnvironment()
	if err != nil {
		return nil, err
	}
	if given.Program != "" {
		e, err := dbserver.Identify(ctx, given.Program)
		if err == nil {
			err = e.CheckMySQL()
		}
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", dbserver.Variable, os.Getenv(dbserver.Variable), err)
		}
		return []installedMySQL{{givenServer, given.Program, e}}, nil
	}
	if t.ignorePath {
		return nil, nil
	}
	path, err := exec.LookPath("mysqld")
	if err != nil {
		return nil, nil
	}
	// MariaDB's server may also be called mysqld.
	if e, err := dbserver.Identify(ctx, path); err == nil && e.CheckMySQL() == nil {
		return []installedMySQL{{pathServer, path, e}}, nil
	}
	return nil, nil
}

func (t *toolchain) chooseMySQL(ctx context.Context, j *job) error {
	found, err := t.installed(ctx)
	if err != nil {
		return err
	}
	var reasons []error
	for _, s := range found {
		err := t.prepareInstalled(ctx, j, s)
		if err == nil {
			return t.choose(dbserver.Choice{Folder: s.folder, Server: s.engine.String() + " (" + s.program + ")"})
		}
		if s.folder == givenServer || ctx.Err() != nil {
			return err
		}
		// A server may run but not work here: a security profile of the system may limit it to its
		// own folders.
		reasons = append(reasons, fmt.Errorf("%s does not work here: %w", s.program, err))
	}
	e, err := t.prepareUnpacked(ctx, j)
	if err == nil {
		return t.choose(dbserver.Choice{Folder: packagesServer, Server: e.String() + " (unpacked from the distribution's packages)"})
	}
	if ctx.Err() != nil {
		return err
	}
	reasons = append(reasons, err)
	return t.choose(dbserver.Choice{Folder: mariaDBServer, NoMySQL: strings.ReplaceAll(errors.Join(reasons...).Error(), "\n", "; ")})
}

func (t *toolchain) prepareInstalled(ctx context.Context, j *job, s installedMySQL) error {
	script := "#!/bin/sh\nexec " + shellQuoted(s.program) + ` "$@"` + "\n"
	return t.prepareServer(ctx, j, s.folder, func(dir string) error {
		return writeProgram(dbserver.Program(dir), script)
	}, initializeMySQL)
}

// prepareServer creates the folder of a server: lay writes its program, and the command
// of initialize creates its template.
func (t *toolchain) prepareServer(ctx context.Context, j *job, folder string, lay func(dir string) error, initialize func(dir string) command) error {
	dir := t.in("database", folder)
	fresh := dir + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear %s: %w", fresh, err)
	}
	if err := os.MkdirAll(fresh, 0o755); err != nil { //nolint:gosec // a cache of public tools
		return fmt.Errorf("folder of the database server: %w", err)
	}
	if err := lay(fresh); err != nil {
		return err
	}
	c := initialize(fresh)
	if os.Getuid() == 0 {
		c.args = append(c.args, "--user=root") // refused as root without it
	}
	// A starting server removes all temporary tables in its tmpdir, even those of other servers.
	c.env = append(c.env, "TMPDIR="+fresh)
	if err := j.run(ctx, c); err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(j.log.Name()))
	}
	e, err := dbserver.Identify(ctx, dbserver.Program(fresh))
	if err != nil {
		return err
	}
	if err := dbserver.Seal(fresh, e); err != nil {
		return err
	}
	return files.ReplaceDir(fresh, dir)
}

// initializeMySQL creates a data folder without certificates and keys, which an instance
// gets from its state folder.
// https://dev.mysql.com/doc/refman/8.4/en/data-directory-initialization.html
func initializeMySQL(dir string) command {
	return command{args: []string{
		dbserver.Program(dir), "--no-defaults", "--initialize-insecure", "--datadir=" + dbserver.Template(dir),
		"--loose-innodb-redo-log-capacity=16M", "--loose-auto-generate-certs=OFF",
		"--loose-sha256-password-auto-generate-rsa-keys=OFF", "--loose-caching-sha2-password-auto-generate-rsa-keys=OFF",
	}}
}

func (t *toolchain) choose(c dbserver.Choice) error { return c.Write(t.in("database")) }

// chosen returns the last choice, empty before the first one.
func (t *toolchain) chosen() dbserver.Choice { return dbserver.ReadChoice(t.in("database")) }

// choiceIsStale reports whether the chosen server was removed, or MariaDB was used for so
// long that setup looks for a MySQL again.
func (t *toolchain) choiceIsStale() bool {
	c := t.chosen()
	if c.NoMySQL == "" {
		return !files.Exists(dbserver.Program(t.in("database", c.Folder)))
	}
	info, err := os.Stat(dbserver.ChoiceFile(t.in("database")))
	return err == nil && time.Since(info.ModTime()) > retryFallback
}

func (t *toolchain) describeChoice() string {
	c := t.chosen()
	if c.NoMySQL == "" {
		return c.Server
	}
	return "WARNING: no MySQL, so MariaDB stands in, which accepts what MySQL on AWS refuses: " + c.NoMySQL
}

func writeProgram(path, script string) error {
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil { //nolint:gosec // an executable
		return fmt.Errorf("start script of the database server: %w", err)
	}
	return nil
}

func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// lastLine returns the last non-empty line of a log.
func lastLine(path string) string { return tail(path, 1) }
