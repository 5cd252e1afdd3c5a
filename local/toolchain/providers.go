package toolchain

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/semver"

	"store-events/local/toolchain/trim"
)

// The releases of pulumi-aws and pulumi-random whose programs the providers
// serve; plugins of these or of a later minor release will do.
const (
	awsVersion    = "v6.83.2"
	randomVersion = "v4.21.2"
)

const awsServices = "github.com/aws/aws-sdk-go-v2/service/"

// providers builds the AWS and random providers from their modules: the
// Terraform providers, the first of them trimmed, under Pulumi's bridge.
func (t *toolchain) providers() step {
	dir, build := t.own("local", "toolchain", "providers"), t.in("build", "providers")
	return step{
		name:    StepProviders,
		about:   "AWS and random providers",
		find:    systemProviders,
		inputs:  func() (inputs, error) { return goInputs("providers 1", dir, t.own("local", "toolchain", "trim")) },
		outputs: []string{t.in("bin", "pulumi-resource-aws"), t.in("bin", "pulumi-resource-random")},
		fetch: func(ctx context.Context, j *job) error {
			if err := t.trimProvider(ctx, j, dir); err != nil {
				return err
			}
			if err := copyModule(dir, build); err != nil {
				return err
			}
			return j.download(ctx, build, "./aws", "./random")
		},
		build: func(ctx context.Context, j *job) error {
			out := t.in("build", "out")
			if err := j.run(ctx, compile(build, out+"/", "-s -w", "./aws", "./random")); err != nil {
				return err
			}
			if err := place(filepath.Join(out, "aws"), t.in("bin", "pulumi-resource-aws")); err != nil {
				return err
			}
			return place(filepath.Join(out, "random"), t.in("bin", "pulumi-resource-random"))
		},
	}
}

// trimProvider writes the source that the providers' module builds from.
func (t *toolchain) trimProvider(ctx context.Context, j *job, dir string) error {
	mods, err := j.modules(ctx, filepath.Join(dir, "source"))
	if err != nil {
		return err
	}
	o := trim.Options{Dest: t.in("build", "aws")}
	for _, m := range mods {
		switch {
		case strings.HasSuffix(m.Path, "/terraform-provider-aws"):
			o.Cut = append(o.Cut, trim.Module{Path: trim.Provider, Dir: m.Dir})
		case strings.HasPrefix(m.Path, awsServices):
			o.Cut = append(o.Cut, m)
		default:
			o.Readers = append(o.Readers, m)
		}
	}
	if o.Resources, o.DataSources, err = terraformTypes(filepath.Join(dir, "aws", "types.txt")); err != nil {
		return err
	}
	return trim.Run(o)
}

// terraformTypes reads the types to keep.
func terraformTypes(file string) (resources, dataSources []string, err error) {
	f, err := os.Open(file) //nolint:gosec // a file of the project
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		w := strings.Fields(lines.Text())
		switch {
		case len(w) != 3 || strings.HasPrefix(w[0], "#"):
		case strings.HasPrefix(w[2], "get"):
			dataSources = append(dataSources, w[0])
		default:
			resources = append(resources, w[0])
		}
	}
	return resources, dataSources, lines.Err()
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
		if semver.Major(v) == semver.Major(oldest) && semver.Compare(v, oldest) >= 0 && exists(plugin) {
			return plugin
		}
	}
	return ""
}
