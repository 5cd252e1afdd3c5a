package jobs

import (
	"context"
	"encoding/json"
	"errors"

	"localaws/awsjson"
	"localaws/store"
)

const bookmarksCollection = "glue.bookmarks"

// bookmark contains the state that job.commit() saved, and earlier states for rewinding the job. Every change,
// including a reset, increments its version.
type bookmark struct {
	Version int
	// Run counts the commits since the last reset.
	Run     int
	Entries []bookmarkEntry
}

// bookmarkEntry is the state at the end of a run.
type bookmarkEntry struct {
	Run     int
	Attempt int
	RunID   string
	State   json.RawMessage
}

var noState = json.RawMessage(`{}`)

// bookmarkDocument is Glue's JobBookmarkEntry:
// https://docs.aws.amazon.com/glue/latest/webapi/API_JobBookmarkEntry.html
type bookmarkDocument struct {
	JobName       string
	Version       int
	Run           int
	Attempt       int
	PreviousRunID string `json:"PreviousRunId,omitempty"`
	RunID         string `json:"RunId,omitempty"`
	JobBookmark   string
}

type bookmarkOutput struct{ JobBookmarkEntry bookmarkDocument }

func (b bookmark) state() json.RawMessage {
	if len(b.Entries) == 0 {
		return noState
	}
	return b.Entries[len(b.Entries)-1].State
}

func (b bookmark) document(job string) bookmarkDocument {
	doc := bookmarkDocument{JobName: job, Version: b.Version, Run: b.Run, JobBookmark: string(b.state())}
	n := len(b.Entries)
	if n > 0 {
		doc.Attempt, doc.RunID = b.Entries[n-1].Attempt, b.Entries[n-1].RunID
	}
	if n > 1 {
		doc.PreviousRunID = b.Entries[n-2].RunID
	}
	return doc
}

func (s *Service) getBookmark(_ context.Context, in runInput) (bookmarkOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.savedBookmark(in.JobName)
	if err != nil {
		return bookmarkOutput{}, err
	}
	if in.RunID != "" {
		if b.Entries, err = b.until(in.RunID); err != nil {
			return bookmarkOutput{}, err
		}
	}
	return bookmarkOutput{b.document(in.JobName)}, nil
}

// resetBookmark deletes the state, or rewinds it to the end of a run.
func (s *Service) resetBookmark(_ context.Context, in runInput) (bookmarkOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.savedBookmark(in.JobName)
	if err != nil {
		return bookmarkOutput{}, err
	}
	entries := []bookmarkEntry{}
	if in.RunID != "" {
		if entries, err = b.until(in.RunID); err != nil {
			return bookmarkOutput{}, err
		}
	}
	b.Version++
	b.Entries, b.Run = entries, 0
	if n := len(entries); n > 0 {
		b.Run = entries[n-1].Run
	}
	return bookmarkOutput{b.document(in.JobName)}, s.opts.Store.Put(bookmarksCollection, in.JobName, b)
}

// until returns the entries up to and including a run's.
func (b bookmark) until(runID string) ([]bookmarkEntry, error) {
	for i := len(b.Entries) - 1; i >= 0; i-- {
		if b.Entries[i].RunID == runID {
			return b.Entries[:i+1], nil
		}
	}
	return nil, awsjson.Errorf(awsjson.EntityNotFound, "no bookmark of run %s is stored", runID)
}

// findBookmark returns the bookmark of an existing job. Version 0 means that the job has no bookmark.
func (s *Service) findBookmark(job string) (bookmark, error) {
	if _, err := s.find(job); err != nil {
		return bookmark{}, err
	}
	var b bookmark
	err := s.opts.Store.Get(bookmarksCollection, job, &b)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return bookmark{}, err
	}
	return b, nil
}

// savedBookmark returns the bookmark of a job, or AWS's error if the job has no bookmark.
func (s *Service) savedBookmark(job string) (bookmark, error) {
	b, err := s.findBookmark(job)
	if err == nil && b.Version == 0 {
		err = awsjson.Errorf(awsjson.EntityNotFound, "Continuation for job %s not found", job)
	}
	return b, err
}
