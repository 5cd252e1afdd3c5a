package crawler

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"localaws/awsjson"
	"localaws/store"
)

// pageSize is the maximum number of crawlers or crawls in a response.
const pageSize = 100

type (
	empty   struct{}
	byName  struct{ Name string }
	byNames struct{ CrawlerNames []string }
)

// Operations returns Glue's crawler operations.
func (s *Service) Operations() awsjson.Operations {
	return awsjson.Operations{
		"CreateCrawler":         awsjson.Typed(s.createCrawler),
		"UpdateCrawler":         awsjson.Typed(s.updateCrawler),
		"DeleteCrawler":         awsjson.Typed(s.deleteCrawler),
		"GetCrawler":            awsjson.Typed(s.getCrawler),
		"GetCrawlers":           awsjson.Typed(s.getCrawlers),
		"BatchGetCrawlers":      awsjson.Typed(s.batchGetCrawlers),
		"ListCrawlers":          awsjson.Typed(s.listCrawlers),
		"StartCrawler":          awsjson.Typed(s.startCrawler),
		"StopCrawler":           awsjson.Typed(s.stopCrawler),
		"GetCrawlerMetrics":     awsjson.Typed(s.getCrawlerMetrics),
		"ListCrawls":            awsjson.Typed(s.listCrawls),
		"StartCrawlerSchedule":  awsjson.Typed(s.startSchedule),
		"StopCrawlerSchedule":   awsjson.Typed(s.stopSchedule),
		"UpdateCrawlerSchedule": awsjson.Typed(s.updateSchedule),
	}
}

// definitionRequest is the request of CreateCrawler and UpdateCrawler, in which Schedule is only the expression.
type definitionRequest struct {
	Definition
	Schedule *string
	Tags     map[string]string
}

func (s *Service) createCrawler(_ context.Context, in definitionRequest) (empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := in.Definition
	d.setSchedule(in.Schedule)
	d = d.withDefaults()
	if err := d.validate(); err != nil {
		return empty{}, err
	}
	if _, err := s.load(d.Name); err == nil {
		return empty{}, awsjson.Errorf(awsjson.AlreadyExists, "Crawler with name %s already exists", d.Name)
	}
	now := s.now()
	if err := s.save(record{Definition: d, State: ready, Created: now, Updated: now, Version: 1}); err != nil {
		return empty{}, err
	}
	if err := s.tags.Set(s.arn(d.Name), in.Tags); err != nil {
		return empty{}, fmt.Errorf("tags of crawler %s: %w", d.Name, err)
	}
	return empty{}, nil
}

func (d *Definition) setSchedule(expression *string) {
	switch {
	case expression == nil:
	case *expression == "":
		d.Schedule = nil
	default:
		d.Schedule = &Schedule{ScheduleExpression: *expression, State: scheduled}
	}
}

// updateCrawler changes only the fields in the request.
func (s *Service) updateCrawler(_ context.Context, in json.RawMessage) (empty, error) {
	var name byName
	var schedule struct{ Schedule *string }
	for _, v := range []any{&name, &schedule} {
		if err := json.Unmarshal(in, v); err != nil {
			return empty{}, awsjson.Errorf(awsjson.InvalidInput, "request body: %v", err)
		}
	}
	return empty{}, s.change(name.Name, func(r *record) error {
		request := definitionRequest{Definition: r.Definition}
		request.Targets = nil // Unmarshal would merge into the map.
		if err := json.Unmarshal(in, &request); err != nil {
			return awsjson.Errorf(awsjson.InvalidInput, "request body: %v", err)
		}
		if request.Targets == nil {
			request.Targets = r.Targets
		}
		d := request.Definition
		d.Schedule = r.Schedule
		d.setSchedule(schedule.Schedule)
		d = d.withDefaults()
		if err := d.checkUpdate(r.Definition); err != nil {
			return err
		}
		r.Definition = d
		return d.validate()
	})
}

