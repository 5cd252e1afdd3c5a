package crawler

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"localaws/awsjson"
)

// historyStates maps a crawl's status to its state in ListCrawls.
var historyStates = map[string]string{"": "RUNNING", Succeeded: "COMPLETED", Failed: "FAILED", Cancelled: "STOPPED"}

type listCrawlsInput struct {
	awsjson.Page
	CrawlerName string
	Filters     []crawlsFilter
}

// crawlsFilter selects crawls by CRAWL_ID, STATE, START_TIME or END_TIME (epoch milliseconds), or DPU_HOUR.
type crawlsFilter struct {
	FieldName      string
	FilterOperator string
	FieldValue     string
}

type crawlView struct {
	CrawlId       string //nolint:revive // The API's name.
	State         string
	StartTime     float64
	EndTime       float64 `json:",omitempty"`
	Summary       string  `json:",omitempty"`
	ErrorMessage  string  `json:",omitempty"`
	LogGroup      string
	LogStream     string
	MessagePrefix string
	DPUHour       float64
}

type listCrawlsOutput struct {
	Crawls    []crawlView
	NextToken string `json:",omitempty"`
}

func (s *Service) listCrawls(_ context.Context, in listCrawlsInput) (listCrawlsOutput, error) {
	if _, err := s.load(in.CrawlerName); err != nil {
		return listCrawlsOutput{}, err
	}
	all, err := s.crawls(in.CrawlerName)
	if err != nil {
		return listCrawlsOutput{}, err
	}
	for _, f := range in.Filters {
		all = slices.DeleteFunc(all, func(c crawl) bool { return !f.matches(c) })
	}
	page, next, err := awsjson.Cut(all, in.Page, pageSize)
	out := listCrawlsOutput{Crawls: make([]crawlView, len(page)), NextToken: next}
	for i, c := range page {
		out.Crawls[i] = viewCrawl(c)
	}
	return out, err
}

func viewCrawl(c crawl) crawlView {
	v := crawlView{
		CrawlId: c.ID, State: historyStates[c.Status], StartTime: epoch(c.Started),
		Summary: summaryJSON(c), ErrorMessage: c.Message,
		LogGroup: c.LogGroup, LogStream: c.Crawler, MessagePrefix: c.ID,
	}
	if !c.Ended.IsZero() {
		v.EndTime = epoch(c.Ended)
	}
	return v
}

// summaryJSON returns the number and names of changed tables and partitions, by kind of change.
func summaryJSON(c crawl) string {
	type entry struct {
		Count   int
		Details struct{ Names []string }
	}
	out := map[string]map[string]entry{}
	for what, changed := range map[string]counts{"TABLE": c.Tables, "PARTITION": c.Parts} {
		for kind, names := range changed {
			e := entry{Count: len(names)}
			e.Details.Names = names
			if out[what] == nil {
				out[what] = map[string]entry{}
			}
			out[what][kind] = e
		}
	}
	raw, _ := json.Marshal(out) //nolint:errchkjson // Strings and numbers.
	return string(raw)
}

// matches reports whether a crawl matches the filter.
func (f crawlsFilter) matches(c crawl) bool {
	order := 0
	switch f.FieldName {
	case "CRAWL_ID":
		order = strings.Compare(c.ID, f.FieldValue)
	case "STATE":
		order = strings.Compare(historyStates[c.Status], f.FieldValue)
	case "START_TIME":
		order = compareNumber(float64(c.Started.UnixMilli()), f.FieldValue)
	case "END_TIME":
		order = compareNumber(float64(c.Ended.UnixMilli()), f.FieldValue)
	case "DPU_HOUR":
		order = compareNumber(0, f.FieldValue)
	}
	switch f.FilterOperator {
	case "GT":
		return order > 0
	case "GE":
		return order >= 0
	case "LT":
		return order < 0
	case "LE":
		return order <= 0
	case "NE":
		return order != 0
	default:
		return order == 0
	}
}

func compareNumber(n float64, value string) int {
	v, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil || n < v:
		return -1
	case n > v:
		return 1
	default:
		return 0
	}
}
