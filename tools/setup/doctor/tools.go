package doctor

import (
	"context"
	"os/exec"
	"regexp"
	"strings"

	"golang.org/x/mod/semver"

	"store-events/tools/setup/toolchain"
)

// goOldest is the release in go.mod.
const goOldest = "v1.26"

func (o Options) platform() Finding {
	const check = "platform"
	name := o.Facts.OS + "/" + o.Facts.Arch
	switch name {
	case "linux/amd64":
		return ok(check, "%s", name)
	case "linux/arm64":
		return warning(check, name+": the setup is not tested here", "MySQL must come from PATH or from Debian's or Ubuntu's packages: MariaDB, which stands in elsewhere, is not published for it")
	case "darwin/amd64", "darwin/arm64":
		return warning(check, name+": the setup is not tested here", "install MySQL so that mysqld is on PATH, for example with `brew install mysql`; or use the devcontainer")
	}
	return failure(check, name+" is not supported", "use Linux or macOS, a virtual machine with Linux, or the devcontainer")
}

// tools checks the programs that the setup requires but cannot install.
func tools(ctx context.Context) []Finding {
	return []Finding{goRelease(ctx), python(ctx), java(ctx), maven(), git(), awsCLI(ctx), chromium()}
}

func goRelease(ctx context.Context) Finding {
	const check, fix = "Go", "install Go 1.26 or newer, see https://go.dev/doc/install"
	path, err := exec.LookPath("go")
	if err != nil {
		return failure(check, "not on PATH", fix)
	}
	out, err := exec.CommandContext(ctx, path, "env", "GOVERSION").Output() //nolint:gosec // The user's program.
	got := strings.TrimSpace(string(out))
	version := regexp.MustCompile(`^go(\d+\.\d+)`).FindStringSubmatch(got)
	if err != nil || version == nil {
		return failure(check, path+" does not print its version", fix)
	}
	if semver.Compare("v"+version[1], goOldest) < 0 {
		return failure(check, got+" at "+path+" is too old", fix)
	}
	return ok(check, "%s at %s", got, path)
}

func python(ctx context.Context) Finding {
	path, err := toolchain.Python(ctx)
	if err != nil {
		return failure("Python", err.Error(), "install it; several releases of Python can be installed side by side")
	}
	return ok("Python", "3.11 at %s", path)
}

func java(ctx context.Context) Finding {
	if home := toolchain.Java(ctx); home != "" {
		return ok("Java", "17 at %s", home)
	}
	return warning("Java", "no Java 17 by JAVA_HOME or on PATH", "nothing to do: the setup takes a runtime from a Python package, or yours if you install Java 17")
}

func maven() Finding {
	path, err := exec.LookPath("mvn")
	if err != nil {
		return failure("Maven", "mvn is not on PATH: Spark's connectors are fetched with it", "install Maven (Debian and Ubuntu: the package maven; macOS: `brew install maven`)")
	}
	return ok("Maven", "%s", path)
}

func git() Finding {
	path, err := exec.LookPath("git")
	if err != nil {
		return warning("git", "not on PATH", "install git: some tests and `storeevents contract diff` read the history")
	}
	return ok("git", "%s", path)
}

// awsOldest is the AWS CLI that reads AWS_ENDPOINT_URL, which `storeevents local env` sets.
const awsOldest = "v2.13"

// awsCLI checks the AWS CLI, which the tutorial uses to store an event.
func awsCLI(ctx context.Context) Finding {
	const check, fix = "AWS CLI", "install 2.13 or newer for the tutorial and for docs/aws.md, see https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
	path, err := exec.LookPath("aws")
	if err != nil {
		return warning(check, "not on PATH", fix)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output() //nolint:gosec // The user's program.
	version := regexp.MustCompile(`^aws-cli/(\d+\.\d+)`).FindStringSubmatch(string(out))
	if err != nil || version == nil {
		return warning(check, path+" does not print its version", fix)
	}
	if semver.Compare("v"+version[1], awsOldest) < 0 {
		return warning(check, version[1]+" at "+path+" is too old", fix)
	}
	return ok(check, "%s at %s", version[1], path)
}

// chromium checks the browser that tests of the console and of the local AWS use.
func chromium() Finding {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return ok("Chromium", "%s (for `make test` only)", path)
		}
	}
	return warning("Chromium", "not on PATH: only `make test` needs it, for the console and the local AWS", "install Chromium or Chrome to run all tests")
}

// engine checks which Pulumi CLI and providers would be used.
func engine(ctx context.Context) []Finding {
	path, version, err := toolchain.PulumiOnPath(ctx)
	var cli Finding
	switch {
	case err == nil:
		cli = ok("Pulumi CLI", "%s at %s", version, path)
	case path == "":
		cli = ok("Pulumi CLI", "not on PATH: the setup builds one")
	default:
		cli = warning("Pulumi CLI", strings.TrimSpace(path+" "+version)+" "+err.Error()+": the setup builds another", "upgrade it, if you want yours to be used")
	}
	var have, missing []string
	for name, file := range toolchain.Plugins() {
		if file == "" {
			missing = append(missing, name)
		} else {
			have = append(have, name+" at "+file)
		}
	}
	if len(missing) == 0 {
		return []Finding{cli, ok("providers", "%s", sorted(have))}
	}
	return []Finding{cli, ok("providers", "not installed: %s; the setup builds both", sorted(missing))}
}
