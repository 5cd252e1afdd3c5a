package toolchain

import (
	"context"
	"path/filepath"
)

// The names of the steps.
const (
	StepPulumi    = "pulumi"
	StepProviders = "providers"
	StepProject   = "project"
	StepPython    = "python"
	StepJava      = "java"
	StepJars      = "jars"
)

// steps are all steps; of those that want the processor, the longest first.
func (t *toolchain) steps() []step {
	return []step{
		t.providers(),
		t.pulumi(),
		t.ownPrograms(),
		t.python(),
		t.java(),
		t.jars(),
	}
}

// in gives a path in the cache, and own one of the project's.
func (t *toolchain) in(elem ...string) string {
	return filepath.Join(append([]string{t.cache}, elem...)...)
}

func (t *toolchain) own(elem ...string) string {
	return filepath.Join(append([]string{t.project}, elem...)...)
}

// paths gives what the steps set up. A tool that is not there has its place.
func (t *toolchain) paths(ctx context.Context) Paths {
	pulumi := t.in("bin", "pulumi")
	if own := t.found(ctx, t.pulumi()); own != "" {
		pulumi = own
	}
	return Paths{
		Pulumi:      pulumi,
		PluginDir:   t.in("bin"),
		PolicyDir:   t.own("bin", "policy"),
		PolicyPack:  t.own("bin", "policy", policyPack),
		Python:      t.in("venv", "bin", "python"),
		Ministack:   t.in("venv", "bin", "ministack"),
		JavaHome:    t.javaHome(ctx),
		JarsDir:     t.in("jars"),
		MariaDB:     t.in("mariadb"),
		StoreEvents: t.own("bin", "storeevents"),
		AwsglueDir:  t.own("local", "awsglue"),
	}
}
