package ministack_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

// MiniStack alone hides the message until its visibility timeout.
func TestInterruptedPollTakesNoMessage(t *testing.T) {
	e := start(t, t.TempDir())
	client := sqs.NewFromConfig(e.Config("us-east-1"))
	queue, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("events")})
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, WaitTimeSeconds: 20})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	for range 10 { // The emulator has seen the closed connection when it answers.
		require.True(t, e.Healthy(t.Context()))
	}

	_, err = client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("created")})
	require.NoError(t, err)
	// Longer than the pause after which an interrupted poll would look for messages again.
	time.Sleep(300 * time.Millisecond)
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl})
	require.NoError(t, err)
	require.Len(t, out.Messages, 1)
	require.Equal(t, "created", aws.ToString(out.Messages[0].Body))

	out, err = client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, WaitTimeSeconds: 1})
	require.NoError(t, err, "a poll without messages ends after its wait")
	require.Empty(t, out.Messages)
}
