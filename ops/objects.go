package ops

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"
)

// readers is how many objects are read at once.
const readers = 8

// eachPage calls visit with the keys under prefix, up to 1000 at a time, until
// ctx ends.
func (o *Ops) eachPage(ctx context.Context, prefix string, visit func(keys []string)) error {
	pages := s3.NewListObjectsV2Paginator(o.s3, &s3.ListObjectsV2Input{Bucket: aws.String(o.stack.Bucket), Prefix: aws.String(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list s3://%s/%s: %w", o.stack.Bucket, prefix, err)
		}
		keys := make([]string, len(page.Contents))
		for i, object := range page.Contents {
			keys[i] = aws.ToString(object.Key)
		}
		visit(keys)
	}
	return nil
}

// eachObject calls read for the keys under prefix, a few at once, until one
// fails.
func (o *Ops) eachObject(ctx context.Context, prefix string, read func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	listed := o.eachPage(ctx, prefix, func(keys []string) {
		for _, key := range keys {
			group.Go(func() error { return read(ctx, key) })
		}
	})
	return cmp.Or(group.Wait(), listed)
}

// eachLine calls visit with the lines of an object, without their line feeds.
// A line is valid during the call only.
func (o *Ops) eachLine(ctx context.Context, key string, visit func([]byte) error) error {
	out, err := o.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(o.stack.Bucket), Key: aws.String(key)})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }()
	var in io.Reader = out.Body
	if path.Ext(key) == ".gz" {
		if in, err = gzip.NewReader(in); err != nil {
			return fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
		}
	}
	if err := lines(in, visit); err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return nil
}

func lines(in io.Reader, visit func([]byte) error) error {
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
