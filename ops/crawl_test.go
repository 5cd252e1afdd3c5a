package ops

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func crawlerIn(state string, lastStart float64, status string) document {
	c := document{"Name": "crawler", "State": state, "TablePrefix": "txns_"}
	if status != "" {
		c["LastCrawl"] = document{"Status": status, "StartTime": lastStart, "ErrorMessage": "no access"}
	}
	return document{"Crawler": c}
}

func withTables(f *fakeAWS) {
	table := func(name string) document {
		return document{"Name": name, "StorageDescriptor": document{"Location": "s3://events/" + name, "Columns": []any{document{"Name": "a"}}}}
	}
	f.answers("GetTables", document{"TableList": []any{table("txns_sale_events"), table("curated_sales_txns"), table("txns_inventory_events"), table("txns_notes")}})
	f.on["GetPartitions"] = func(in document) any {
		if in["TableName"] == "txns_sale_events" {
			return document{"Partitions": []any{document{}, document{}}}
		}
		return document{"Partitions": []any{}}
	}
}

func TestCrawlWaitsForItsEnd(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartCrawler", document{})
	withTables(f)
	f.answers("GetCrawler",
		crawlerIn("READY", 100, "FAILED"), // Before the start, and once more before the new crawl is visible.
		crawlerIn("READY", 100, "FAILED"),
		crawlerIn("RUNNING", 100, "FAILED"),
		crawlerIn("STOPPING", 100, "FAILED"),
		crawlerIn("READY", 200, "SUCCEEDED"))
	r, err := o.Crawl(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Table{
		{Name: "txns_sale_events", Location: "s3://events/txns_sale_events", Columns: 1, Partitions: 2},
		{Name: "txns_inventory_events", Location: "s3://events/txns_inventory_events", Columns: 1},
		{Name: "txns_notes", Location: "s3://events/txns_notes", Columns: 1},
	}, r.Tables)
	require.Equal(t, []string{"txns_notes"}, r.Unexpected)
	require.Equal(t, 5, f.called("GetCrawler"))
}

func TestCrawlJoinsARunningOne(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartCrawler", awsError{"CrawlerRunningException", "already running"})
	withTables(f)
	f.answers("GetCrawler", crawlerIn("RUNNING", 0, ""), crawlerIn("READY", 200, "SUCCEEDED"))
	_, err := o.Crawl(t.Context())
	require.NoError(t, err)
}

// Glue does not document when it sets LastCrawl, so a crawl that is about to end may be the last one already.
func TestCrawlFollowsOneThatEnds(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartCrawler", awsError{"CrawlerRunningException", "already running"}, document{})
	withTables(f)
	f.answers("GetCrawler",
		crawlerIn("STOPPING", 100, "SUCCEEDED"),
		crawlerIn("STOPPING", 100, "SUCCEEDED"),
		crawlerIn("READY", 100, "SUCCEEDED"),
		crawlerIn("RUNNING", 100, "SUCCEEDED"),
		crawlerIn("READY", 200, "SUCCEEDED"))
	_, err := o.Crawl(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, f.called("StartCrawler"))
}

func TestCrawlFailure(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartCrawler", document{})
	f.answers("GetCrawler", crawlerIn("READY", 0, ""), crawlerIn("READY", 200, "FAILED"))
	_, err := o.Crawl(t.Context())
	require.ErrorContains(t, err, "the crawl of crawler ended as FAILED: no access")
}

// A crawl that another client has started continues.
func TestCancelStopsOnlyTheCrawlItStarted(t *testing.T) {
	for want, answer := range []any{awsError{"CrawlerRunningException", "already running"}, document{}} {
		f, o := newFake(t)
		f.answers("StartCrawler", answer)
		f.answers("StopCrawler", document{})
		f.answers("GetCrawler", crawlerIn("RUNNING", 0, ""))
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := o.Crawl(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, want, f.called("StopCrawler"))
	}
}
