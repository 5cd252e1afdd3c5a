package toolchain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"store-events/tools/setup/fromsource"
	"store-events/tools/setup/internal/files"
)

// The releases of pulumi-aws and pulumi-random that programs use; plugins of these or
// later minor releases are accepted.
const (
	awsVersion    = "v6.83.2"
	randomVersion = "v4.21.2"
)

// installTime is the timeout of an installation of plugins: without access to the
// downloads, some networks drop packets instead of refusing them.
const installTime = 5 * time.Minute

// providers finds the AWS and random providers. If possible, a Pulumi CLI on PATH installs
// them. Otherwise they are built from their modules: the Terraform providers, the AWS
// provider trimmed, with Pulumi's bridge.
func (t *toolchain) providers() step {
	dir, build := t.own("tools", "setup", "fromsource", "providers"), t.in("build", "providers")
	installed := false
	return step{
		name:  StepProviders,
		about: "AWS and random providers",
		find:  systemProviders,
		inputs: func() (inputs, error) {
			return goInputs("providers 1", dir, t.own("tools", "setup", "fromsource", "trim"))
		},
		outputs: []string{t.in("bin", "pulumi-resource-aws"), t.in("bin", "pulumi-resource-random")},
		fetch: func(ctx context.Context, j *job) error {
			if installed = t.installPlugins(ctx, j); installed {
				return nil
			}
			mods, err := j.modules(ctx, filepath.Join(dir, "source"))
			if err != nil {
				return err
			}
			if err := fromsource.Trim(mods, filepath.Join(dir, "aws", "types.txt"), t.in("build", "aws")); err != nil {
				return err
			}
			if err := fromsource.CopyModule(dir, build); err != nil {
				return err
			}
			return j.download(ctx, build, "./aws", "./random")
		},
		build: func(ctx context.Context, j *job) error {
			if installed {
				return nil
			}
			out := t.in("build", "out")
			cmd := t.compile(build, out+"/", "-s -w", withoutDebugInfo("github.com/..."), fastClients, "./aws", "./random")
			if err := j.run(ctx, cmd); err != nil {
				return err
			}
			if err := files.Place(filepath.Join(out, "aws"), t.in("bin", "pulumi-resource-aws")); err != nil {
				return err
			}
			return files.Place(filepath.Join(out, "random"), t.in("bin", "pulumi-resource-random"))
		},
	}
}

// installPlugins installs both providers with the CLI on PATH, and links them into the
// cache. It reports whether that worked: without a CLI, or without access to its downloads,
// the providers are built.
// https://www.pulumi.com/docs/iac/cli/commands/pulumi_plugin_install/
func (t *toolchain) installPlugins(ctx context.Context, j *job) bool {
	pulumi := systemPulumi(ctx)
	if pulumi == "" || t.ignorePath {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, installTime)
	defer cancel()
	for name, version := range map[string]string{"aws": awsVersion, "random": randomVersion} {
		if err := j.run(ctx, command{args: []string{pulumi, "plugin", "install", "resource", name, version}}); err != nil {
			_, _ = fmt.Fprintf(j.log, "%v: the providers are built instead\n", err)
			return false
		}
		plugin := systemProvider(name, version)
		if plugin == "" || files.Link(plugin, t.in("bin", "pulumi-resource-"+name)) != nil {
			return false
		}
	}
	return true
}

// systemProviders finds both providers on PATH or among the CLI's plugins.
func systemProviders(context.Context) string {
	aws, random := systemProvider("aws", awsVersion), systemProvider("random", randomVersion)
	if aws == "" || random == "" {
		return ""
	}
	return aws + ", " + random
}

func systemProvider(name, oldest string) string {
	if path, err := exec.LookPath("pulumi-resource-" + name); err == nil {
		return path
	}
	home := os.Getenv("PULUMI_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		home = filepath.Join(user, ".pulumi")
	}
	dirs, _ := filepath.Glob(filepath.Join(home, "plugins", "resource-"+name+"-v*"))
	for _, dir := range dirs {
		v := strings.TrimPrefix(filepath.Base(dir), "resource-"+name+"-")
		plugin := filepath.Join(dir, "pulumi-resource-"+name)
		if semver.Major(v) == semver.Major(oldest) && semver.Compare(v, oldest) >= 0 && files.Exists(plugin) {
			return plugin
		}
	}
	return ""
}
