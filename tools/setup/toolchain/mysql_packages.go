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

	"store-events/tools/setup/dbserver"
	"store-events/tools/setup/internal/files"
)

// packageTools unpack packages of Debian-based distributions.
var packageTools = []string{"apt-get", "apt-cache", "dpkg", "dpkg-deb"}

// mysqlPackage is the package with only the server. Releases of Ubuntu up to 25.04 have only
// packages with the version in the name.
const mysqlPackage = "mysql-server-core"

// prepareUnpacked downloads the distribution's MySQL with its dependencies and unpacks it.
// It installs nothing, so that it needs no permissions and does not change the system.
func (t *toolchain) prepareUnpacked(ctx context.Context, j *job) (dbserver.Engine, error) {
	for _, tool := range packageTools {
		if _, err := exec.LookPath(tool); err != nil {
			return dbserver.Engine{}, fmt.Errorf("%s, which unpacks packages of Debian-based distributions, is not on PATH", tool)
		}
	}
	a := apt{job: j, dir: t.in("build", "mysql")}
	if err := os.RemoveAll(a.dir); err != nil {
		return dbserver.Engine{}, fmt.Errorf("clear %s: %w", a.dir, err)
	}
	own, err := aptSources("/etc/apt")
	if err != nil {
		return dbserver.Engine{}, err
	}
	root, err := a.unpack(ctx, mysqlSources(own, distribution("/etc/os-release")))
	if err != nil {
		return dbserver.Engine{}, err
	}
	lay := func(dir string) error { return trimMySQL(ctx, j, root, dir) }
	if err := t.prepareServer(ctx, j, packagesServer, lay, initializeMySQL); err != nil {
		return dbserver.Engine{}, err
	}
	e, err := dbserver.Read(t.in("database", packagesServer))
	return e, errors.Join(err, os.RemoveAll(a.dir))
}

// apt runs apt with separate lists, cache and state, in a folder.
type apt struct {
	job *job
	dir string
}

// unpack downloads the server from the first set of sources that has it, and
// returns the folder with the unpacked files.
func (a apt) unpack(ctx context.Context, sets [][]aptSource) (root string, err error) {
	if len(sets) == 0 {
		return "", errors.New("apt has no sources of packages with a component main")
	}
	var failed []error
	for _, set := range sets {
		name, err := a.find(ctx, set)
		if err == nil {
			return a.get(ctx, name)
		}
		if ctx.Err() != nil {
			return "", err
		}
		failed = append(failed, err)
	}
	return "", errors.Join(failed...)
}

// find reads the lists of a set of sources and returns the name of the package.
func (a apt) find(ctx context.Context, set []aptSource) (name string, err error) {
	if err := a.configure(ctx, set); err != nil {
		return "", err
	}
	err = a.job.retry(ctx, func() error {
		// The command succeeds even if a list cannot be fetched: the names show it.
		if err := a.job.run(ctx, a.command("apt-get", "-q", "update")); err != nil {
			return err
		}
		names, err := a.job.output(ctx, a.command("apt-cache", "pkgnames", mysqlPackage))
		if err != nil {
			return err
		}
		if name = newestPackage(strings.Fields(names)); name == "" {
			return fmt.Errorf("no package %s in the suites %s", mysqlPackage, suites(set))
		}
		return nil
	})
	return name, err
}

// newestPackage picks the package without a version in its name, else that of
// the latest.
func newestPackage(names []string) string {
	names = slices.DeleteFunc(names, func(n string) bool {
		rest := strings.TrimPrefix(n, mysqlPackage)
		return rest != "" && strings.Trim(rest, "-.0123456789") != ""
	})
	if slices.Contains(names, mysqlPackage) {
		return mysqlPackage
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// get downloads a package with all its dependencies, because the status has no installed
// packages, and unpacks them.
func (a apt) get(ctx context.Context, name string) (root string, err error) {
	if err := a.job.fetch(ctx, a.command("apt-get", "-q", "-y", "--download-only", "install", name)); err != nil {
		return "", err
	}
	packages, err := filepath.Glob(filepath.Join(a.dir, "cache", "archives", "*.deb"))
	if err != nil {
		return "", err
	}
	root = filepath.Join(a.dir, "root")
	for _, p := range packages {
		if strings.Contains(filepath.Base(p), "perl") { // for scripts shipped with the server
			continue
		}
		if err := a.job.run(ctx, command{args: []string{"dpkg-deb", "--extract", p, root}}); err != nil {
			return "", err
		}
	}
	return root, nil
}

func (a apt) command(args ...string) command {
	c := command{args: append([]string{args[0], "-c", filepath.Join(a.dir, "apt.conf")}, args[1:]...)}
	c.env = []string{"LC_ALL=C"}
	return c
}

// configure writes apt's options and sources. The machine's other options, such as a proxy,
// apply, except hooks after an update, which are for the machine's lists.
func (a apt) configure(ctx context.Context, set []aptSource) error {
	architecture, err := a.job.output(ctx, command{args: []string{"dpkg", "--print-architecture"}})
	if err != nil {
		return err
	}
	var stanzas []string
	for _, s := range set {
		stanzas = append(stanzas, s.stanza(architecture))
	}
	options := fmt.Sprintf(`Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "%[1]s/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "%[1]s/state";
Dir::State::Lists "%[1]s/lists";
Dir::State::status "%[1]s/status";
Dir::Cache "%[1]s/cache";
Dir::Cache::archives "%[1]s/cache/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "%[1]s/log";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
`, a.dir)
	for _, dir := range []string{"lists/partial", "cache/archives/partial", "state", "log"} {
		if err := os.MkdirAll(filepath.Join(a.dir, dir), 0o755); err != nil { //nolint:gosec // a cache of public tools
			return fmt.Errorf("folders of apt: %w", err)
		}
	}
	return errors.Join(
		files.Write(filepath.Join(a.dir, "apt.conf"), []byte(options)),
		files.Write(filepath.Join(a.dir, "status"), nil),
		files.Write(filepath.Join(a.dir, "sources", "own.sources"), []byte(strings.Join(stanzas, "\n"))))
}

func suites(set []aptSource) string {
	var all []string
	for _, s := range set {
		all = append(all, strings.Fields(s.suites)...)
	}
	return strings.Join(slices.Compact(all), ", ")
}
