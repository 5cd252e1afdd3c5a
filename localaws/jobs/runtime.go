package jobs

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Runtime is what jobs of a Glue version run with.
type Runtime struct {
	// Python has PySpark and the packages of Glue, and nothing else.
	Python string
	// JarsDir has the jars on Spark's class path.
	JarsDir string
}

// runtimeOf returns what a job runs with. It fails the run of a job whose Glue version is another one, or whose
// runtime is not installed: Spark of another version would not show what the job does on AWS.
func (s *Service) runtimeOf(job Job) (Runtime, error) {
	version := job.GlueVersion
	if job.Command.Name == kindPython {
		version = defaultGlueVersion // Their versions are others, and have no Spark.
	}
	rt, known := s.opts.Runtimes[version]
	if !known {
		return Runtime{}, &scriptError{fmt.Sprintf("LAUNCH ERROR | jobs of Glue %s do not run on this machine, only those of %s",
			version, strings.Join(slices.Sorted(maps.Keys(s.opts.Runtimes)), " and "))}
	}
	for _, path := range []string{rt.Python, rt.JarsDir} {
		if _, err := os.Stat(path); path == "" || err != nil {
			return Runtime{}, &scriptError{fmt.Sprintf("LAUNCH ERROR | the Spark of Glue %s is not installed: %s", version, s.opts.InstallAdvice)}
		}
	}
	return rt, nil
}

// pyspark returns the folder of the package, without links: environments may share it.
func (r Runtime) pyspark() (string, error) {
	pattern := filepath.Join(filepath.Dir(filepath.Dir(r.Python)), "lib", "python3*", "site-packages", "pyspark")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("no PySpark at %s", pattern)
	}
	return filepath.EvalSymlinks(found[0])
}

// classes returns Java's options for the archive of Spark's classes. Without one there are none: Java would go
// without its own archive, too.
// https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
func (r Runtime) classes() string {
	archive := filepath.Join(r.JarsDir, "classes.jsa")
	if _, err := os.Stat(archive); err != nil {
		return ""
	}
	return "-XX:SharedArchiveFile=" + archive + " -Xlog:cds=off"
}

// spark returns the versions of Scala and Spark: the jars are named after them, as spark-core_2.13-4.1.1.jar is.
func (r Runtime) spark() (scala, version string, err error) {
	folder, err := r.pyspark()
	if err != nil {
		return "", "", err
	}
	pattern := filepath.Join(folder, "jars", "spark-core_*.jar")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return "", "", fmt.Errorf("no Spark at %s", pattern)
	}
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), "spark-core_"), ".jar")
	scala, version, _ = strings.Cut(name, "-")
	return scala, version, nil
}

// environment returns the environment variables that depend on the Glue version. Without the version of Scala,
// Spark looks for the folders of a build.
func (r Runtime) environment() ([]string, error) {
	scala, _, err := r.spark()
	if err != nil {
		return nil, err
	}
	return []string{"PYSPARK_PYTHON=" + r.Python, "PYSPARK_DRIVER_PYTHON=" + r.Python, "SPARK_SCALA_VERSION=" + scala}, nil
}

// proxyFilter returns the class with which Spark's web pages answer a proxy only. Spark 4 has its own, as its web
// server takes no older ones.
func (r Runtime) proxyFilter() (string, error) {
	_, version, err := r.spark()
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(version, "3.") {
		return "org.apache.hadoop.yarn.server.webproxy.amfilter.AmIpFilter", nil
	}
	return "org.apache.spark.deploy.yarn.AmIpFilter", nil
}

// prepareSpark creates a SPARK_HOME for the run, because Spark keeps the working folders of executors below it,
// and a folder of packages that contains only awsglue.
func (s *Service) prepareSpark(rt Runtime, dir folder) error {
	pyspark, err := rt.pyspark()
	if err != nil {
		return err
	}
	links := map[string]string{filepath.Join(dir.packages(), "awsglue"): filepath.Join(s.opts.AwsglueDir, "awsglue")}
	for _, part := range []string{"bin", "jars", "python"} {
		links[filepath.Join(dir.spark(), part)] = filepath.Join(pyspark, part)
	}
	for link, target := range links {
		if err := os.Symlink(target, link); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("folder of a job run: %w", err)
		}
	}
	return nil
}

// installModules unpacks the wheels of --additional-python-modules where driver and executors import from, as
// Glue installs them with pip. It refuses packages by name, which would have to be downloaded.
// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
func (s *Service) installModules(ctx context.Context, list string, dir folder) error {
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if !strings.HasPrefix(item, "s3://") || !strings.HasSuffix(item, ".whl") {
			return &scriptError{fmt.Sprintf("LAUNCH ERROR | --additional-python-modules: %q is not a wheel in S3; runs on this machine download no packages", item)}
		}
		wheel, err := s.fetch(ctx, item, dir.tmp())
		if err != nil {
			return err
		}
		if err := unpackWheel(wheel, dir.modules()); err != nil {
			return &scriptError{fmt.Sprintf("LAUNCH ERROR | --additional-python-modules: %s: %v", item, err)}
		}
	}
	return nil
}

// unpackWheel accepts pure and binary wheels without files outside of packages.
func unpackWheel(wheel, target string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if !filepath.IsLocal(f.Name) {
			return fmt.Errorf("the name %q leaves the wheel", f.Name)
		}
		if err := unpackFile(f, filepath.Join(target, f.Name)); err != nil { //nolint:gosec // a local name, see above
			return err
		}
	}
	return nil
}

func unpackFile(f *zip.File, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	return writeFile(name, content)
}
