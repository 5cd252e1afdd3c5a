package crawler

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

const (
	sale  = `{"request_id":"a","sales":12.5,"sku":12,"qty":1,"is_return":false}` + "\n"
	sale2 = `{"request_id":"b","sales":3,"sku":3000000000,"qty":1,"is_return":true}` + "\n"
)

const mergeAndInherit = `{"Version":1.0,"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}}}`

func merging(in *glue.CreateCrawlerInput) { in.Configuration = aws.String(mergeAndInherit) }

func TestCrawlCreatesTablesAndPartitions(t *testing.T) {
	w := newWorld(t)
	w.put("sale_events/dt=2026-01-01/a.json", sale+sale2)
	w.put("sale_events/dt=2026-01-02/a.json", sale)
	w.put("sale_events/bookmarks/job/state.json", `{"version":1}`)
	w.put("inventory_events/dt=2026-01-01/a.json", sale)
	w.put("inventory_events/dt=2026-01-01/", "")
	w.create(func(in *glue.CreateCrawlerInput) {
		merging(in)
		for i := range in.Targets.S3Targets {
			in.Targets.S3Targets[i].Exclusions = []string{"bookmarks/**"}
		}
	}, "sale_events/", "inventory_events")
	w.crawl(Succeeded)

	require.ElementsMatch(t, []string{"txns_sale_events", "txns_inventory_events"}, w.tableNames())
	table := w.table("txns_sale_events")
	require.Equal(t, "request_id:string sales:double sku:bigint qty:int is_return:boolean", schemaOf(columnsOf(table.StorageDescriptor)))
	require.Equal(t, w.url("sale_events/"), *table.StorageDescriptor.Location)
	require.Equal(t, "EXTERNAL_TABLE", *table.TableType)
	require.Equal(t, []gluetypes.Column{{Name: aws.String("dt"), Type: aws.String("string")}}, table.PartitionKeys)
	require.Equal(t, map[string]string{
		"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0",
		"UPDATED_BY_CRAWLER": "c", "classification": "json", "compressionType": "none", "typeOfData": "file",
		"objectCount": "2", "recordCount": "3", "sizeKey": "205", "averageRecordSize": "67",
		"exclusions": `["` + w.url("sale_events/bookmarks/**") + `"]`,
	}, table.Parameters)
	require.Equal(t, "org.openx.data.jsonserde.JsonSerDe", *table.StorageDescriptor.SerdeInfo.SerializationLibrary)
	require.Equal(t, "is_return,qty,request_id,sales,sku", table.StorageDescriptor.SerdeInfo.Parameters["paths"])

	parts := w.partitions("txns_sale_events")
	require.Len(t, parts, 2)
	first := parts["2026-01-01"]
	require.Equal(t, w.url("sale_events/dt=2026-01-01/"), *first.StorageDescriptor.Location)
	require.Equal(t, "1", first.Parameters["objectCount"])
	require.Equal(t, "2", first.Parameters["recordCount"])
	require.Equal(t, columnsOf(table.StorageDescriptor), columnsOf(first.StorageDescriptor))

	require.Equal(t, []string{
		"BENCHMARK : Running Start Crawl for Crawler c",
		"BENCHMARK : Classification complete, writing results to database " + w.database,
		"INFO : Crawler configured with Configuration " + mergeAndInherit +
			` and SchemaChangePolicy {"UpdateBehavior":"UPDATE_IN_DATABASE","DeleteBehavior":"DEPRECATE_IN_DATABASE"}.` +
			" Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.",
		"INFO : Created table txns_sale_events in database " + w.database,
		"INFO : Created table txns_inventory_events in database " + w.database,
		"BENCHMARK : Finished writing to Catalog",
		"INFO : Run Summary For PARTITION:",
		"INFO : ADD: 3",
		"INFO : Run Summary For TABLE:",
		"INFO : ADD: 2",
		"BENCHMARK : Crawler has finished running and is in state READY",
	}, w.logLines())

	// A second crawl of the same data changes nothing.
	version := table.VersionId
	w.crawl(Succeeded)
	require.Equal(t, version, w.table("txns_sale_events").VersionId)
	metrics, err := w.glue.GetCrawlerMetrics(t.Context(), &glue.GetCrawlerMetricsInput{CrawlerNameList: []string{"c"}})
	require.NoError(t, err)
	require.Zero(t, metrics.CrawlerMetricsList[0].TablesCreated+metrics.CrawlerMetricsList[0].TablesUpdated)
}

func TestNewColumnsAreMerged(t *testing.T) {
	w := newWorld(t)
	w.put("e/dt=1/a.json", sale)
	w.put("e/dt=2/a.json", sale)
	w.create(merging, "e/")
	w.crawl(Succeeded)

	// sales becomes a string in the data; the catalog's type stays.
	w.put("e/dt=2/b.json", strings.Replace(sale2, `"sales":3`, `"sales":"3","coupon":{"code":"x"}`, 1))
	w.put("e/dt=3/a.json", sale2)
	w.crawl(Succeeded)

	table := w.table("txns_e")
	require.Equal(t, "request_id:string sales:double sku:int qty:int is_return:boolean coupon:struct<code:string>",
		schemaOf(columnsOf(table.StorageDescriptor)))
	require.Equal(t, "coupon,is_return,qty,request_id,sales,sku", table.StorageDescriptor.SerdeInfo.Parameters["paths"])
	require.Equal(t, "4", table.Parameters["objectCount"])
	parts := w.partitions("txns_e")
	require.Len(t, parts, 3)
	for value, p := range parts {
		require.Equal(t, columnsOf(table.StorageDescriptor), columnsOf(p.StorageDescriptor), "partition %s inherits", value)
	}
	out, err := w.glue.ListCrawls(t.Context(), &glue.ListCrawlsInput{CrawlerName: aws.String("c")})
	require.NoError(t, err)
	require.Len(t, out.Crawls, 2)
	require.JSONEq(t, `{"TABLE":{"UPDATE":{"Count":1,"Details":{"Names":["txns_e"]}}},
		"PARTITION":{"ADD":{"Count":1,"Details":{"Names":["txns_e/3"]}},
		             "UPDATE":{"Count":2,"Details":{"Names":["txns_e/1","txns_e/2"]}}}}`, *out.Crawls[0].Summary)
}
