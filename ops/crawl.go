package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"store-events/schema"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// CrawlResult lists the crawled tables of the catalog.
type CrawlResult struct {
	Crawler string  `json:"crawler"`
	Tables  []Table `json:"tables"`
	// Unexpected are the names of tables that do not belong to a stream of the contract.
	Unexpected []string `json:"unexpected_tables,omitempty"`
	Seconds    float64  `json:"seconds"`
}

// Table is a crawled table of the catalog.
type Table struct {
	Name       string `json:"name"`
	Location   string `json:"location"`
	Columns    int    `json:"columns"`
	Partitions int    `json:"partitions"`
}

// Crawl runs the crawler, or joins a running crawl, and waits for its end. Canceling
// ctx stops the crawl if this call has started it.
func (o *Ops) Crawl(ctx context.Context) (CrawlResult, error) {
	start := time.Now()
	before, err := o.crawler(ctx)
	if err != nil {
		return CrawlResult{}, err
	}
	started, err := o.startCrawler(ctx)
	if err != nil {
		return CrawlResult{}, err
	}
	after, err := o.waitForCrawl(ctx, crawlStart(before), &started)
	if err != nil {
		if started {
			o.poll.OnCancel(ctx, "the crawler", o.stopCrawler)
		}
		return CrawlResult{}, err
	}
	if err := crawlError(o.stack.Crawler, after.LastCrawl); err != nil {
		return CrawlResult{}, err
	}
	prefix := aws.ToString(after.TablePrefix)
	tables, err := o.tables(ctx, prefix)
	return CrawlResult{Crawler: o.stack.Crawler, Tables: tables, Unexpected: o.unexpected(tables, prefix), Seconds: seconds(start)}, err
}

// unexpected returns the names of tables over folders that do not belong to a stream.
func (o *Ops) unexpected(tables []Table, prefix string) []string {
	var names []string
	for _, t := range tables {
		if !slices.ContainsFunc(o.contract.Streams, func(s schema.Stream) bool { return prefix+s.Name == t.Name }) {
			names = append(names, t.Name)
		}
	}
	return names
}

func (o *Ops) crawler(ctx context.Context) (*types.Crawler, error) {
	out, err := o.glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: aws.String(o.stack.Crawler)})
	if err != nil {
		return nil, fmt.Errorf("get the crawler %s: %w", o.stack.Crawler, err)
	}
	return out.Crawler, nil
}

// startCrawler reports whether it has started a crawl. A crawl that is already running is
// not an error: it may be this call's, if the response to an earlier attempt was lost.
func (o *Ops) startCrawler(ctx context.Context) (started bool, err error) {
	_, err = o.glue.StartCrawler(ctx, &glue.StartCrawlerInput{Name: aws.String(o.stack.Crawler)})
	var running *types.CrawlerRunningException
	if errors.As(err, &running) {
		o.poll.Progressf("the crawler %s is running already", o.stack.Crawler)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("start the crawler %s: %w", o.stack.Crawler, err)
	}
	return true, nil
}

func (o *Ops) stopCrawler(ctx context.Context) error {
	_, err := o.glue.StopCrawler(ctx, &glue.StopCrawlerInput{Name: aws.String(o.stack.Crawler)})
	return err
}

// waitForCrawl waits for the end of a crawl that started at another time than
// previous. If the running crawl was the previous one, which was about to end, it starts another.
func (o *Ops) waitForCrawl(ctx context.Context, previous time.Time, started *bool) (crawler *types.Crawler, err error) {
	var state types.CrawlerState
	err = o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		if crawler, err = o.crawler(ctx); err != nil {
			return false, err
		}
		if crawler.State != state {
			state = crawler.State
			o.poll.Progressf("crawler %s: %s", o.stack.Crawler, strings.ToLower(string(state)))
		}
		ready := state == types.CrawlerStateReady
		if ready && !*started && crawlStart(crawler).Equal(previous) {
			*started, err = o.startCrawler(ctx)
			return false, err
		}
		return ready && !crawlStart(crawler).Equal(previous), nil
	})
	return crawler, err
}

func crawlStart(c *types.Crawler) time.Time {
	if c.LastCrawl == nil {
		return time.Time{}
	}
	return aws.ToTime(c.LastCrawl.StartTime)
}

func crawlError(name string, last *types.LastCrawlInfo) error {
	if last.Status == types.LastCrawlStatusSucceeded {
		return nil
	}
	return fmt.Errorf("the crawl of %s ended as %s: %s (log group %s, stream %s)", name, last.Status,
		aws.ToString(last.ErrorMessage), aws.ToString(last.LogGroup), aws.ToString(last.LogStream))
}

// tables lists the catalog's tables whose names begin with prefix.
func (o *Ops) tables(ctx context.Context, prefix string) ([]Table, error) {
	var out []Table
	err := o.eachCatalogTable(ctx, func(t types.Table) error {
		if !strings.HasPrefix(aws.ToString(t.Name), prefix) || aws.ToString(t.Name) == o.stack.CuratedTable {
			return nil
		}
		table, err := o.table(ctx, t)
		out = append(out, table)
		return err
	})
	return out, err
}

// eachCatalogTable calls visit with the tables of the catalog database until a call fails.
func (o *Ops) eachCatalogTable(ctx context.Context, visit func(types.Table) error) error {
	pages := glue.NewGetTablesPaginator(o.glue, &glue.GetTablesInput{DatabaseName: aws.String(o.stack.CatalogDatabase)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the tables of %s: %w", o.stack.CatalogDatabase, err)
		}
		for _, t := range page.TableList {
			if err := visit(t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Ops) table(ctx context.Context, t types.Table) (Table, error) {
	out := Table{Name: aws.ToString(t.Name)}
	if t.StorageDescriptor != nil {
		out.Location, out.Columns = aws.ToString(t.StorageDescriptor.Location), len(t.StorageDescriptor.Columns)
	}
	pages := glue.NewGetPartitionsPaginator(o.glue, &glue.GetPartitionsInput{
		DatabaseName: aws.String(o.stack.CatalogDatabase), TableName: t.Name, ExcludeColumnSchema: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Table{}, fmt.Errorf("list the partitions of %s: %w", out.Name, err)
		}
		out.Partitions += len(page.Partitions)
	}
	return out, nil
}
