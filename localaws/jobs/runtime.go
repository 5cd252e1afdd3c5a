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

// Runtime is the Python and Spark of a Glue version.
type Runtime struct {
	// Python is an interpreter whose environment contains only PySpark and Glue's packages.
	Python string
	// JarsDir contains the jars on Spark's class path.
	JarsDir string
}

// runtimeOf returns the runtime of a job's Glue version, or a scriptError if it is unsupported or not installed. It
// does not use another version, because the job could behave differently on AWS.
func (s *Service) runtimeOf(job Job) (Runtime, error) {
	version := job.GlueVersion
	if job.Command.Name == kindPython {
		version = defaultGlueVersion // Python shell jobs have other versions, without Spark.
	}
	rt, known := s.opts.Runtimes[version]
	if !known {
		return Runtime{}, &scriptError{fmt.Sprintf("LAUNCH ERROR | Glue %s is not supported on this machine, only %s",
			version, strings.Join(slices.Sorted(maps.Keys(s.opts.Runtimes)), " and "))}
	}
	for _, path := range []string{rt.Python, rt.JarsDir} {
		if _, err := os.Stat(path); path == "" || err != nil {
			return Runtime{}, &scriptError{fmt.Sprintf("LAUNCH ERROR | the Spark of Glue %s is not installed: %s", version, s.opts.InstallAdvice)}
		}
	}
	return rt, nil
}

// pyspark returns the folder of the package, without symbolic links, because environments may share it.
func (r Runtime) pyspark() (string, error) {
	pattern := filepath.Join(filepath.Dir(filepath.Dir(r.Python)), "lib", "python3*", "site-packages", "pyspark")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("no PySpark at %s", pattern)
	}
	return filepath.EvalSymlinks(found[0])
}

// classes returns Java's options for the class data archive of Spark, or "" without the file, for which Java would
// disable its default archive too.
// https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
func (r Runtime) classes() string {
	archive := filepath.Join(r.JarsDir, "classes.jsa")
	if _, err := os.Stat(archive); err != nil {
		return ""
	}
	return "-XX:SharedArchiveFile=" + archive + " -Xlog:cds=off"
}

// spark returns the versions of Scala and Spark, from jar names like spark-core_2.13-4.1.1.jar.
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

// environment returns the environment variables that depend on the Glue version. Without the version of Scala, Spark
// searches for the folders of a source build.
func (r Runtime) environment() ([]string, error) {
	scala, _, err := r.spark()
	if err != nil {
		return nil, err
	}
	return []string{"PYSPARK_PYTHON=" + r.Python, "PYSPARK_DRIVER_PYTHON=" + r.Python, "SPARK_SCALA_VERSION=" + scala}, nil
}

// proxyFilter returns the filter class that restricts Spark's web UI to a proxy. Spark 4 has its own class, because its
// web server does not support Hadoop's.
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

// prepareSpark creates a SPARK_HOME for the run, because Spark creates the working folders of executors in it, and a
// folder of packages that contains only awsglue.
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

// installModules unpacks the wheels of --additional-python-modules, which Glue installs with pip, to a folder from
// which driver and executors import. It rejects package names, because runs do not download packages.
// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
func (s *Service) installModules(ctx context.Context, list string, dir folder) error {
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if !strings.HasPrefix(item, "s3://") || !strings.HasSuffix(item, ".whl") {
			return &scriptError{fmt.Sprintf("LAUNCH ERROR | --additional-python-modules: %q is not a wheel in S3; runs on this machine do not download packages", item)}
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

// unpackWheel unpacks a pure or binary wheel.
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
			return fmt.Errorf("the wheel contains %q, a path outside its folder", f.Name)
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
