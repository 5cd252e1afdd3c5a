package crawler

import "time"

// view is a crawler in the format of the API, with times in epoch seconds.
type view struct {
	Definition
	State            string
	CrawlElapsedTime int64 // milliseconds, while it runs
	CreationTime     float64
	LastUpdated      float64
	Version          int64
	LastCrawl        *lastCrawl `json:",omitempty"`
}

type lastCrawl struct {
	Status        string
	ErrorMessage  string `json:",omitempty"`
	LogGroup      string
	LogStream     string
	MessagePrefix string
	StartTime     float64
}

func (s *Service) view(r record) view {
	v := view{
		Definition: r.Definition, State: r.State, Version: r.Version,
		CreationTime: epoch(r.Created), LastUpdated: epoch(r.Updated),
	}
	if r.Running != nil {
		v.CrawlElapsedTime = s.now().Sub(r.Running.Started).Milliseconds()
	}
	if c := r.LastCrawl; c != nil {
		v.LastCrawl = &lastCrawl{
			Status: c.Status, ErrorMessage: c.Message, LogGroup: c.LogGroup, LogStream: r.Name,
			MessagePrefix: c.ID, StartTime: epoch(c.Started),
		}
	}
	return v
}

func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
