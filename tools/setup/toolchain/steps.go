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
	StepGlue      = "glue"
	StepGlue6     = "glue6"
	StepJava      = "java"
	StepJars      = "jars"
	StepClasses   = "classes"
	StepMySQL     = "mysql"
	StepMariaDB   = "mariadb"
)

// steps returns all steps, the longest first.
func (t *toolchain) steps() []step {
	return []step{
		t.providers(),
		t.pulumi(),
		t.ownPrograms(),
		t.python(),
		t.gluePython(),
		t.java(),
		t.jars(),
		t.classes(),
		t.glue6(),
		t.mysql(),
		t.mariadb(),
	}
}

// in returns a path in the cache, own a path in the project.
func (t *toolchain) in(elem ...string) string {
	return filepath.Join(append([]string{t.cache}, elem...)...)
}

func (t *toolchain) own(elem ...string) string {
	return filepath.Join(append([]string{t.project}, elem...)...)
}

// paths returns the paths of the tools. For a missing tool it is the path where it will be.
func (t *toolchain) paths(ctx context.Context) Paths {
	pulumi := t.in("bin", "pulumi")
	if own := t.found(ctx, t.pulumi()); own != "" {
		pulumi = own
	}
	return Paths{
		Pulumi:        pulumi,
		PluginDir:     t.in("bin"),
		PolicyDir:     t.own("bin", "policy"),
		PolicyPack:    t.own("bin", "policy", policyPack),
		Python:        t.in("venv", "bin", "python"),
		Ministack:     t.in("emulator", "bin", "ministack"),
		GluePython:    t.in("glue", "bin", "python"),
		Python6:       t.in("venv6", "bin", "python"),
		Glue6Python:   t.in("glue6", "bin", "python"),
		AwsglueWheels: t.in("awsglue"),
		Glue6JarsDir:  t.in("jars6"),
		JavaHome:      t.javaHome(ctx),
		JarsDir:       t.in("jars"),
		Database:      t.in("database", t.chosen().Folder),
		MariaDB:       t.in("database", mariaDBServer),
		LocalAWSTools: t.in(manifestFile),
		StoreEvents:   t.own("bin", "storeevents"),
	}
}
