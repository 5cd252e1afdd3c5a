// Package bucket reads and writes objects of the events bucket, including objects
// whose keys XML cannot represent.
package bucket

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// AtOnce is how many objects are read concurrently.
const AtOnce = 8

// Bucket is one bucket. Keys do not include its name.
type Bucket struct {
	S3   *s3.Client
	Name string
}

// URL returns the s3:// URL of an object.
func (b Bucket) URL(key string) string { return "s3://" + b.Name + "/" + key }

// Key returns the key of an object of the bucket from its key or its s3:// URL.
func (b Bucket) Key(object string) string { return strings.TrimPrefix(object, b.URL("")) }

// List calls visit with the objects under a prefix, up to 1000 at a time, in the
// order of their keys. It requests encoded keys, because one key with characters
// that XML cannot represent would make the whole listing unreadable.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (b Bucket) List(ctx context.Context, prefix string, visit func([]types.Object)) error {
	pages := s3.NewListObjectsV2Paginator(b.S3, &s3.ListObjectsV2Input{
		Bucket: &b.Name, Prefix: &prefix, EncodingType: types.EncodingTypeUrl,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list %s: %w", b.URL(prefix), err)
		}
		for i, object := range page.Contents {
			key, err := url.QueryUnescape(aws.ToString(object.Key))
			if err != nil {
				return fmt.Errorf("list %s: key %q: %w", b.URL(prefix), aws.ToString(object.Key), err)
			}
			page.Contents[i].Key = &key
		}
		visit(page.Contents)
	}
	return nil
}

// Each calls read with the keys under a prefix, several concurrently, until a call
// fails.
func (b Bucket) Each(ctx context.Context, prefix string, read func(ctx context.Context, key string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(AtOnce)
	listed := b.List(ctx, prefix, func(objects []types.Object) {
		for _, object := range objects {
			group.Go(func() error { return read(ctx, aws.ToString(object.Key)) })
		}
	})
	return cmp.Or(group.Wait(), listed)
}

// Open opens an object. Its version is the ETag without quotes, as in the job's ledger.
func (b Bucket) Open(ctx context.Context, key string) (body io.ReadCloser, version string, err error) {
	out, err := b.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key})
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", b.URL(key), err)
	}
	return out.Body, versionOf(out.ETag), nil
}

// Version returns the version of an object, "" if it does not exist.
func (b Bucket) Version(ctx context.Context, key string) (string, error) {
	out, err := b.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.Name, Key: &key})
	var notFound *types.NotFound
	if errors.As(err, &notFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", b.URL(key), err)
	}
	return versionOf(out.ETag), nil
}

func versionOf(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// PutNew stores an object unless its key exists, and returns the stored version.
// The key must be derived from the content: the job would read another copy
// again, because its ETag can differ.
func (b Bucket) PutNew(ctx context.Context, key string, body []byte) (version string, err error) {
	version, err = b.Version(ctx, key)
	if err != nil || version != "" {
		return version, err
	}
	out, err := b.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		return "", fmt.Errorf("store %s: %w", b.URL(key), err)
	}
	return versionOf(out.ETag), nil
}

// Move renames an object. It fails if the object no longer has the ETag.
func (b Bucket) Move(ctx context.Context, from, etag, to string) error {
	if _, err := b.S3.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &b.Name, Key: &to, CopySource: aws.String(b.copySource(from)), CopySourceIfMatch: &etag,
	}); err != nil {
		return fmt.Errorf("copy %s to %s: %w", b.URL(from), to, err)
	}
	if _, err := b.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: &from}); err != nil {
		return fmt.Errorf("delete %s: %w", b.URL(from), err)
	}
	return nil
}

// copySource returns the source of a CopyObject request, in which S3 decodes a plus sign as a space:
// https://github.com/aws/aws-cli/issues/614
func (b Bucket) copySource(key string) string {
	parts := strings.Split(key, "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(url.QueryEscape(part), "+", "%20")
	}
	return b.Name + "/" + strings.Join(parts, "/")
}

// Lines calls visit with the lines of an object, without their line feeds. A line
// is valid during the call only.
func (b Bucket) Lines(ctx context.Context, key string, visit func([]byte) error) error {
	body, _, err := b.Open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if err := eachLine(body, visit); err != nil {
		return fmt.Errorf("read %s: %w", b.URL(key), err)
	}
	return nil
}

func eachLine(in io.Reader, visit func([]byte) error) error {
	buffered := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := buffered.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 0 {
			if err := visit(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}
