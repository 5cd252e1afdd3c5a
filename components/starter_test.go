package components

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

const queueType = "aws:sqs/queue:Queue"

func TestArrivalsGoToTheQueue(t *testing.T) {
	r := buildStarter(t, settings(t).Etl)
	rule, target := r.one("aws:cloudwatch/eventRule:EventRule", ""), r.one("aws:cloudwatch/eventTarget:EventTarget", "")
	// Only the streams' prefixes: objects that a run writes must not start another run.
	require.JSONEq(t, `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{
		"bucket":{"name":["events-bucket"]},"object":{"key":[{"prefix":"sale_events/"},{"prefix":"inventory_events/"}]}}}`, rule.Get(t, "eventPattern").(string))
	queue, dead := r.one(queueType, "starts"), r.one(queueType, "starts-dead")
	require.Equal(t, rule.Name, target.Get(t, "rule"))
	require.Equal(t, r.ARN(queue), target.Get(t, "arn"))
	require.Equal(t, r.ARN(dead), target.Get(t, "deadLetterConfig", "arn"))
	notification := r.one("aws:s3/bucketNotification:BucketNotification", "")
	require.Equal(t, map[string]any{"bucket": "events-bucket", "eventbridge": true}, notification.Inputs)
	require.True(t, notification.WaitsFor(target))
	require.True(t, notification.WaitsFor(r.one("aws:lambda/eventSourceMapping:EventSourceMapping", "")))
}

// EventBridge allows 2,048 characters in a pattern.
func TestArrivalsOfManyStreams(t *testing.T) {
	size := func(streams []string) int {
		prefixes := make([]map[string]string, len(streams))
		for i, stream := range streams {
			prefixes[i] = map[string]string{"prefix": stream + "/"}
		}
		pattern, err := json.Marshal(map[string]any{
			"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
			"detail": map[string]any{"bucket": map[string]any{"name": []string{strings.Repeat("b", 63)}}, "object": map[string]any{"key": prefixes}},
		})
		require.NoError(t, err)
		return len(pattern)
	}
	var streams []string
	for size(streams) <= 2048 {
		_, err := arrivalPrefixes(streams)
		require.NoError(t, err, len(streams))
		streams = append(streams, fmt.Sprintf("stream_%02d", len(streams)))
	}
	_, err := arrivalPrefixes(streams)
	require.ErrorContains(t, err, "trigger: the names of 79 streams need a pattern of 2066 characters")
	streams = streams[1:]
	streams[0] += strings.Repeat("x", 2048-size(streams))
	_, err = arrivalPrefixes(streams)
	require.NoError(t, err, "exactly as long as allowed")
}

func TestStarterQueues(t *testing.T) {
	r := buildStarter(t, settings(t).Etl)
	queue, dead := r.one(queueType, "starts"), r.one(queueType, "starts-dead")
	require.JSONEq(t, `{"deadLetterTargetArn":"`+r.ARN(dead)+`","maxReceiveCount":1000}`, queue.Get(t, "redrivePolicy").(string))
	for _, role := range []string{"starts", "starts-dead"} {
		require.InDelta(t, 14*24*3600, r.one(queueType, role).Get(t, "messageRetentionSeconds"), 0)
	}
	require.InDelta(t, 6*15+60, queue.Get(t, "visibilityTimeoutSeconds"), 0)
	rule := r.ARN(r.one("aws:cloudwatch/eventRule:EventRule", ""))
	for role, of := range map[string]string{"starts": r.ARN(queue), "starts-dead": r.ARN(dead)} {
		require.Equal(t, keyArn, r.one(queueType, role).Get(t, "kmsMasterKeyId"))
		policy := r.one("aws:sqs/queuePolicy:QueuePolicy", role+"-policy")
		require.Equal(t, map[string]policyStatement{
			"Arrivals": {
				Sid: "Arrivals", Effect: "Allow", Principal: map[string]any{"Service": "events.amazonaws.com"}, Action: []string{"sqs:SendMessage"},
				Resource: []string{of}, Condition: map[string]map[string]any{"ArnEquals": {"aws:SourceArn": rule}},
			},
			"TLSOnly": {
				Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: []string{"sqs:*"},
				Resource: []string{of}, Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
			},
		}, statements(t, policy.Get(t, "policy")))
		require.True(t, r.one("aws:cloudwatch/eventTarget:EventTarget", "").WaitsFor(policy))
	}
}

