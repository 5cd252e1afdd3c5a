package crawler

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"localaws/awsjson"
	"localaws/store"
)

// States of a crawler.
const (
	ready    = "READY"
	running  = "RUNNING"
	stopping = "STOPPING"
)

// Statuses of a crawl that has ended, in LastCrawl and for OnDone.
const (
	Succeeded = "SUCCEEDED"
	Failed    = "FAILED"
	Cancelled = "CANCELLED"
)

// Collections of the store.
const (
	crawlersCollection = "glue-crawlers"
	crawlsCollection   = "glue-crawls"
)

// record is the stored form of a crawler.
type record struct {
	Definition
	State     string
	Created   time.Time
	Updated   time.Time
	Version   int64
	LastCrawl *crawl `json:",omitempty"` // the last that ended
	Running   *crawl `json:",omitempty"`
}

// crawl is one run of a crawler.
type crawl struct {
	ID       string
	Crawler  string
	LogGroup string
	Started  time.Time
	Ended    time.Time
	Status   string // empty while it runs
	Message  string // of an error
	Tables   counts
	Parts    counts
}

// counts contains the names of changed tables or partitions, by kind of change.
type counts map[string][]string

func (c counts) add(kind, name string) {
	if kind != "" {
		c[kind] = append(c[kind], name)
	}
}

func (s *Service) load(name string) (record, error) {
	var r record
	err := s.store.Get(crawlersCollection, name, &r)
	if errors.Is(err, store.ErrNotFound) {
		return r, awsjson.Errorf(awsjson.EntityNotFound, "Crawler with name %s does not exist", name)
	}
	return r, err
}

func (s *Service) save(r record) error {
	if err := s.store.Put(crawlersCollection, r.Name, r); err != nil {
		return fmt.Errorf("save crawler %s: %w", r.Name, err)
	}
	return nil
}

// crawlKey returns a key that sorts the crawls of a crawler by time.
func crawlKey(c crawl) string {
	return fmt.Sprintf("%s/%020d/%s", c.Crawler, c.Started.UnixNano(), c.ID)
}

func (s *Service) saveCrawl(c crawl) error {
	if err := s.store.Put(crawlsCollection, crawlKey(c), c); err != nil {
		return fmt.Errorf("save crawl %s of %s: %w", c.ID, c.Crawler, err)
	}
	return nil
}

// crawls returns the crawls of a crawler, newest first.
func (s *Service) crawls(name string) ([]crawl, error) {
	all, err := store.List[crawl](s.store, crawlsCollection)
	if err != nil {
		return nil, fmt.Errorf("read crawls: %w", err)
	}
	all = slices.DeleteFunc(all, func(c crawl) bool { return c.Crawler != name })
	slices.SortStableFunc(all, func(a, b crawl) int { return b.Started.Compare(a.Started) })
	return all, nil
}

// recover marks crawls as failed that were in progress when the last process ended.
func (s *Service) recover() error {
	all, err := store.List[record](s.store, crawlersCollection)
	if err != nil {
		return fmt.Errorf("read crawlers: %w", err)
	}
	for _, r := range all {
		if r.Running == nil {
			continue
		}
		c := *r.Running
		c.Status, c.Message, c.Ended = Failed, errInterrupted.Error(), s.now()
		if err := s.end(r, c); err != nil {
			return err
		}
	}
	return nil
}

// end stores the result of a crawl.
func (s *Service) end(r record, c crawl) error {
	r.State, r.Running, r.LastCrawl = ready, nil, &c
	if err := s.saveCrawl(c); err != nil {
		return err
	}
	return s.save(r)
}

// deleteCrawls deletes the records of a crawler's crawls.
func (s *Service) deleteCrawls(name string) error {
	for _, collection := range []string{crawlsCollection, incrementalCollection} {
		var keys []string
		err := s.store.Each(collection, func(key string, _ json.RawMessage) error {
			if strings.HasPrefix(key, name+"/") {
				keys = append(keys, key)
			}
			return nil
		})
		for _, key := range keys {
			err = errors.Join(err, s.store.Delete(collection, key))
		}
		if err != nil {
			return fmt.Errorf("delete the crawls of %s: %w", name, err)
		}
	}
	return nil
}
