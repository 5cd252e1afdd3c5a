package daemon_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"localaws/daemon"
)

const (
	arrivalsQueue = "arn:aws:sqs:us-east-1:000000000000:arrivals"
	arrivalsRule  = "arn:aws:events:us-east-1:000000000000:rule/arrivals"
	takes         = `"sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes"`
)

// takerCode records each event, and returns messages as failed if their body requests it.
const takerCode = `
import json, os, time
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\n")
    again = [r for r in event["Records"] if "again" in r["body"] and r["attributes"]["ApproximateReceiveCount"] == "1"]
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in again]}
`

// arrivals is a bucket with events for objects below in/, a queue with a dead-letter queue for these events, and a
// function that receives the queue's messages.
type arrivals struct {
	world
	options daemon.Options
	out     string // file with the function's events, one per line
}

func (a arrivals) json(t *testing.T, service, target, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *a.config.BaseEndpoint, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	owner, err := a.config.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	require.NoError(t, credentials.Sign(req, owner, service, a.config.Region, []byte(body)))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func (a arrivals) queues() *sqs.Client { return sqs.NewFromConfig(a.config) }

func queueURL(name string) *string { return aws.String("http://localhost/000000000000/" + name) }

// allow sets a queue policy that allows the rule to send, as in AWS's documentation of EventBridge.
func (a arrivals) allow(t *testing.T, queue, rule string) {
	t.Helper()
	_, err := a.queues().SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: queueURL(queue), Attributes: map[string]string{
		"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage",
			"Resource":"arn:aws:sqs:us-east-1:000000000000:` + queue + `","Condition":{"ArnEquals":{"aws:SourceArn":"` + rule + `"}}}]}`,
	}})
	require.NoError(t, err)
}

func newArrivals(t *testing.T) arrivals {
	t.Helper()
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	a := arrivals{world{config: configOf(t, o)}, o, filepath.Join(t.TempDir(), "events.jsonl")}
	ctx, bucket := t.Context(), aws.String("shop")
	_, err := a.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	_, err = a.s3().PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"}})
	require.NoError(t, err)
	_, err = a.s3().PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: bucket, NotificationConfiguration: &s3types.NotificationConfiguration{EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}},
	})
	require.NoError(t, err)
	for _, name := range []string{"dead", "arrivals"} {
		_, err = a.queues().CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: map[string]string{"VisibilityTimeout": "12"}})
		require.NoError(t, err)
		a.allow(t, name, arrivalsRule)
	}
	a.json(t, "events", "AWSEvents.PutRule", `{"Name":"arrivals","EventPattern":"{\"source\":[\"aws.s3\"],\"detail-type\":[\"Object Created\"],`+
		`\"detail\":{\"bucket\":{\"name\":[\"shop\"]},\"object\":{\"key\":[{\"prefix\":\"in/\"}]}}}"}`)
	a.json(t, "events", "AWSEvents.PutTargets", `{"Rule":"arrivals","Targets":[{"Id":"1","Arn":"`+arrivalsQueue+`","DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:000000000000:dead"}}]}`)
	a.createTaker(t)
	return a
}

// createTaker creates the function with a role that may poll the queue.
func (a arrivals) createTaker(t *testing.T) {
	t.Helper()
	a.createRole(t, "taker", "lambda.amazonaws.com")
	a.grant(t, takes)
	var code bytes.Buffer
	z := zip.NewWriter(&code)
	f, err := z.Create("index.py")
	require.NoError(t, err)
	_, err = f.Write([]byte(takerCode))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	_, err = lambda.NewFromConfig(a.config).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("taker"), Runtime: lambdatypes.RuntimePython311, Handler: aws.String("index.handler"), Timeout: aws.Int32(10),
		Role: aws.String("arn:aws:iam::000000000000:role/taker"), Code: &lambdatypes.FunctionCode{ZipFile: code.Bytes()},
		Environment: &lambdatypes.Environment{Variables: map[string]string{"OUT": a.out}},
	})
	require.NoError(t, err)
}

