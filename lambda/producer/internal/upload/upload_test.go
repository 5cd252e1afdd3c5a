package upload

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"store-events/lambda/producer/internal/batch"
	"store-events/lambda/producer/internal/event"
	"store-events/lambda/producer/internal/s3test"
	"store-events/schema"
)

// objects returns n objects with one event each.
func objects(t *testing.T, n int) []*batch.Object {
	b, g := batch.New(schema.Load(), "r", 1, false), event.NewGenerator(1, 0)
	var out []*batch.Object
	for range n {
		e := g.Next(time.Now())
		o, err := b.Add(&e)
		require.NoError(t, err)
		out = append(out, o)
	}
	return out
}

func uploader(client Putter) *Uploader {
	u := New(client, "events", slog.New(slog.DiscardHandler))
	u.FirstWait = time.Millisecond
	return u
}

func TestStoresAndCounts(t *testing.T) {
	server, client := s3test.New(t)
	u, want := uploader(client), event.Tally{}
	for _, o := range objects(t, 30) {
		u.Store(t.Context(), o)
		want.Add(o.Tally)
	}
	got, err := u.Wait()
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Len(t, server.Objects(), 30)
}

// put is an S3 client that records the last upload.
type put struct{ inputs []*s3.PutObjectInput }

func (p *put) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	p.inputs = append(p.inputs, in)
	return &s3.PutObjectOutput{}, nil
}

func TestObjectIsStoredUnchanged(t *testing.T) {
	o, stored := objects(t, 1)[0], &put{}
	u := New(stored, "events", slog.New(slog.DiscardHandler))
	require.Equal(t, 200*time.Millisecond, u.FirstWait)
	u.Store(t.Context(), o)
	_, err := u.Wait()
	require.NoError(t, err)
	require.Len(t, stored.inputs, 1)
	in := stored.inputs[0]
	require.Equal(t, []string{"events", o.Key, o.ContentType()}, []string{*in.Bucket, *in.Key, *in.ContentType})
	body, err := io.ReadAll(in.Body)
	require.NoError(t, err)
	want, err := o.Body()
	require.NoError(t, err)
	require.NotEmpty(t, body)
	require.Equal(t, want, body)
}

func TestFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		status func(n int) int
		puts   int
		stored bool
	}{
		"busy, then fine": {func(n int) int { return []int{0, 503, 500, 200}[n] }, 3, true},
		"broken":          {func(int) int { return 500 }, tries, false},
		"denied":          {func(int) int { return 403 }, 1, false},
		"no bucket":       {func(int) int { return 404 }, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			server, client := s3test.New(t)
			all := objects(t, 2)
			victim := all[0].Key
			server.Fail = func(key string, n int) int {
				if key != victim {
					return http.StatusOK
				}
				return tc.status(n)
			}
			u := uploader(client)
			for _, o := range all {
				u.Store(t.Context(), o)
			}
			got, err := u.Wait()
			require.Equal(t, tc.puts, server.Puts(victim))
			require.Equal(t, !tc.stored, u.Failed())
			if tc.stored {
				require.NoError(t, err)
				require.Equal(t, 2, got.Events)
				return
			}
			require.ErrorContains(t, err, "1 objects could not be stored")
			require.ErrorContains(t, err, "s3://events/"+victim)
			require.Equal(t, all[1].Tally, got)
			require.NotContains(t, server.Objects(), victim)
		})
	}
}

func TestCanceledContextIsNotRetried(t *testing.T) {
	_, client := s3test.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := uploader(client)
	u.Store(ctx, objects(t, 1)[0])
	_, err := u.Wait()
	require.ErrorIs(t, err, context.Canceled)
}

// slowPutter counts concurrent uploads.
type slowPutter struct {
	mu        sync.Mutex
	now, most int
}

func (p *slowPutter) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	p.mu.Lock()
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
	p.mu.Lock()
	p.now--
	p.mu.Unlock()
	return &s3.PutObjectOutput{}, nil
}

func TestUploadsAreConcurrentAndBounded(t *testing.T) {
	p := &slowPutter{}
	u := uploader(p)
	for _, o := range objects(t, 60) {
		u.Store(t.Context(), o)
	}
	_, err := u.Wait()
	require.NoError(t, err)
	require.LessOrEqual(t, p.most, concurrency)
	require.Greater(t, p.most, 1)
}
