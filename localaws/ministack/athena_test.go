package ministack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
func TestAthenaReadsProjectedPartitionsOnly(t *testing.T) {
	config := start(t, t.TempDir()).Config("us-east-1")
	catalog, objects := glue.NewFromConfig(config), s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := catalog.CreateDatabase(t.Context(), &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("sales")}})
	require.NoError(t, err)
	_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("projected")})
	require.NoError(t, err)

	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	for _, c := range []struct {
		name          string
		properties    map[string]string
		values, reads []string
	}{
		{
			"dates", map[string]string{"type": "date", "format": "yyyy-MM-dd", "range": "2020-01-01,NOW+1DAYS", "interval": "1", "interval.unit": "DAYS"},
			[]string{"2019-12-31", "2020-01-01", "2020-1-2", "2020-02-30", day(0), day(1), day(2), "__HIVE_DEFAULT_PARTITION__"},
			[]string{"2020-01-01", day(0), day(1)},
		},
		{"templated", map[string]string{"type": "date", "format": "yyyy-MM-dd", "range": "2020-01-01,NOW+1DAYS"}, []string{"2015-06-01", day(0)}, []string{day(0)}},
		{"years", map[string]string{"type": "date", "format": "yyyy-MM-dd", "range": "NOW-1YEARS,NOW"}, []string{day(-400), day(-300), day(1)}, []string{day(-300)}},
		{"nothing", map[string]string{"type": "date", "format": "yyyy-MM-dd", "range": "2020-01-01,2020-01-02"}, []string{"2021-01-01"}, nil},
		{"integers", map[string]string{"type": "integer", "range": "1,12", "digits": "2"}, []string{"00", "01", "7", "12", "13"}, []string{"01", "12"}},
		{"enums", map[string]string{"type": "enum", "values": "a,b"}, []string{"a", "b", "c"}, []string{"a", "b"}},
		{"off", nil, []string{"2019-12-31", "2020-01-01"}, []string{"2019-12-31", "2020-01-01"}},
	} {
		parameters := map[string]string{"classification": "json"}
		for name, value := range c.properties {
			parameters["projection.enabled"] = "true"
			parameters["projection.dt."+name] = value
		}
		if c.name == "templated" {
			parameters["storage.location.template"] = "s3://projected/templated/dt=${dt}/"
		}
		for _, value := range c.values {
			_, err := objects.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String("projected"), Key: aws.String(fmt.Sprintf("%s/dt=%s/a.json", c.name, value)), Body: strings.NewReader(`{"id":1}`),
			})
			require.NoError(t, err)
		}
		_, err := catalog.CreateTable(t.Context(), &glue.CreateTableInput{DatabaseName: aws.String("sales"), TableInput: &types.TableInput{
			Name: aws.String(c.name), Parameters: parameters, PartitionKeys: []types.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
			StorageDescriptor: &types.StorageDescriptor{
				Location: aws.String("s3://projected/" + c.name + "/"), Columns: []types.Column{{Name: aws.String("id"), Type: aws.String("int")}},
				SerdeInfo: &types.SerDeInfo{SerializationLibrary: aws.String("org.openx.data.jsonserde.JsonSerDe")},
			},
		}})
		require.NoError(t, err)
		require.Equal(t, c.reads, column(t, athena.NewFromConfig(config), "SELECT dt FROM "+c.name+" ORDER BY dt"), c.name)
	}
}

// Athena fails if an object of a table has another format, and ignores objects that are
// empty, hidden, folder markers, or not in a partition.
func TestAthenaReadsObjectsInPartitions(t *testing.T) {
	config := start(t, t.TempDir()).Config("us-east-1")
	catalog, objects := glue.NewFromConfig(config), s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := catalog.CreateDatabase(t.Context(), &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("sales")}})
	require.NoError(t, err)
	_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("projected")})
	require.NoError(t, err)
	put := func(key, body string) {
		_, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("projected"), Key: &key, Body: strings.NewReader(body)})
		require.NoError(t, err)
	}
	_, err = catalog.CreateTable(t.Context(), &glue.CreateTableInput{DatabaseName: aws.String("sales"), TableInput: &types.TableInput{
		Name: aws.String("events"), PartitionKeys: []types.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
		Parameters: map[string]string{
			"classification": "json", "projection.enabled": "true", "projection.dt.type": "date", "projection.dt.format": "yyyy-MM-dd",
			"projection.dt.range": "2020-01-01,NOW", "storage.location.template": "s3://projected/events/dt=${dt}/",
		},
		StorageDescriptor: &types.StorageDescriptor{
			Location: aws.String("s3://projected/events/"), Columns: []types.Column{
				{Name: aws.String("id"), Type: aws.String("bigint")}, {Name: aws.String("later"), Type: aws.String("decimal(12,2)")},
			},
			SerdeInfo: &types.SerDeInfo{SerializationLibrary: aws.String("org.openx.data.jsonserde.JsonSerDe")},
		},
	}})
	require.NoError(t, err)
	put("events/dt=2020-01-01/batch_id=1/rows.json", `{"id":1}`)
	for _, key := range []string{"dt=2020-01-01/", "dt=2020-01-02/empty.json", "dt=2020-01-01/_SUCCESS", ".hidden", "readme.md", "dt=2019-12-31/a.json", "other/dt=2020-01-01"} {
		body := "no JSON"
		if strings.HasSuffix(key, "/") || strings.Contains(key, "empty") {
			body = ""
		}
		put("events/"+key, body)
	}
	queries := athena.NewFromConfig(config)
	require.Equal(t, []string{"1"}, column(t, queries, "SELECT id FROM events WHERE later IS NULL AND dt = '2020-01-01'"))

	put("events/dt=2020-01-01/notes.txt", "no JSON")
	require.NotEmpty(t, failure(t, queries, "SELECT id FROM events"), "a query fails on an object in another format")
}

