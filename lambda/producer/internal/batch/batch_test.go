package batch

import (
	"bytes"
	"compress/gzip"
	"io"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"store-events/lambda/producer/internal/event"
	"store-events/schema"
)

var nearMidnight = time.Date(2026, 5, 1, 23, 59, 59, 0, time.UTC)

// gather runs n events, one every 100 ms, through a batcher.
func gather(t require.TestingT, seed uint64, n, size int, zip bool) (objects []*Object, lines []string) {
	b, g := New(schema.Load(), "abcd1234", size, zip), event.NewGenerator(seed, 0.2)
	for i := range n {
		e := g.Next(nearMidnight.Add(time.Duration(i) * 100 * time.Millisecond))
		lines = append(lines, string(e.Append(nil)))
		o, err := b.Add(&e)
		require.NoError(t, err)
		if o != nil {
			require.Equal(t, size, o.Tally.Events)
			objects = append(objects, o)
		}
	}
	return append(objects, b.Flush()...), lines
}

func TestEveryEventIsInOneObject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, size := rapid.IntRange(0, 80).Draw(t, "events"), rapid.IntRange(1, 30).Draw(t, "size")
		objects, want := gather(t, rapid.Uint64().Draw(t, "seed"), n, size, false)
		keys, got, tally := map[string]bool{}, []string{}, event.Tally{}
		for _, o := range objects {
			require.False(t, keys[o.Key], "%s twice", o.Key)
			keys[o.Key] = true
			body, err := o.Body()
			require.NoError(t, err)
			require.LessOrEqual(t, o.Tally.Events, size)
			require.Equal(t, o.Tally.Events, bytes.Count(body, []byte("\n")))
			for line := range strings.Lines(string(body)) {
				got = append(got, line)
				requirePlace(t, o.Key, line)
			}
			tally.Add(o.Tally)
		}
		require.ElementsMatch(t, want, got)
		require.Equal(t, n, tally.Events)
	})
}

// requirePlace checks that a line belongs to the stream and day of its key.
func requirePlace(t require.TestingT, key, line string) {
	stream, day, _ := strings.Cut(path.Dir(key), "/dt=")
	require.Contains(t, line, `"event_type":"`+strings.TrimSuffix(stream, "s")+`"`)
	require.Contains(t, line, `"ts":"`+day+`T`)
}

func TestNames(t *testing.T) {
	objects, _ := gather(t, 1, 40, 5, true)
	days := map[string]bool{}
	for _, o := range objects {
		require.Regexp(t, `^[a-z_]+/dt=2026-05-0[12]/events-2026050[12]T\d{6}Z-abcd1234-\d{6}\.json\.gz$`, o.Key)
		require.Equal(t, "application/gzip", o.ContentType())
		days[o.Key[strings.Index(o.Key, "dt="):][:13]] = true
	}
	require.Len(t, days, 2, "events before and after midnight")
}

func TestGzipIsReproducibleAndComplete(t *testing.T) {
	a, _ := gather(t, 7, 30, 50, true)
	plain, _ := gather(t, 7, 30, 50, false)
	bodies := map[string]string{}
	for _, o := range plain {
		body, err := o.Body()
		require.NoError(t, err)
		bodies[path.Dir(o.Key)] = string(body)
	}
	for _, o := range a {
		first, err := o.Body()
		require.NoError(t, err)
		again, err := o.Body()
		require.NoError(t, err)
		require.Equal(t, first, again)
		r, err := gzip.NewReader(bytes.NewReader(first))
		require.NoError(t, err)
		require.True(t, r.ModTime.IsZero())
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, bodies[path.Dir(o.Key)], string(text))
	}
}

func TestFlushStoresEverything(t *testing.T) {
	b, g := New(schema.Load(), "x", 10, false), event.NewGenerator(1, 0)
	e := g.Next(nearMidnight)
	_, err := b.Add(&e)
	require.NoError(t, err)
	first := b.Flush()
	require.Len(t, first, 1)
	require.Equal(t, "application/x-ndjson", first[0].ContentType())
	require.Empty(t, b.Flush(), "an object is stored once")
}

func TestNamesAreInUTC(t *testing.T) {
	b, g := New(schema.Load(), "x", 1, false), event.NewGenerator(1, 0)
	e := g.Next(nearMidnight.In(time.FixedZone("", 7200)))
	o, err := b.Add(&e)
	require.NoError(t, err)
	require.Regexp(t, `/dt=2026-05-01/events-20260501T235959Z-x-000001\.json$`, o.Key)
}

func TestUnknownEventTypeIsAnError(t *testing.T) {
	_, err := New(schema.Load(), "x", 1, false).Add(&event.Event{Type: "refund_event"})
	require.ErrorContains(t, err, `"refund_event"`)
}

func BenchmarkBatch(b *testing.B) {
	for name, zip := range map[string]bool{"plain": false, "gzip": true} {
		b.Run(name, func(b *testing.B) {
			batcher, g := New(schema.Load(), "x", 1000, zip), event.NewGenerator(1, 0.1)
			for b.Loop() {
				e := g.Next(nearMidnight)
				o, err := batcher.Add(&e)
				require.NoError(b, err)
				if o == nil {
					continue
				}
				_, err = o.Body()
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
