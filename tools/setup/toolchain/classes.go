package toolchain

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// classesFile is the archive of Spark's classes, beside its connectors, where the local
// Glue expects it.
const classesFile = "classes.jsa"

//go:embed classes.py
var useClasses string

// classes archives the classes that jobs load, in the format that Java maps into memory: a
// run then needs two thirds of the processor time to start. Creating the archive takes the
// time that ten runs save, so that it is only created on request.
// https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
func (t *toolchain) classes() step {
	archive := t.in("jars", classesFile)
	return step{
		name:     StepClasses,
		about:    "archive of Spark's classes",
		needs:    []string{StepGlue, StepJars, StepJava},
		onDemand: true,
		wanted:   func() bool { return t.named[StepClasses] },
		inputs: func() (inputs, error) {
			return inputs{
				Recipe: "classes 1 " + t.cache + useClasses,
				Files:  []string{t.lockFile("glue"), t.pom()},
			}, nil
		},
		outputs: []string{archive},
		stale:   func() bool { return t.olderThanSpark(archive) },
		build:   t.archiveClasses,
	}
}

// olderThanSpark reports whether Spark was installed after a file was written: Java only
// accepts an archive with unchanged jars.
func (t *toolchain) olderThanSpark(file string) bool {
	made, err := os.Stat(file)
	if err != nil {
		return true
	}
	jars, err := t.sparkJars()
	if err != nil {
		return true
	}
	installed, err := os.Stat(jars)
	return err != nil || made.ModTime().Before(installed.ModTime())
}

// sparkJars returns the folder of Spark's jars, which all environments share.
func (t *toolchain) sparkJars() (string, error) {
	found, err := filepath.Glob(t.in("venv", "lib", "python3.*", "site-packages", "pyspark", "jars"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("archive of Spark's classes: %d folders of jars in %s", len(found), t.in("venv"))
	}
	return filepath.EvalSymlinks(found[0])
}

// archiveClasses runs a typical job, and archives the classes that it loaded.
func (t *toolchain) archiveClasses(ctx context.Context, j *job) error {
	jars, err := t.sparkJars()
	if err != nil {
		return err
	}
	work := t.in("build", "classes")
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("archive of Spark's classes: %w", err)
	}
	if err := os.MkdirAll(work, 0o755); err != nil { //nolint:gosec // a cache of public tools
		return fmt.Errorf("archive of Spark's classes: %w", err)
	}
	list, archive, script := filepath.Join(work, "list"), filepath.Join(work, classesFile), filepath.Join(work, "classes.py")
	// As in localaws/awsglue/spark-defaults.conf: the archive requires the same prefix of the class path.
	path := t.in("jars") + "/*:" + jars + "/*"
	settings := strings.Join([]string{
		"spark.master local[2]",
		"spark.driver.host 127.0.0.1",
		"spark.driver.bindAddress 127.0.0.1",
		"spark.ui.enabled false",
		"spark.sql.warehouse.dir " + filepath.Join(work, "warehouse"),
		"spark.driver.extraClassPath " + path,
		"spark.driver.extraJavaOptions -XX:+UseSerialGC -XX:DumpLoadedClassList=" + list,
	}, "\n")
	for name, text := range map[string]string{script: useClasses, filepath.Join(work, "spark-defaults.conf"): settings} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil { //nolint:gosec // the same
			return fmt.Errorf("archive of Spark's classes: %w", err)
		}
	}
	python := t.in("glue", "bin", "python")
	java := t.javaHome(ctx)
	run := command{dir: work, args: []string{python, script}, env: []string{
		"SPARK_CONF_DIR=" + work, "SPARK_HOME=" + filepath.Dir(jars), "SPARK_LOCAL_IP=127.0.0.1", "SPARK_LOCAL_DIRS=" + work,
		"JAVA_HOME=" + java, "PYSPARK_PYTHON=" + python, "PYTHONPATH=",
	}}
	if err := j.run(ctx, run); err != nil {
		return err
	}
	dump := command{dir: work, args: []string{
		filepath.Join(java, "bin", "java"), "-Xshare:dump", "-XX:+UseSerialGC",
		"-XX:SharedClassListFile=" + list, "-XX:SharedArchiveFile=" + archive, "-cp", path,
	}}
	if err := j.run(ctx, dump); err != nil {
		return err
	}
	// Atomically: a process that maps an incomplete archive crashes.
	if err := os.Rename(archive, t.in("jars", classesFile)); err != nil {
		return fmt.Errorf("archive of Spark's classes: %w", err)
	}
	return os.RemoveAll(work)
}
