package crawler

import (
	"context"
	"slices"

	"localaws/awsjson"
)

type metricsInput struct {
	awsjson.Page
	CrawlerNameList []string
}

type metrics struct {
	CrawlerName          string
	TimeLeftSeconds      float64
	StillEstimating      bool
	LastRuntimeSeconds   float64
	MedianRuntimeSeconds float64
	TablesCreated        int
	TablesUpdated        int
	TablesDeleted        int
}

type metricsOutput struct {
	CrawlerMetricsList []metrics
	NextToken          string `json:",omitempty"`
}

func (s *Service) getCrawlerMetrics(_ context.Context, in metricsInput) (metricsOutput, error) {
	all, err := s.records()
	if err != nil {
		return metricsOutput{}, err
	}
	if len(in.CrawlerNameList) > 0 {
		all = slices.DeleteFunc(all, func(r record) bool { return !slices.Contains(in.CrawlerNameList, r.Name) })
	}
	page, next, err := awsjson.Cut(all, in.Page, pageSize)
	if err != nil {
		return metricsOutput{}, err
	}
	out := metricsOutput{CrawlerMetricsList: make([]metrics, len(page)), NextToken: next}
	for i, r := range page {
		if out.CrawlerMetricsList[i], err = s.metrics(r); err != nil {
			return metricsOutput{}, err
		}
	}
	return out, nil
}

func (s *Service) metrics(r record) (metrics, error) {
	m := metrics{CrawlerName: r.Name}
	all, err := s.crawls(r.Name)
	if err != nil {
		return m, err
	}
	var seconds []float64
	for _, c := range all {
		if c.Status != "" {
			seconds = append(seconds, c.Ended.Sub(c.Started).Seconds())
		}
	}
	if c := r.LastCrawl; c != nil {
		m.LastRuntimeSeconds = seconds[0]
		m.TablesCreated, m.TablesUpdated, m.TablesDeleted = len(c.Tables[added]), len(c.Tables[updated]), len(c.Tables[deleted])
	}
	if len(seconds) > 0 {
		slices.Sort(seconds)
		m.MedianRuntimeSeconds = seconds[len(seconds)/2]
	}
	if r.Running != nil {
		m.StillEstimating = len(seconds) == 0
		m.TimeLeftSeconds = max(0, m.MedianRuntimeSeconds-s.now().Sub(r.Running.Started).Seconds())
	}
	return m, nil
}
