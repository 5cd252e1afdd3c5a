package crawler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/parquet-go/parquet-go"
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
	w.put("orders/dt=2026-01-01/a.json", sale+sale2)
	w.put("orders/dt=2026-01-02/a.json", sale)
	w.put("orders/bookmarks/job/state.json", `{"version":1}`)
	w.put("stock/dt=2026-01-01/a.json", sale)
	w.put("stock/dt=2026-01-01/", "")
	w.create(func(in *glue.CreateCrawlerInput) {
		merging(in)
		for i := range in.Targets.S3Targets {
			in.Targets.S3Targets[i].Exclusions = []string{"bookmarks/**"}
		}
	}, "orders/", "stock")
	w.crawl(Succeeded)

	require.ElementsMatch(t, []string{"raw_orders", "raw_stock"}, w.tableNames())
	table := w.table("raw_orders")
	require.Equal(t, "request_id:string sales:double sku:bigint qty:int is_return:boolean", schemaOf(columnsOf(table.StorageDescriptor)))
	require.Equal(t, w.url("orders/"), *table.StorageDescriptor.Location)
	require.Equal(t, "EXTERNAL_TABLE", *table.TableType)
	require.Equal(t, []gluetypes.Column{{Name: aws.String("dt"), Type: aws.String("string")}}, table.PartitionKeys)
	require.Equal(t, map[string]string{
		"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0",
		"UPDATED_BY_CRAWLER": "c", "classification": "json", "compressionType": "none", "typeOfData": "file",
		"objectCount": "2", "recordCount": "3", "sizeKey": "205", "averageRecordSize": "67",
		"exclusions": `["` + w.url("orders/bookmarks/**") + `"]`,
	}, table.Parameters)
	require.Equal(t, "org.openx.data.jsonserde.JsonSerDe", *table.StorageDescriptor.SerdeInfo.SerializationLibrary)
	require.Equal(t, "is_return,qty,request_id,sales,sku", table.StorageDescriptor.SerdeInfo.Parameters["paths"])

	parts := w.partitions("raw_orders")
	require.Len(t, parts, 2)
	first := parts["2026-01-01"]
	require.Equal(t, w.url("orders/dt=2026-01-01/"), *first.StorageDescriptor.Location)
	require.Equal(t, "1", first.Parameters["objectCount"])
	require.Equal(t, "2", first.Parameters["recordCount"])
	require.Equal(t, columnsOf(table.StorageDescriptor), columnsOf(first.StorageDescriptor))

	require.Equal(t, []string{
		"BENCHMARK : Running Start Crawl for Crawler c",
		"WARN : Partition indexes, which Glue creates unless the Configuration has CreatePartitionIndex false, are not supported",
		"BENCHMARK : Classification complete, writing results to database " + w.database,
		"INFO : Crawler configured with Configuration " + mergeAndInherit +
			` and SchemaChangePolicy {"UpdateBehavior":"UPDATE_IN_DATABASE","DeleteBehavior":"DEPRECATE_IN_DATABASE"}.` +
			" Note that values in the Configuration override values in the SchemaChangePolicy for S3 Targets.",
		"INFO : Created table raw_orders in database " + w.database,
		"INFO : Created table raw_stock in database " + w.database,
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
	require.Equal(t, version, w.table("raw_orders").VersionId)
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

	// sales becomes a string in the data; the catalog keeps its type.
	w.put("e/dt=2/b.json", strings.Replace(sale2, `"sales":3`, `"sales":"3","coupon":{"code":"x"}`, 1))
	w.put("e/dt=3/a.json", sale2)
	w.crawl(Succeeded)

	table := w.table("raw_e")
	require.Equal(t, "request_id:string sales:double sku:int qty:int is_return:boolean coupon:struct<code:string>",
		schemaOf(columnsOf(table.StorageDescriptor)))
	require.Equal(t, "coupon,is_return,qty,request_id,sales,sku", table.StorageDescriptor.SerdeInfo.Parameters["paths"])
	require.Equal(t, "4", table.Parameters["objectCount"])
	parts := w.partitions("raw_e")
	require.Len(t, parts, 3)
	for value, p := range parts {
		require.Equal(t, columnsOf(table.StorageDescriptor), columnsOf(p.StorageDescriptor), "partition %s inherits", value)
	}
	out, err := w.glue.ListCrawls(t.Context(), &glue.ListCrawlsInput{CrawlerName: aws.String("c")})
	require.NoError(t, err)
	require.Len(t, out.Crawls, 2)
	require.JSONEq(t, `{"TABLE":{"UPDATE":{"Count":1,"Details":{"Names":["raw_e"]}}},
		"PARTITION":{"ADD":{"Count":1,"Details":{"Names":["raw_e/3"]}},
		             "UPDATE":{"Count":2,"Details":{"Names":["raw_e/1","raw_e/2"]}}}}`, *out.Crawls[0].Summary)
}

func TestFormats(t *testing.T) {
	w := newWorld(t)
	w.put("packed/dt=1/a.json.gz", gzipped(t, sale))
	w.put("packed/dt=2/no-extension", gzipped(t, sale2))
	w.put("rows/dt=1/a.csv", "id,name\n1,x\n2,y\n")
	w.put("columns/dt=1/batch_id=x/part-0.parquet", parquetFile(t))
	for i := range 3 {
		w.put(fmt.Sprintf("mixed/%d.json", i), sale)
	}
	w.put("mixed/stray.csv", "id,name\n1,x\n")
	w.put("binary/a.bin", "\x00\x01\x02")
	w.put("nothing/empty.json", "")
	w.create(nil, "packed/", "rows/", "columns/", "mixed/", "binary/", "nothing/")
	w.crawl(Succeeded)

	require.ElementsMatch(t, []string{"raw_packed", "raw_rows", "raw_columns", "raw_mixed"}, w.tableNames())
	packed := w.table("raw_packed")
	require.Equal(t, "gzip", packed.Parameters["compressionType"])
	require.Equal(t, "2", packed.Parameters["recordCount"])
	require.True(t, packed.StorageDescriptor.Compressed)

	rows := w.table("raw_rows")
	require.Equal(t, "id:bigint name:string", schemaOf(columnsOf(rows.StorageDescriptor)))
	require.Equal(t, "1", rows.Parameters["skip.header.line.count"])
	require.Equal(t, ",", rows.StorageDescriptor.SerdeInfo.Parameters["field.delim"])
	require.Equal(t, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", *rows.StorageDescriptor.SerdeInfo.SerializationLibrary)

	columns := w.table("raw_columns")
	require.Equal(t, "request_id:string qty:int", schemaOf(columnsOf(columns.StorageDescriptor)))
	require.Equal(t, "3", columns.Parameters["recordCount"])
	require.Equal(t, "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", *columns.StorageDescriptor.SerdeInfo.SerializationLibrary)
	require.Contains(t, w.partitions("raw_columns"), "1/x")

	require.Equal(t, "json", w.table("raw_mixed").Parameters["classification"])
	require.Contains(t, w.logLines(), "WARN : The format of "+w.url("mixed/stray.csv")+" differs from most objects in its folder. The object is ignored.")
	require.Contains(t, w.logLines(), "WARN : The format of "+w.url("binary/a.bin")+" is not recognized. The object is ignored.")
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.String()
}

func parquetFile(t *testing.T) string {
	t.Helper()
	type row struct {
		RequestID string `parquet:"request_id"`
		Qty       int32  `parquet:"qty"`
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out)
	_, err := w.Write(make([]row, 3))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func TestLargeRecordsAreReadFurther(t *testing.T) {
	w := newWorld(t)
	w.put("x/big.json", `{"text":"`+strings.Repeat("x", 3<<20)+`","n":1}`+"\n")
	w.create(nil, "x/")
	w.crawl(Succeeded)
	require.Equal(t, "text:string n:int", schemaOf(columnsOf(w.table("raw_x").StorageDescriptor)))
}

// A control character makes a listing invalid XML, unless its keys are encoded.
func TestKeysWithControlCharacters(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a\x01b", "c\x1b[31m", "d e+f%2F", "g\nh", "ü"} {
		w.put("x/n=1/"+name+".json", sale)
	}
	w.create(merging, "x/")
	w.crawl(Succeeded)
	require.Equal(t, []string{"raw_x"}, w.tableNames())
	require.Equal(t, "5", w.table("raw_x").Parameters["objectCount"])
}

func TestManyPartitions(t *testing.T) {
	w := newWorld(t)
	for i := range 120 {
		w.put(fmt.Sprintf("x/n=%d/a.json", i), sale)
	}
	w.create(merging, "x/")
	w.crawl(Succeeded)
	require.Len(t, w.partitions("raw_x"), 120)
}

func TestDeletedDataInTheCatalog(t *testing.T) {
	w := newWorld(t)
	w.put("x/dt=1/a.json", sale)
	w.put("x/dt=2/a.json", sale)
	w.put("y/a.json", sale)
	w.create(func(in *glue.CreateCrawlerInput) {
		in.SchemaChangePolicy = &gluetypes.SchemaChangePolicy{DeleteBehavior: "DELETE_FROM_DATABASE"}
	}, "x/", "y/")
	w.crawl(Succeeded)
	w.remove("x/dt=1/a.json")
	w.remove("y/a.json")
	w.crawl(Succeeded)
	require.Equal(t, []string{"raw_x"}, w.tableNames())
	require.Len(t, w.partitions("raw_x"), 1)
	m, err := w.glue.GetCrawlerMetrics(t.Context(), &glue.GetCrawlerMetricsInput{})
	require.NoError(t, err)
	require.EqualValues(t, 1, m.CrawlerMetricsList[0].TablesDeleted)
	require.Positive(t, m.CrawlerMetricsList[0].LastRuntimeSeconds)
}

func TestIncrementalCrawl(t *testing.T) {
	w := newWorld(t)
	w.put("x/dt=1/a.json", sale)
	w.create(func(in *glue.CreateCrawlerInput) {
		in.SchemaChangePolicy = &gluetypes.SchemaChangePolicy{UpdateBehavior: "LOG", DeleteBehavior: "LOG"}
		in.RecrawlPolicy = &gluetypes.RecrawlPolicy{RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY"}
	}, "x/")
	w.crawl(Succeeded)
	version := w.table("raw_x").VersionId
	w.put("x/dt=2/a.json", sale2)
	w.put("x/dt=3/a.json", `{"other":1}`)
	w.crawl(Succeeded)
	require.Equal(t, version, w.table("raw_x").VersionId)
	require.Len(t, w.partitions("raw_x"), 2)
	require.Contains(t, w.logLines(),
		"WARN : Partition does not match table schema or has mismatch keys: table raw_x, location "+w.url("x/dt=3/"))
}

func TestTableThreshold(t *testing.T) {
	w := newWorld(t)
	w.put("x/a/1.json", `{"a":1}`)
	w.put("x/b/1.json", `{"b":1}`)
	w.create(func(in *glue.CreateCrawlerInput) {
		in.Configuration = aws.String(`{"Version":1.0,"CrawlerOutput":{"Tables":{"TableThreshold":1}}}`)
	}, "x/")
	c := w.crawl(Failed)
	require.Equal(t, "The number of tables detected by crawler: 2 is greater than the table threshold value provided: 1", *c.LastCrawl.ErrorMessage)
	require.Empty(t, w.tableNames())
}
