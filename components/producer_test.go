package components

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

func TestProducer(t *testing.T) {
	r := buildProducer(t, settings(t).Producer)
	requireFunction(t, r, "producer")
	f := r.one(functionType, "producer")
	require.Equal(t, "bin/producer.zip", f.Path(t, "code"))
	require.InDelta(t, 256, f.Get(t, "memorySize"), 0)
	require.Equal(t, map[string]any{
		"STORE_EVENTS_BUCKET": "events-bucket", "STORE_EVENTS_SECONDS": "2", "STORE_EVENTS_COUNT": "0",
		"STORE_EVENTS_RATE": "1000", "STORE_EVENTS_INCOMPLETE_SHARE": "0.1", "STORE_EVENTS_GZIP": "false", "STORE_EVENTS_BATCH": "1000",
	}, f.Get(t, "environment", "variables"))
	require.Equal(t, map[string]any{"function": "test-producer"}, r.Outputs)
}

// The functions and the job read a share as a plain number.
func TestSmallSharesArePlainNumbers(t *testing.T) {
	c := settings(t)
	c.Producer.IncompleteShare, c.Producer.Seconds, c.Etl.MaxInvalidShare = 0.00001, 0.00001, 0.00001
	variables := buildProducer(t, c.Producer).one(functionType, "producer").Get(t, "environment", "variables").(map[string]any)
	require.Equal(t, "0.00001", variables["STORE_EVENTS_INCOMPLETE_SHARE"])
	require.Equal(t, "0.00001", variables["STORE_EVENTS_SECONDS"])
	arguments := buildEtl(t, c.Etl, c.Catalog).one(jobType, "job").Get(t, "defaultArguments").(map[string]any)
	require.Equal(t, "0.00001", arguments["--"+schema.Load().JobOptions.MaxInvalidShare])
}

func TestProducerMayStoreEventsOnly(t *testing.T) {
	policy := buildProducer(t, settings(t).Producer).role("producer")
	require.Equal(t, policyStatement{
		Sid: "StoreEvents", Effect: "Allow", Action: []string{"s3:PutObject", "s3:AbortMultipartUpload"},
		Resource: streamObjects(),
	}, policy["StoreEvents"])
	require.Equal(t, []string{keyArn}, policy["UseKey"].Resource)
	require.Equal(t, through("s3", "lambda"), policy["UseKey"].Condition)
	require.Len(t, policy, 3)
}

func TestProducerHasTimeToStoreWhatItMade(t *testing.T) {
	s := settings(t).Producer
	s.Seconds = 100
	require.InDelta(t, 160, buildProducer(t, s).one(functionType, "producer").Get(t, "timeout"), 0)
	s.Events = 1
	require.InDelta(t, 900, buildProducer(t, s).one(functionType, "producer").Get(t, "timeout"), 0)
}
