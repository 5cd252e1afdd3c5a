package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

func newCrawl(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "crawl",
		Short: "Run the crawler and wait until it has finished",
		Long:  "Run the crawler, or join a running crawl, and wait until it has finished." + stopsItsRun,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.CrawlResult, error) { return o.Crawl(cmd.Context()) }, writeCrawl)
		},
	}
}

func writeCrawl(w *page.Page, r ops.CrawlResult) {
	var rows [][]string
	for _, t := range r.Tables {
		rows = append(rows, []string{t.Name, strconv.Itoa(t.Columns), strconv.Itoa(t.Partitions), t.Location})
	}
	w.Table([]string{"TABLE", "COLUMNS", "PARTITIONS", "LOCATION"}, rows)
	for _, name := range r.Unexpected {
		w.Printf("WARNING: table %s does not belong to a stream of the contract: the job does not load the objects in its folder\n", name)
	}
}
