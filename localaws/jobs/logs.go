package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

const (
	shipEvery    = time.Second
	shipDeadline = 10 * time.Second
	// About half of PutLogEvents' limits on a request:
	// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
	batchBytes  = 512 << 10
	batchEvents = 5000
	eventBytes  = 200 << 10
	eventCost   = 26
)

// shipLogs copies the output of a run to CloudWatch Logs, with the run's role, until the returned function is called.
// It continues when the run's context ends. Errors do not fail the run, because the files contain the logs too.
func (s *Service) shipLogs(ctx context.Context, p script) (stop func()) {
	ctx = context.WithoutCancel(ctx)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		out := &logStream{client: s.logs, group: p.logs.output, stream: p.logs.driver, file: p.dir.output()}
		errs := &logStream{client: s.logs, group: p.logs.errors, stream: p.logs.driver, file: p.dir.errors()}
		for {
			last := sleep(quit, shipEvery)
			sending, cancel := context.WithTimeout(ctx, shipDeadline)
			err := errors.Join(out.ship(sending, last), errs.ship(sending, last))
			cancel()
			if err != nil {
				s.opts.Log.Warn("send a run's log", "run", p.runID, "error", err)
			}
			if last {
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// sleep waits for d, and reports whether quit was closed before.
func sleep(quit <-chan struct{}, d time.Duration) bool {
	select {
	case <-quit:
		return true
	case <-time.After(d):
		return false
	}
}

type logStream struct {
	client        *cloudwatchlogs.Client
	group, stream string
	file          string
	offset        int64
	created       bool
}

// ship sends the new lines. It sends an unfinished line only if last is true.
func (l *logStream) ship(ctx context.Context, last bool) error {
	f, err := os.Open(l.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for {
		if _, err := f.Seek(l.offset, io.SeekStart); err != nil {
			return err
		}
		events, size := readBatch(bufio.NewReader(f), last)
		if size == 0 {
			return nil
		}
		if err := l.put(ctx, events); err != nil {
			return err
		}
		l.offset += size
	}
}

// readBatch reads the lines for one request, and returns their size in bytes.
func readBatch(in *bufio.Reader, last bool) (events []types.InputLogEvent, size int64) {
	now := aws.Int64(time.Now().UnixMilli())
	for cost := 0; len(events) < batchEvents && cost < batchBytes; {
		line, err := in.ReadString('\n')
		if line == "" || (err != nil && !last) {
			return events, size
		}
		size += int64(len(line))
		text := strings.TrimRight(line, "\r\n")
		if text == "" {
			continue // An event must not be empty.
		}
		text = strings.ToValidUTF8(text[:min(len(text), eventBytes)], "\uFFFD")
		events = append(events, types.InputLogEvent{Message: aws.String(text), Timestamp: now})
		cost += len(text) + eventCost
	}
	return events, size
}

func (l *logStream) put(ctx context.Context, events []types.InputLogEvent) error {
	if len(events) == 0 {
		return nil
	}
	if err := l.create(ctx); err != nil {
		return err
	}
	_, err := l.client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: &l.group, LogStreamName: &l.stream, LogEvents: events,
	})
	if err != nil {
		l.created = false // The emulator may have restarted without it.
		return fmt.Errorf("put log events: %w", err)
	}
	return nil
}

func (l *logStream) create(ctx context.Context) error {
	if l.created {
		return nil
	}
	var exists *types.ResourceAlreadyExistsException
	_, err := l.client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &l.group})
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create log group: %w", err)
	}
	_, err = l.client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{
		LogGroupName: &l.group, LogStreamName: &l.stream,
	})
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create log stream: %w", err)
	}
	l.created = true
	return nil
}
