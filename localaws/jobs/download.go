package jobs

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// fetchFiles downloads the objects in a comma-separated list of s3:// URLs to a folder. The file name is the last part
// of the key.
func (s *Service) fetchFiles(ctx context.Context, list, dir string) ([]string, error) {
	var files []string
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		file, err := s.fetch(ctx, item, dir)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (s *Service) fetch(ctx context.Context, location, dir string) (string, error) {
	bucket, key, err := splitURL(location)
	if err != nil {
		return "", err
	}
	out, err := s.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return "", &scriptError{fmt.Sprintf(
			"LAUNCH ERROR | Error downloading from S3 for bucket: %s, key: %s. Error description: %v", bucket, key, err)}
	}
	defer func() { _ = out.Body.Close() }()
	file := filepath.Join(dir, path.Base(key))
	if err := writeFile(file, out.Body); err != nil {
		return "", fmt.Errorf("download %s: %w", location, err)
	}
	return file, nil
}

func splitURL(location string) (bucket, key string, err error) {
	_, rest, found := strings.Cut(location, "://")
	bucket, key, whole := strings.Cut(rest, "/")
	scheme := strings.HasPrefix(location, "s3://") || strings.HasPrefix(location, "s3a://")
	if !found || !whole || !scheme || bucket == "" || key == "" || strings.HasSuffix(key, "/") || path.Base(key) == ".." || path.Base(key) == "." {
		return "", "", &scriptError{fmt.Sprintf("LAUNCH ERROR | %q is not the s3:// URL of an object", location)}
	}
	return bucket, key, nil
}

func writeFile(name string, content io.Reader) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // below the run's folder
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, content); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
