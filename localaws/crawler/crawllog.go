package crawler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// defaultLogGroup is the log group of crawlers without a security configuration. The log stream has the crawler's name.
const defaultLogGroup = "/aws-glue/crawlers"

// logGroup returns a crawler's log group. With a security configuration, which is assumed to encrypt logs, Glue uses a
// group for each pair of role and configuration.
func (d Definition) logGroup() string {
	if d.CrawlerSecurityConfiguration == "" {
		return defaultLogGroup
	}
	role := d.Role[strings.LastIndex(d.Role, "/")+1:]
	return defaultLogGroup + "-role/" + role + "-" + d.CrawlerSecurityConfiguration
}

// crawlLog writes to CloudWatch Logs.
type crawlLog struct{ client *cloudwatchlogs.Client }

// write appends the lines of a crawl.
func (l crawlLog) write(ctx context.Context, group, crawler, crawlID string, lines []timedLine) error {
	if err := l.ensure(ctx, group, crawler); err != nil {
		return fmt.Errorf("crawl log %s: %w", crawler, err)
	}
	for batch := range slices.Chunk(lines, linesPerCall) {
		_, err := l.client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: aws.String(group), LogStreamName: aws.String(crawler), LogEvents: events(crawlID, batch),
		})
		if err != nil {
			return fmt.Errorf("crawl log %s: %w", crawler, err)
		}
	}
	return nil
}

// linesPerCall keeps requests well below their limit of 1 MB.
const linesPerCall = 500

func events(crawlID string, lines []timedLine) []logtypes.InputLogEvent {
	out := make([]logtypes.InputLogEvent, len(lines))
	for i, line := range lines {
		out[i] = logtypes.InputLogEvent{
			Timestamp: aws.Int64(line.at.UnixMilli()),
			Message:   aws.String("[" + crawlID + "] " + line.String()),
		}
	}
	return out
}

func (l crawlLog) ensure(ctx context.Context, group, crawler string) error {
	var exists *logtypes.ResourceAlreadyExistsException
	_, err := l.client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)})
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	_, err = l.client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String(crawler),
	})
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	return nil
}

// timedLine is a line and the time it was written.
type timedLine struct {
	line
	at time.Time
}
