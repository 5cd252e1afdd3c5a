package ops

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// keysAtOnce bounds a statement: a command of Systems Manager has 64 KiB.
const keysAtOnce = 500

// countKeys counts those of the keys that are in the target table; each is
// given once.
func (o *Ops) countKeys(ctx context.Context, keys []string) (int, error) {
	exists, err := o.tableExists(ctx, o.stack.TargetTable)
	if err != nil || !exists {
		return 0, err
	}
	found := 0
	for some := range slices.Chunk(keys, keysAtOnce) {
		literals := make([]string, len(some))
		for i, k := range some {
			literals[i] = literal(k)
		}
		rows, err := o.Query(ctx, fmt.Sprintf("select count(*) from %s where %s in (%s)",
			identifier(o.stack.TargetTable), identifier(o.contract.Key), strings.Join(literals, ", ")))
		if err != nil {
			return 0, err
		}
		var n int
		if err := rows.numbers(&n); err != nil {
			return 0, err
		}
		found += n
	}
	return found, nil
}

// load stores objects and runs the job, unless the ledger has them all.
func (o *Ops) load(ctx context.Context, objects map[string][]byte) (*IngestResult, error) {
	loaded, err := o.loadedVersions(ctx)
	if err != nil {
		return nil, err
	}
	pending := false
	for key, body := range objects {
		version, err := o.store(ctx, key, body)
		if err != nil {
			return nil, err
		}
		pending = pending || !loaded[objectVersion{key, version}]
	}
	if !pending {
		return nil, nil // There is nothing to run for.
	}
	run, err := o.Ingest(ctx, IngestRequest{})
	return &run, err
}

// store puts an object whose name derives from what is in it, and gives its
// version. One that is there stays as it is: another copy might have another
// ETag, and be read again.
func (o *Ops) store(ctx context.Context, key string, body []byte) (version string, err error) {
	version, err = o.version(ctx, key)
	if err != nil || version != "" {
		return version, err
	}
	out, err := o.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(o.stack.Bucket), Key: aws.String(key), Body: bytes.NewReader(body)})
	if err != nil {
		return "", fmt.Errorf("store s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return strings.Trim(aws.ToString(out.ETag), `"`), nil
}
