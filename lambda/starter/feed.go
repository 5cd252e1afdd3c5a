package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"store-events/schema"
)

// storage is the part of the S3 client that the feed uses.
type storage interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// feed lists new objects for the job. It writes a file for each batch of events, and
// the job deletes the files whose objects it has loaded.
type feed struct {
	storage storage
	bucket  string
}

// file is a file of the feed, which glue/store_events/source/feed.py reads.
type file struct {
	Keys []string `json:"keys"`
	// Unknown is the number of unusable events. If it is not 0, the job lists all objects.
	Unknown int `json:"unknown,omitempty"`
}

// arrival is the part of S3's event that the feed uses. Its key is not URL-encoded:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
type arrival struct {
	Source string `json:"source"`
	Detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key string `json:"key"`
		} `json:"object"`
	} `json:"detail"`
}

// fileOf returns the file for a batch of events. Events about another bucket, or about
// an object outside of the streams, are not from the stack's rule and count as unknown.
func (f feed) fileOf(arrivals []events.SQSMessage) file {
	found := file{Keys: []string{}}
	for _, m := range arrivals {
		var a arrival
		err := json.Unmarshal([]byte(m.Body), &a)
		if err != nil || a.Detail.Bucket.Name != f.bucket || !ofStream(a.Detail.Object.Key) {
			found.Unknown++
			continue
		}
		found.Keys = append(found.Keys, a.Detail.Object.Key)
	}
	slices.Sort(found.Keys)
	found.Keys = slices.Compact(found.Keys)
	return found
}

func ofStream(key string) bool {
	return slices.ContainsFunc(schema.Load().Streams, func(s schema.Stream) bool { return strings.HasPrefix(key, s.Name+"/") })
}

// add stores a file. Its name begins with the time, so that a listing is sorted by age.
func (f feed) add(ctx context.Context, content file, now time.Time) error {
	body, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("file of the feed: %w", err)
	}
	key := f.prefix() + stamp(now) + "-" + uuid.NewString() + ".json"
	_, err = f.storage.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &f.bucket, Key: &key, Body: bytes.NewReader(body), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return nil
}

// empty reports whether the feed has no files, so that the job has loaded all objects.
func (f feed) empty(ctx context.Context) (bool, error) { return f.emptyAfter(ctx, nil) }

// emptySince reports whether no file was added after a time.
func (f feed) emptySince(ctx context.Context, t time.Time) (bool, error) {
	return f.emptyAfter(ctx, aws.String(f.prefix()+stamp(t)))
}

func (f feed) emptyAfter(ctx context.Context, key *string) (bool, error) {
	found, err := f.storage.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &f.bucket, Prefix: aws.String(f.prefix()), MaxKeys: aws.Int32(1), StartAfter: key,
	})
	if err != nil {
		return false, fmt.Errorf("list the feed: %w", err)
	}
	return len(found.Contents) == 0, nil
}

// stamp formats a time for the names of files, which sort by time.
func stamp(t time.Time) string { return t.UTC().Format("20060102T150405.000Z") }

func (f feed) prefix() string { return schema.Load().Prefixes.Feed + "/" }

// reminderSource is the source of the starter's own messages.
const reminderSource = "store-events.starter"

// reminder returns the body of a message that makes the starter check the feed again.
func reminder() string { return `{"source":"` + reminderSource + `"}` }

// isReminder reports whether a message is a reminder.
func isReminder(m events.SQSMessage) bool {
	var a arrival
	return json.Unmarshal([]byte(m.Body), &a) == nil && a.Source == reminderSource
}

var errNoMessages = errors.New("the batch has no message")
