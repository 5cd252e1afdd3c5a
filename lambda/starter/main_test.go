package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

// recorder keeps the headers of the last request.
type recorder struct{ header http.Header }

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	r.header = request.Header
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// Otherwise Lambda would take a chain of reminders for a loop, and drop a batch.
func TestRemindersDoNotContinueTheTrace(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "store-events-dev-starter")
	t.Setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=a87bd80c:15")
	var r recorder
	cfg := aws.Config{Region: "us-east-1", HTTPClient: &r, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	for name, tc := range map[string]struct {
		client *sqs.Client
		traced bool
	}{
		"the starter's": {newQueue(cfg), false}, "the SDK's": {sqs.NewFromConfig(cfg), true},
	} {
		_, err := tc.client.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/000000000000/starts"), MessageBody: aws.String(reminder()),
		}, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
		require.NoError(t, err, name)
		require.Equal(t, tc.traced, r.header.Get("X-Amzn-Trace-Id") != "", name)
	}
}
