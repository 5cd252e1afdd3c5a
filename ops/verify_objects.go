package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"store-events/schema"
)

// scan is what one event object holds.
type scan struct {
	object, version string
	keys            []scannedKey
	bad             []badRun
	// whole is the key of an event that damage to the object ends, "" if there is
	// none: the job may have read the end of its line.
	whole string
}

type scannedKey struct {
	key  string
	line int
}

// readEvents reads the objects of all streams.
func (o *Ops) readEvents(ctx context.Context, c *census) error {
	for _, s := range o.contract.Streams {
		err := o.eachObject(ctx, s.Name+"/", func(ctx context.Context, key string) error {
			if hidden(key) {
				return nil
			}
			found, err := o.scan(ctx, c.job.contract, key)
			if reason := o.unreadable(ctx, key, err); reason != "" {
				c.unread(key, reason)
				return nil
			}
			if err != nil {
				return err
			}
			c.object(found)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forbidden is the reason of objects that the caller may not read.
const forbidden = "forbidden"

// unreadable is why an object cannot be read now, "" for other errors: it is
// archived, was deleted after it was listed, or a policy of the bucket or of its
// key forbids it to the caller. The job has the same reasons.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (o *Ops) unreadable(ctx context.Context, key string, err error) string {
	var archived *types.InvalidObjectState
	var gone *types.NoSuchKey
	var refused smithy.APIError
	switch {
	case errors.As(err, &archived):
		return "archived"
	case errors.As(err, &gone):
		return "gone"
	case errors.As(err, &refused) && refused.ErrorCode() == "AccessDenied":
		return forbidden
	}
	// The body of an answer names the key, and a key with control characters makes
	// it invalid XML: only the status can be read then.
	var answer *http.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() == 403 {
		if o.archived(ctx, key) {
			return "archived"
		}
		return forbidden
	}
	return ""
}

// archived reports whether an object has to be restored before it can be read.
func (o *Ops) archived(ctx context.Context, key string) bool {
	head, err := o.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(o.stack.Bucket), Key: aws.String(key)})
	if err != nil {
		return false
	}
	return head.StorageClass == types.StorageClassGlacier || head.StorageClass == types.StorageClassDeepArchive || head.ArchiveStatus != ""
}

func (o *Ops) scan(ctx context.Context, contract schema.Contract, key string) (scan, error) {
	body, version, err := o.open(ctx, key)
	if err != nil {
		return scan{}, err
	}
	defer func() { _ = body.Close() }()
	found := scan{object: key, version: version}
	err = unpack(body, func(line sourceLine) error {
		found.add(contract, line)
		return nil
	})
	if err != nil {
		return scan{}, fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return found, nil
}

func (s *scan) add(contract schema.Contract, line sourceLine) {
	key := ""
	if line.reason == "" {
		key, line.reason = contract.Check(line.text)
	}
	switch line.reason {
	case "":
		s.keys = append(s.keys, scannedKey{key, line.number})
		return
	case schema.ReasonBlank:
		return
	case reasonCutShort:
		s.whole, _ = contract.Check(line.text)
	}
	s.bad = join(s.bad, newBadRun(line.number, line.reason, line.text, line.size))
}

// hidden reports whether Spark skips an object: a name, or a folder's, that
// begins with an underscore or a dot, and the empty marks of folders.
func hidden(key string) bool {
	if strings.HasSuffix(key, "/") {
		return true
	}
	for _, name := range strings.Split(key, "/") {
		if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			return true
		}
	}
	return false
}
