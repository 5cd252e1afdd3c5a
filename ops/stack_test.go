package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func outputs() map[string]any {
	return map[string]any{
		"StoreEventsBucket": "events", "StoreOrdersEventsProducer": "producer", "Ec2ConsumerInstance": "i-1",
		"StoreEventsDatabase": "db", "ReaderSecretArn": "arn:secret", "GlueCatalogDBForStoreEvents": "sales",
		"SaleTransactionsCrawler": "crawler", "RDSIngestorETLGlueJob": "job", "AthenaWorkgroup": "wg", "EtlWorkflow": "flow",
		"CuratedTable": "curated_sales_txns", "TargetTable": "sales_txns_tbl", "DatabaseName": "store_events",
		"DatabaseEndpoint": "127.0.0.1:3306", "DatabaseCa": "s3://events/scripts/ca.pem", "Region": "us-east-1", "NamedQueries": map[string]any{"returns": "q-1"},
	}
}

func TestFromOutputs(t *testing.T) {
	s, err := FromOutputs("test", outputs(), "")
	require.NoError(t, err)
	require.Equal(t, testStack, s)
}

func TestFromOutputsNamesAllThatAreMissing(t *testing.T) {
	o := outputs()
	delete(o, "Region")
	o["NamedQueries"] = map[string]any{"returns": 7}
	o["AthenaWorkgroup"] = 5
	_, err := FromOutputs("test", o, "")
	require.EqualError(t, err, "stack test lacks outputs: AthenaWorkgroup, NamedQueries, Region; deploy it again")
}