// DuckDB would run all of these, and read or write this machine's files.
func TestAthenaRunsOnlyQueriesOfTables(t *testing.T) {
	config := start(t, t.TempDir()).Config("us-east-1")
	_, err := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("projected")})
	require.NoError(t, err)
	queries := athena.NewFromConfig(config)
	file := filepath.Join(t.TempDir(), "secret.csv")
	require.NoError(t, os.WriteFile(file, []byte("a\n1\n"), 0o600))
	written := filepath.Join(t.TempDir(), "written")
	for query, want := range map[string]string{
		"SELECT 1; SELECT 2":                    "Only one sql statement is allowed. Got: SELECT 1; SELECT 2",
		"COPY (SELECT 1) TO '" + written + "'":  "Queries of this type are not supported",
		"ATTACH '" + written + "' AS other":     "Queries of this type are not supported",
		"EXPORT DATABASE '" + written + "'":     "Queries of this type are not supported",
		"INSTALL httpfs":                        "Queries of this type are not supported",
		"LOAD httpfs":                           "Queries of this type are not supported",
		"PRAGMA database_list":                  "Queries of this type are not supported",
		"SET enable_external_access = true":     "Queries of this type are not supported",
		"CREATE TABLE copied AS SELECT 1 AS id": "Queries of this type are not supported",
	} {
		_, err := queries.StartQueryExecution(t.Context(), execution(query))
		var invalid *athenatypes.InvalidRequestException
		require.ErrorAs(t, err, &invalid, query)
		require.Equal(t, want, invalid.ErrorMessage(), query)
		require.Equal(t, "MALFORMED_QUERY", aws.ToString(invalid.AthenaErrorCode))
	}
	for query, want := range map[string]string{
		"SELECT * FROM read_csv('" + file + "')":                        "FUNCTION_NOT_FOUND: Table function 'read_csv' not registered",
		`SELECT * FROM main."read_text" ('` + file + "')":               "FUNCTION_NOT_FOUND: Table function 'read_text' not registered",
		"SELECT * FROM glob('/*')":                                      "FUNCTION_NOT_FOUND: Table function 'glob' not registered",
		"SELECT * FROM query('SELECT 1')":                               "FUNCTION_NOT_FOUND: Table function 'query' not registered",
		"SELECT * FROM '" + file + "'":                                  "TABLE_NOT_FOUND: queries read only tables of the catalog",
		`SELECT * FROM "` + file + `"`:                                  "TABLE_NOT_FOUND: queries read only tables of the catalog",
		"EXPLAIN ANALYZE COPY (SELECT 1) TO '" + written + "'":          "TABLE_NOT_FOUND: queries read only tables of the catalog",
		"SELECT * FROM query":                                           "query",
		"SELECT * FROM 'https://127.0.0.1:1/a.parquet'":                 "TABLE_NOT_FOUND: queries read only tables of the catalog",
		"EXPLAIN ANALYZE COPY (SELECT 1) TO 's3://projected/copy.json'": "TABLE_NOT_FOUND: queries read only tables of the catalog",
	} {
		require.Contains(t, failure(t, queries, query), want, query)
	}
	require.NoFileExists(t, written)
	require.Equal(t, []string{"1"}, column(t, queries, "SELECT 1;"))
	require.Equal(t, []string{"a;b"}, column(t, queries, "SELECT 'a;b' -- COPY; SELECT"))
	require.Equal(t, []string{"s3://projected/a"}, column(t, queries, "SELECT 's3://projected/a'"))
	require.Equal(t, []string{"1", "2"}, column(t, queries, "SELECT * FROM unnest([1, 2])"))
}

// execution returns the request of a query.
func execution(query string) *athena.StartQueryExecutionInput {
	return &athena.StartQueryExecutionInput{
		QueryString: &query, QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: aws.String("sales")},
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://projected/results/")},
	}
}

// failure returns the reason why a query fails.
func failure(t *testing.T, client *athena.Client, query string) (reason string) {
	t.Helper()
	started, err := client.StartQueryExecution(t.Context(), execution(query))
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		out, err := client.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		require.NoError(c, err)
		require.Equal(c, athenatypes.QueryExecutionStateFailed, out.QueryExecution.Status.State, query)
		reason = aws.ToString(out.QueryExecution.Status.StateChangeReason)
	}, time.Minute, 50*time.Millisecond)
	return reason
}

// column returns the only column of a query's result.
func column(t *testing.T, client *athena.Client, query string) []string {
	t.Helper()
	started, err := client.StartQueryExecution(t.Context(), execution(query))
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		out, err := client.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		require.NoError(c, err)
		require.Equal(c, athenatypes.QueryExecutionStateSucceeded, out.QueryExecution.Status.State, aws.ToString(out.QueryExecution.Status.StateChangeReason))
	}, time.Minute, 50*time.Millisecond)
	out, err := client.GetQueryResults(t.Context(), &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
	require.NoError(t, err)
	var values []string
	for _, row := range out.ResultSet.Rows[1:] {
		values = append(values, aws.ToString(row.Data[0].VarCharValue))
	}
	return values
}