func TestStarter(t *testing.T) {
	r := buildStarter(t, settings(t).Etl)
	requireFunction(t, r, "starter")
	f, queue := r.one(functionType, "starter"), r.one(queueType, "starts")
	require.Equal(t, "bin/starter.zip", f.Path(t, "code"))
	require.Nil(t, f.Get(t, "vpcConfig"), "it calls nothing in the VPC")
	require.Equal(t, map[string]any{
		"STORE_EVENTS_WORKFLOW": "test", "STORE_EVENTS_JOB": "s3-to-rds-ingestor-test", "STORE_EVENTS_BUCKET": "events-bucket", "STORE_EVENTS_QUEUE": "https://sqs/test-starts", "STORE_EVENTS_PAUSE_SECONDS": "1",
	}, f.Get(t, "environment", "variables"))
	mapping := r.one("aws:lambda/eventSourceMapping:EventSourceMapping", "")
	require.Equal(t, map[string]any{
		"eventSourceArn": r.ARN(queue), "functionName": r.ARN(f), "batchSize": 1000.0, "maximumBatchingWindowInSeconds": 60.0,
		"functionResponseTypes": []any{"ReportBatchItemFailures"}, "scalingConfig": map[string]any{"maximumConcurrency": 2.0},
	}, mapping.Inputs)
	require.Equal(t, map[string]any{"function": "test-starter", "queue": "test-starts", "deadLetters": "test-starts-dead"}, r.Outputs)
}

func TestStarterMayStartTheWorkflowOnly(t *testing.T) {
	r := buildStarter(t, settings(t).Etl)
	policy := r.role("starter")
	glue := "arn:aws:glue:" + region + ":" + account + ":"
	for sid, want := range map[string]policyStatement{
		"TakeMessages": {
			Action:   []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"},
			Resource: []string{r.ARN(r.one(queueType, "starts"))},
		},
		"Remind":    {Action: []string{"sqs:SendMessage"}, Resource: []string{r.ARN(r.one(queueType, "starts"))}},
		"WriteFeed": {Action: []string{"s3:PutObject"}, Resource: []string{"arn:aws:s3:::events-bucket/feed/*"}},
		"SeeFeed": {
			Action: []string{"s3:ListBucket"}, Resource: []string{"arn:aws:s3:::events-bucket"},
			Condition: map[string]map[string]any{"StringEquals": {"s3:prefix": "feed/"}},
		},
		"StartWorkflow": {Action: []string{"glue:StartWorkflowRun", "glue:GetWorkflow", "glue:GetWorkflowRun"}, Resource: []string{glue + "workflow/test"}},
		"SeeRuns":       {Action: []string{"glue:GetJobRuns"}, Resource: []string{glue + "job/s3-to-rds-ingestor-test"}},
	} {
		want.Sid, want.Effect = sid, "Allow"
		require.Equal(t, want, policy[sid])
	}
	require.Len(t, policy, 8)
}

// A message waits for three runs of maximal length before it becomes a dead letter, or
// becomes one a day before the queue would drop it.
func TestMessagesBecomeDeadLettersInTime(t *testing.T) {
	const kept = retentionSeconds - deadSeconds
	for _, timeout := range []int{1, 30, 600, 5540, 5541, 7*24*60 - 1} {
		for _, retries := range []int{0, 1, 10} {
			for _, window := range []int{1, 20, 60, 300} {
				e := config.Etl{TimeoutMinutes: timeout, MaxRetries: retries, TriggerWindowSeconds: window}
				interval, longest := pauseSeconds(e)+window, 3*timeout*60*(1+retries)
				require.GreaterOrEqual(t, interval, minReceiveSeconds, "%+v", e)
				require.LessOrEqual(t, maxReceives*(interval+starterTimeoutSeconds), kept, "%+v", e)
				if longest <= receivesPerWait*maxReceiveSeconds {
					require.Less(t, longest/interval, maxReceives, "%+v", e)
				}
				require.LessOrEqual(t, pauseSeconds(e), 43_200)
				require.Greater(t, visibilitySeconds(e), starterTimeoutSeconds+window)
				require.LessOrEqual(t, maxReceives*(visibilitySeconds(e)+window), kept, "after failed calls it becomes a dead letter")
			}
		}
	}
}

func TestScheduleIsEnabledUnlessOnlyEventsStartRuns(t *testing.T) {
	for trigger, want := range map[string]string{config.BySchedule: "SCHEDULED", config.ByBoth: "SCHEDULED", config.ByEvents: "ON_DEMAND"} {
		c := settings(t)
		c.Etl.Trigger = trigger
		require.Equal(t, want, buildEtl(t, c.Etl, c.Catalog).one("aws:glue/trigger:Trigger", "start").Get(t, "type"), trigger)
		c.Etl.ScheduleEnabled = false
		require.Equal(t, "ON_DEMAND", buildEtl(t, c.Etl, c.Catalog).one("aws:glue/trigger:Trigger", "start").Get(t, "type"), trigger)
	}
}
