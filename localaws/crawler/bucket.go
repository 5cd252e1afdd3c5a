package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucketReader lists and reads objects in S3.
type bucketReader struct{ client *s3.Client }

// list returns the objects at and below an include path, without archived objects, which cannot be read. It requests
// URL-encoded keys, because a control character would make the response invalid XML.
func (b bucketReader) list(ctx context.Context, in include) ([]object, error) {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{
		Bucket: aws.String(in.Bucket), Prefix: aws.String(in.Prefix), EncodingType: s3types.EncodingTypeUrl,
	})
	var out []object
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", in.url(in.Prefix), err)
		}
		for _, o := range page.Contents {
			if o.StorageClass == s3types.ObjectStorageClassGlacier || o.StorageClass == s3types.ObjectStorageClassDeepArchive {
				continue
			}
			key, err := url.QueryUnescape(aws.ToString(o.Key))
			if err != nil {
				return nil, fmt.Errorf("list %s: key %q: %w", in.url(in.Prefix), aws.ToString(o.Key), err)
			}
			out = append(out, object{
				Key: key, Size: aws.ToInt64(o.Size),
				Modified: aws.ToTime(o.LastModified), ETag: aws.ToString(o.ETag),
			})
		}
	}
	return out, nil
}

// Glue reads the first megabyte of an object, and up to ten if that contains no whole record.
const (
	firstRead = 1 << 20
	lastRead  = 10 << 20
)

// sample infers the schema from the beginning of an object, or from a Parquet object's footer.
func (b bucketReader) sample(ctx context.Context, bucket string, o object) (*sample, error) {
	for limit := int64(firstRead); ; limit = lastRead {
		data, err := b.read(ctx, bucket, o.Key, 0, min(limit, o.Size))
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(data[:min(4, len(data))]), "PAR1") {
			return inferParquet(&ranges{ctx, b, bucket, o.Key, o.Size}, o.Size)
		}
		s, err := classify(data, int64(len(data)) >= o.Size)
		if errors.Is(err, errTooShort) && limit < lastRead {
			continue
		}
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// read returns n bytes of an object from an offset.
func (b bucketReader) read(ctx context.Context, bucket, key string, offset, n int64) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key),
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+n-1)),
	})
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(out.Body, n))
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return data, nil
}

// ranges reads parts of an object.
type ranges struct {
	ctx         context.Context //nolint:containedctx // ReadAt has no context parameter.
	from        bucketReader
	bucket, key string
	size        int64
}

func (r *ranges) ReadAt(p []byte, offset int64) (int, error) {
	n := min(int64(len(p)), r.size-offset)
	if n <= 0 {
		return 0, io.EOF
	}
	data, err := r.from.read(r.ctx, r.bucket, r.key, offset, n)
	if err != nil {
		return 0, err
	}
	copied := copy(p, data)
	if copied < len(p) {
		return copied, io.EOF
	}
	return copied, nil
}
