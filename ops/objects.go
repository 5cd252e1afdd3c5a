package ops

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// readers is how many objects are read at once.
const readers = 8

// eachPage calls visit with the objects under prefix, up to 1000 at a time,
// until ctx ends. It asks for encoded keys: a key may have characters that XML
// cannot carry, and one such key would make the whole listing unreadable.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (o *Ops) eachPage(ctx context.Context, prefix string, visit func([]types.Object)) error {
	pages := s3.NewListObjectsV2Paginator(o.s3, &s3.ListObjectsV2Input{
		Bucket: aws.String(o.stack.Bucket), Prefix: aws.String(prefix), EncodingType: types.EncodingTypeUrl,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list s3://%s/%s: %w", o.stack.Bucket, prefix, err)
		}
		for i, object := range page.Contents {
			key, err := url.QueryUnescape(aws.ToString(object.Key))
			if err != nil {
				return fmt.Errorf("list s3://%s/%s: key %q: %w", o.stack.Bucket, prefix, aws.ToString(object.Key), err)
			}
			page.Contents[i].Key = aws.String(key)
		}
		visit(page.Contents)
	}
	return nil
}

// eachObject calls read for the keys under prefix, a few at once, until one
// fails.
func (o *Ops) eachObject(ctx context.Context, prefix string, read func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	listed := o.eachPage(ctx, prefix, func(objects []types.Object) {
		for _, object := range objects {
			group.Go(func() error { return read(ctx, aws.ToString(object.Key)) })
		}
	})
	return cmp.Or(group.Wait(), listed)
}

// eachLine calls visit with the lines of an object of the job's, without their
// line feeds. A line is valid during the call only.
func (o *Ops) eachLine(ctx context.Context, key string, visit func([]byte) error) error {
	body, _, err := o.open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if err := lines(body, visit); err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return nil
}

// open reads an object; version is its ETag without quotes, as the job knows it.
func (o *Ops) open(ctx context.Context, key string) (body io.ReadCloser, version string, err error) {
	out, err := o.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(o.stack.Bucket), Key: aws.String(key)})
	if err != nil {
		return nil, "", fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return out.Body, strings.Trim(aws.ToString(out.ETag), `"`), nil
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
