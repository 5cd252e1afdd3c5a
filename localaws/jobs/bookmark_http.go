package jobs

import (
	"encoding/json"
	"errors"
	"net/http"
	"path"
)

const (
	maxBookmarkBytes = 64 << 20
	// maxEntries is the number of runs to which a job can be rewound.
	maxEntries = 10
)

// versionedBookmark is the document with which the package awsglue reads and saves the bookmark.
type versionedBookmark struct {
	Version int             `json:"version"`
	State   json.RawMessage `json:"state,omitempty"`
}

// errConflict means that another run has saved the bookmark since it was read.
var errConflict = errors.New("the bookmark was changed since it was read: another run of this job saved it")

// BookmarkHandler serves the bookmark of the job in the last part of the path. GET returns {"version":N,"state":{…}},
// with version 0 if the job has no bookmark. PUT accepts the same document with the version that was read, and returns
// the next version, or 409 if the version is no longer current. The query parameter run is the ID of the run that
// saves.
func (s *Service) BookmarkHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		job := r.PathValue("job")
		if job == "" {
			job = path.Base(r.URL.Path)
		}
		switch r.Method {
		case http.MethodGet:
			respond(w)(s.readBookmark(job))
		case http.MethodPut:
			var in versionedBookmark
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBookmarkBytes)).Decode(&in); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			respond(w)(s.writeBookmark(job, r.URL.Query().Get("run"), in))
		default:
			http.Error(w, "the method must be GET or PUT", http.StatusMethodNotAllowed)
		}
	})
}

func respond(w http.ResponseWriter) func(versionedBookmark, error) {
	return func(out versionedBookmark, err error) {
		switch {
		case errors.Is(err, errConflict):
			http.Error(w, err.Error(), http.StatusConflict)
		case isNotFound(err):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(out) // The client may have disconnected.
		}
	}
}

func (s *Service) readBookmark(job string) (versionedBookmark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.findBookmark(job)
	return versionedBookmark{b.Version, b.state()}, err
}

func (s *Service) writeBookmark(job, runID string, in versionedBookmark) (versionedBookmark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.findBookmark(job)
	if err != nil {
		return versionedBookmark{}, err
	}
	if in.Version != b.Version {
		return versionedBookmark{}, errConflict
	}
	if len(in.State) == 0 {
		in.State = noState
	}
	b.Version++
	b.Run++
	entry := bookmarkEntry{Run: b.Run, RunID: runID, State: in.State}
	if e, ok := s.active[runID]; ok {
		entry.Attempt = e.run.Attempt
	}
	b.Entries = append(b.Entries, entry)
	b.Entries = b.Entries[max(0, len(b.Entries)-maxEntries):]
	return versionedBookmark{Version: b.Version}, s.opts.Store.Put(bookmarksCollection, job, b)
}