// change updates a crawler that is not running.
func (s *Service) change(name string, f func(*record) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.load(name)
	if err != nil {
		return err
	}
	if r.Running != nil {
		return awsjson.Errorf(awsjson.CrawlerRunning, "Crawler with name %s is currently running", name)
	}
	if err := f(&r); err != nil {
		return err
	}
	r.Updated = s.now()
	r.Version++
	return s.save(r)
}

func (s *Service) deleteCrawler(_ context.Context, in byName) (empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.load(in.Name)
	if err != nil {
		return empty{}, err
	}
	if r.Running != nil {
		return empty{}, awsjson.Errorf(awsjson.CrawlerRunning, "Crawler with name %s is currently running", in.Name)
	}
	if err := s.tags.Delete(s.arn(in.Name)); err != nil {
		return empty{}, fmt.Errorf("tags of crawler %s: %w", in.Name, err)
	}
	if err := s.store.Delete(crawlersCollection, in.Name); err != nil {
		return empty{}, fmt.Errorf("delete crawler %s: %w", in.Name, err)
	}
	return empty{}, s.deleteCrawls(in.Name)
}

func (s *Service) startCrawler(ctx context.Context, in byName) (empty, error) {
	_, err := s.Start(ctx, in.Name)
	return empty{}, err
}

func (s *Service) stopCrawler(_ context.Context, in byName) (empty, error) {
	return empty{}, s.Stop(in.Name)
}

type getCrawlerOutput struct{ Crawler view }

func (s *Service) getCrawler(_ context.Context, in byName) (getCrawlerOutput, error) {
	r, err := s.load(in.Name)
	return getCrawlerOutput{s.view(r)}, err
}

type getCrawlersOutput struct {
	Crawlers  []view
	NextToken string `json:",omitempty"`
}

func (s *Service) getCrawlers(_ context.Context, in awsjson.Page) (getCrawlersOutput, error) {
	all, err := s.records()
	if err != nil {
		return getCrawlersOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in, pageSize)
	out := getCrawlersOutput{Crawlers: make([]view, len(page)), NextToken: next}
	for i, r := range page {
		out.Crawlers[i] = s.view(r)
	}
	return out, err
}

type batchGetCrawlersOutput struct {
	Crawlers         []view
	CrawlersNotFound []string
}

func (s *Service) batchGetCrawlers(_ context.Context, in byNames) (batchGetCrawlersOutput, error) {
	all, err := s.records()
	if err != nil {
		return batchGetCrawlersOutput{}, err
	}
	out := batchGetCrawlersOutput{Crawlers: []view{}, CrawlersNotFound: []string{}}
	for _, name := range in.CrawlerNames {
		i := slices.IndexFunc(all, func(r record) bool { return r.Name == name })
		if i < 0 {
			out.CrawlersNotFound = append(out.CrawlersNotFound, name)
			continue
		}
		out.Crawlers = append(out.Crawlers, s.view(all[i]))
	}
	return out, nil
}

type listCrawlersInput struct {
	awsjson.Page
	Tags map[string]string
}

type listCrawlersOutput struct {
	CrawlerNames []string
	NextToken    string `json:",omitempty"`
}

func (s *Service) listCrawlers(_ context.Context, in listCrawlersInput) (listCrawlersOutput, error) {
	if len(in.Tags) > 0 {
		return listCrawlersOutput{}, awsjson.Errorf(awsjson.InvalidInput, "filtering by tags is not supported")
	}
	all, err := s.records()
	if err != nil {
		return listCrawlersOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in.Page, pageSize)
	out := listCrawlersOutput{CrawlerNames: make([]string, len(page)), NextToken: next}
	for i, r := range page {
		out.CrawlerNames[i] = r.Name
	}
	return out, err
}

// records returns all crawlers, by name.
func (s *Service) records() ([]record, error) {
	all, err := store.List[record](s.store, crawlersCollection)
	if err != nil {
		return nil, fmt.Errorf("read crawlers: %w", err)
	}
	slices.SortFunc(all, func(a, b record) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}
