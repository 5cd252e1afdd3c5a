package console

import (
	"context"
	"fmt"
	"strings"

	"store-events/ops"
)

func (c *Console) replayAll(ctx context.Context) ([]string, error) {
	result, err := c.Source.Replay(ctx)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("%s of %s read again: %s loaded, %s still in quarantine.",
		countOf(result.Lines, "line"), countOf(result.Objects, "object"), grouped(result.Loaded), grouped(result.Stay))}
	if result.Gone > 0 {
		lines = append(lines, countOf(result.Gone, "line")+" of objects that no longer exist in S3.")
	}
	return lines, nil
}

func (c *Console) replayLine(text string, request ops.ReplayFileRequest) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		request.File = strings.NewReader(text + "\n")
		result, err := c.Source.ReplayFile(ctx, request)
		if err != nil {
			return nil, err
		}
		lines := []string{fmt.Sprintf("%s: %s new, %s already in the table.",
			countOf(result.Events, "event"), countOf(result.New, "row"), grouped(result.There))}
		for _, key := range result.Objects {
			lines = append(lines, "Stored as "+key)
		}
		return lines, nil
	}
}
