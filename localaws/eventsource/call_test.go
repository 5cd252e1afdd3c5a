package eventsource

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"
)

// The cases are from Lambda's documentation of partial batch responses.
func TestFailures(t *testing.T) {
	for answer, want := range map[string][]string{
		``: nil, `null`: nil, `{}`: nil, `{"batchItemFailures":null}`: nil, `{"batchItemFailures":[]}`: nil, `{"other":1}`: nil,
		`{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}`: {"a", "b"},
	} {
		got, err := failures([]byte(answer))
		require.NoError(t, err, answer)
		require.Equal(t, want, got, answer)
	}
	for _, answer := range []string{
		`"text"`, `{"batchItemFailures":"a"}`, `{"batchItemFailures":[{"itemIdentifier":""}]}`,
		`{"batchItemFailures":[{"itemIdentifier":null}]}`, `{"batchItemFailures":[{"wrong":"a"}]}`,
	} {
		_, err := failures([]byte(answer))
		require.Error(t, err, answer)
	}
}

func TestBatchIsDue(t *testing.T) {
	messages := func(n, bytes int) []sqstypes.Message {
		return slices.Repeat([]sqstypes.Message{{Body: aws.String(strings.Repeat("x", bytes))}}, n)
	}
	var b batch
	require.False(t, b.due(10), "no messages")
	b.add(messages(9, 1), time.Minute)
	require.False(t, b.due(10))
	b.add(messages(1, 1), time.Minute)
	require.True(t, b.due(10), "the batch is full")
	b = batch{}
	b.add(messages(1, 1), 0)
	require.True(t, b.due(10), "no window")
	b = batch{}
	b.add(messages(1, 1), 30*time.Millisecond)
	first := b.ends
	time.Sleep(20 * time.Millisecond)
	b.add(messages(1, 1), 30*time.Millisecond)
	require.Equal(t, first, b.ends, "the window begins with the first message")
	time.Sleep(20 * time.Millisecond)
	require.True(t, b.due(10))
	b = batch{}
	b.add(messages(20, 200<<10), time.Minute)
	require.True(t, b.due(1000), "the next ten messages may not fit into the payload")
}
