// Package upload stores objects in the events bucket with limited concurrency.
package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"store-events/lambda/producer/internal/batch"
	"store-events/lambda/producer/internal/event"
)

const (
	concurrency = 8
	// inFlight limits the bytes of concurrent uploads.
	inFlight = 64 << 20
	tries    = 5
)

// Putter is the part of the S3 client that Uploader uses.
type Putter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Uploader stores the objects of one run, and counts their events.
type Uploader struct {
	client Putter
	bucket string
	log    *slog.Logger
	// FirstWait is the wait before the first retry, which then grows exponentially.
	FirstWait time.Duration

	bytes  *semaphore.Weighted
	group  errgroup.Group
	mu     sync.Mutex
	stored event.Tally
	errs   []error
}

// New returns an uploader for one run.
func New(client Putter, bucket string, log *slog.Logger) *Uploader {
	u := &Uploader{client: client, bucket: bucket, log: log, FirstWait: 200 * time.Millisecond, bytes: semaphore.NewWeighted(inFlight)}
	u.group.SetLimit(concurrency)
	return u
}

// Store starts to upload an object. It blocks while too many uploads are in progress,
// which limits the memory of a run.
func (u *Uploader) Store(ctx context.Context, o *batch.Object) {
	weight := min(o.Size(), inFlight)
	if err := u.bytes.Acquire(ctx, weight); err != nil {
		u.record(o, fmt.Errorf("store s3://%s/%s: %w", u.bucket, o.Key, err))
		return
	}
	u.group.Go(func() error {
		defer u.bytes.Release(weight)
		u.record(o, u.put(ctx, o))
		return nil
	})
}

// Failed reports whether an upload has failed permanently.
func (u *Uploader) Failed() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.errs) > 0
}

// Wait waits for all uploads. It returns the tally of stored events, and an error with
// the number of failed uploads and the first error.
func (u *Uploader) Wait() (event.Tally, error) {
	_ = u.group.Wait() // Always nil: u.errs has the errors.
	if len(u.errs) == 0 {
		return u.stored, nil
	}
	return u.stored, fmt.Errorf("%d objects could not be stored, the first one: %w", len(u.errs), u.errs[0])
}

func (u *Uploader) record(o *batch.Object, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err != nil {
		u.log.Error("cannot store an object", "key", o.Key, "events", o.Tally.Events, "error", err)
		u.errs = append(u.errs, err)
		return
	}
	u.log.Debug("stored an object", "key", o.Key, "events", o.Tally.Events)
	u.stored.Add(o.Tally)
}

// put stores one object. It is idempotent, so that it can retry after a lost response.
func (u *Uploader) put(ctx context.Context, o *batch.Object) error {
	body, err := o.Body()
	if err != nil {
		return err
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = u.FirstWait
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		return struct{}{}, u.try(ctx, o, body)
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(tries), backoff.WithNotify(func(err error, d time.Duration) {
		u.log.Warn("retrying an upload", "key", o.Key, "wait", d.String(), "error", err)
	}))
	if err != nil {
		return fmt.Errorf("store s3://%s/%s: %w", u.bucket, o.Key, err)
	}
	return nil
}

var retryable = retry.NewStandard()

func (u *Uploader) try(ctx context.Context, o *batch.Object, body []byte) error {
	_, err := u.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:      aws.String(u.bucket),
		Key:         aws.String(o.Key),
		Body:        bytes.NewReader(body),
		ContentType: aws.String(o.ContentType()),
	}, func(opts *s3.Options) { opts.Retryer = aws.NopRetryer{} }) // put retries.
	if err == nil || ctx.Err() == nil && retryable.IsErrorRetryable(err) {
		return err
	}
	return backoff.Permanent(errors.Join(err, ctx.Err()))
}