// grant replaces the actions that the function's role allows.
func (a arrivals) grant(t *testing.T, actions string) {
	t.Helper()
	a.putRolePolicy(t, "taker", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[`+actions+`],"Resource":"*"}]}`)
}

// connect creates an event source mapping with batches of up to 1,000 messages.
func (a arrivals) connect(t *testing.T, window int32) error {
	t.Helper()
	_, err := lambda.NewFromConfig(a.config).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		FunctionName: aws.String("taker"), EventSourceArn: aws.String(arrivalsQueue), BatchSize: aws.Int32(1000), MaximumBatchingWindowInSeconds: &window,
		FunctionResponseTypes: []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures},
		ScalingConfig:         &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(2)},
	})
	return err
}

func (a arrivals) put(t *testing.T, key string) {
	t.Helper()
	_, err := a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("shop"), Key: &key, Body: strings.NewReader("hello")})
	require.NoError(t, err)
}

type taken struct {
	Records []struct {
		Body       string
		Attributes map[string]string
	}
}

// taken returns the events that the function was called with.
func (a arrivals) taken(t *testing.T) []taken {
	t.Helper()
	raw, err := os.ReadFile(a.out)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	var all []taken
	for line := range bytes.Lines(raw) {
		var one taken
		require.NoError(t, json.Unmarshal(line, &one))
		all = append(all, one)
	}
	return all
}

func (a arrivals) waitFor(t *testing.T, calls int) []taken {
	t.Helper()
	require.Eventually(t, func() bool { return len(a.taken(t)) >= calls }, 40*time.Second, 100*time.Millisecond)
	return a.taken(t)
}

// waiting counts a queue's messages, including those in flight.
func (a arrivals) waiting(t *testing.T, queue string) int {
	t.Helper()
	names := []types.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}
	out, err := a.queues().GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: queueURL(queue), AttributeNames: names})
	require.NoError(t, err)
	sum := 0
	for _, name := range names {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		require.NoError(t, err)
		sum += n
	}
	return sum
}

func TestObjectsReachAFunctionThroughEventBridgeAndAQueue(t *testing.T) {
	a := newArrivals(t)
	require.NoError(t, a.connect(t, 3))
	a.put(t, "out/ignored.json")
	for i := range 25 {
		a.put(t, fmt.Sprintf("in/%d.json", i))
	}
	a.put(t, "in/again.json")
	calls := a.waitFor(t, 1)
	require.Len(t, calls[0].Records, 26, "one call for all, after the window")
	var event struct {
		Source     string
		DetailType string `json:"detail-type"`
		Detail     struct {
			Bucket struct{ Name string }
			Object struct {
				Key, Etag string
				Size      int
				VersionID string `json:"version-id"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(calls[0].Records[0].Body), &event))
	require.Equal(t, "aws.s3", event.Source)
	require.Equal(t, "Object Created", event.DetailType)
	require.Equal(t, "shop", event.Detail.Bucket.Name)
	require.Contains(t, event.Detail.Object.Key, "in/")
	require.Equal(t, 5, event.Detail.Object.Size)
	require.NotEmpty(t, event.Detail.Object.Etag)
	require.NotEmpty(t, event.Detail.Object.VersionID)

	calls = a.waitFor(t, 2)
	require.Len(t, calls[1].Records, 1, "messages that failed are delivered again")
	require.Contains(t, calls[1].Records[0].Body, "in/again.json")
	require.Equal(t, "2", calls[1].Records[0].Attributes["ApproximateReceiveCount"])
	require.Eventually(t, func() bool { return a.waiting(t, "arrivals") == 0 }, 10*time.Second, 100*time.Millisecond)
	require.Zero(t, a.waiting(t, "dead"))
}

func TestQueuePolicyMustAllowEvents(t *testing.T) {
	a := newArrivals(t)
	a.allow(t, "arrivals", arrivalsRule+"-of-another")
	a.put(t, "in/a.json")
	require.Eventually(t, func() bool { return a.waiting(t, "dead") == 1 }, 10*time.Second, 100*time.Millisecond)
	require.Zero(t, a.waiting(t, "arrivals"))
	out, err := a.queues().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queueURL("dead"), MessageAttributeNames: []string{"All"}})
	require.NoError(t, err)
	require.Equal(t, "NO_PERMISSIONS", *out.Messages[0].MessageAttributes["ERROR_CODE"].StringValue)
	require.Equal(t, arrivalsRule, *out.Messages[0].MessageAttributes["RULE_ARN"].StringValue)
	lists, err := a.queues().ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	require.Len(t, lists.QueueUrls, 2, "the internal queue is hidden")
}

func TestPollingUsesTheFunctionsRole(t *testing.T) {
	a := newArrivals(t)
	a.grant(t, `"sqs:DeleteMessage","sqs:GetQueueAttributes"`)
	require.ErrorContains(t, a.connect(t, 1), "does not have permissions to call ReceiveMessage on SQS")
	a.grant(t, takes)
	require.ErrorContains(t, a.connect(t, 0), "Maximum batch window in seconds must be greater than 0")
	require.NoError(t, a.connect(t, 1))
	a.grant(t, `"sqs:DeleteMessage"`) // removed later
	a.put(t, "in/a.json")
	require.Eventually(t, func() bool { return a.waiting(t, "arrivals") == 1 }, 10*time.Second, 100*time.Millisecond)
	time.Sleep(3 * time.Second)
	require.Empty(t, a.taken(t))
	a.grant(t, takes)
	a.waitFor(t, 1)
}

func TestMappingNeedsAVisibilityTimeout(t *testing.T) {
	a := newArrivals(t)
	_, err := a.queues().SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: queueURL("arrivals"), Attributes: map[string]string{"VisibilityTimeout": "9"}})
	require.NoError(t, err)
	require.ErrorContains(t, a.connect(t, 1), "Queue visibility timeout: 9 seconds is less than Function timeout: 10 seconds")
}

func TestEventsSurviveARestart(t *testing.T) {
	a := newArrivals(t)
	require.NoError(t, a.connect(t, 60))
	a.put(t, "in/a.json")
	require.Eventually(t, func() bool { return a.waiting(t, "arrivals") == 1 }, 10*time.Second, 100*time.Millisecond)
	require.NoError(t, daemon.Stop(t.Context(), a.options.StateDir))
	require.Empty(t, a.taken(t))
	require.NoError(t, daemon.Start(t.Context(), a.options))
	require.Equal(t, 1, a.waiting(t, "arrivals"))
	maps, err := lambda.NewFromConfig(a.config).ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{})
	require.NoError(t, err)
	_, err = lambda.NewFromConfig(a.config).UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{
		UUID: maps.EventSourceMappings[0].UUID, MaximumBatchingWindowInSeconds: aws.Int32(1),
	})
	require.NoError(t, err)
	require.Contains(t, a.waitFor(t, 1)[0].Records[0].Body, "in/a.json", "a changed mapping takes effect immediately")
}
