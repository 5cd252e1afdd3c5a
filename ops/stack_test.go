package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func outputs() map[string]any {
	return map[string]any{
		"StoreEventsBucket": "events", "StoreOrdersEventsProducer": "producer", "Ec2ConsumerInstance": "i-1",
		"StoreEventsDatabase": "db", "ReaderSecretArn": "arn:secret",
		"StoreEventsDatabaseSecretArn": "arn:master", "LoaderSecretArn": "arn:loader", "GlueCatalogDBForStoreEvents": "sales",
		"SaleTransactionsCrawler": "crawler", "RDSIngestorETLGlueJob": "job", "AthenaWorkgroup": "wg", "EtlWorkflow": "flow",
		"CuratedTable": "curated_sales_txns", "TargetTable": "sales_txns_tbl", "DatabaseName": "store_events",
		"DatabaseEndpoint": "127.0.0.1:3306", "DatabaseCa": "s3://events/scripts/ca.pem", "Region": "us-east-1", "NamedQueries": map[string]any{"returns": "q-1"},
		"Alarms": []any{"test-lag", "test-run-failed"}, "EventStarter": "starter", "StartQueueUrl": "https://sqs/1/starts", "DeadLetterQueueUrl": "https://sqs/1/starts-dead",
	}
}

func TestFromOutputs(t *testing.T) {
	s, err := FromOutputs("test", outputs(), "")
	require.NoError(t, err)
	require.Equal(t, testStack, s)
}

// A stack without event triggers has no queue.
func TestFromOutputsWithoutAStarter(t *testing.T) {
	o := outputs()
	delete(o, "EventStarter")
	s, err := FromOutputs("test", o, "")
	require.NoError(t, err)
	require.Empty(t, s.Starter)
}

func TestFromOutputsReportsMissingOutputs(t *testing.T) {
	o := outputs()
	delete(o, "Region")
	o["NamedQueries"] = map[string]any{"returns": 7}
	o["AthenaWorkgroup"], o["Alarms"] = 5, []any{1}
	_, err := FromOutputs("test", o, "")
	require.EqualError(t, err, "stack test lacks outputs: Alarms, AthenaWorkgroup, NamedQueries, Region; deploy it again")
}
