package jobs

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// prepareSpark creates a SPARK_HOME for the run, because Spark keeps the working folders of executors below it,
// and a folder of packages that contains only awsglue.
func (s *Service) prepareSpark(dir folder) error {
	pattern := filepath.Join(filepath.Dir(filepath.Dir(s.opts.Python)), "lib", "python3*", "site-packages", "pyspark")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return fmt.Errorf("no PySpark at %s", pattern)
	}
	links := map[string]string{filepath.Join(dir.packages(), "awsglue"): filepath.Join(s.opts.AwsglueDir, "awsglue")}
	for _, part := range []string{"bin", "jars", "python"} {
		links[filepath.Join(dir.spark(), part)] = filepath.Join(found[0], part)
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
		if err := unpackFile(f, filepath.Join(target, f.Name)); err != nil {
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
