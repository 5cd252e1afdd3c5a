package jobs

import (
	"encoding/json"
	"errors"
	"net/http"
	"path"

	"localaws/awsjson"
)

const (
	maxBookmarkBytes = 64 << 20
	// keptEntries limits how far a job can be rewound.
	keptEntries = 10
)

// versionedBookmark is the bookmark as the local awsglue package reads and writes it.
type versionedBookmark struct {
	Version int             `json:"version"`
	State   json.RawMessage `json:"state,omitempty"`
}

// errConflict means that somebody else saved the bookmark in the meantime.
var errConflict = errors.New("the bookmark was changed since it was read: another run of this job saved it")

// BookmarkHandler serves the bookmark of the job named by the last part of the path. GET returns
// {"version":N,"state":{…}}, with version 0 if there is none. PUT takes the same document with the version that
// was read, and returns the next version, or 409 if the version is no longer current. The query parameter run is
// the run that saves.
func (s *Service) BookmarkHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		job := r.PathValue("job")
		if job == "" {
			job = path.Base(r.URL.Path)
		}
		switch r.Method {
		case http.MethodGet:
			answer(w)(s.readBookmark(job))
		case http.MethodPut:
			var in versionedBookmark
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBookmarkBytes)).Decode(&in); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			answer(w)(s.writeBookmark(job, r.URL.Query().Get("run"), in))
		default:
			http.Error(w, "GET or PUT", http.StatusMethodNotAllowed)
		}
	})
}

func answer(w http.ResponseWriter) func(versionedBookmark, error) {
	return func(out versionedBookmark, err error) {
		switch {
		case errors.Is(err, errConflict):
			http.Error(w, err.Error(), http.StatusConflict)
		case isType(err, awsjson.EntityNotFound):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(out) // The client has disconnected: there is nobody to report to.
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
	b.Entries = b.Entries[max(0, len(b.Entries)-keptEntries):]
	return versionedBookmark{Version: b.Version}, s.opts.Store.Put(bookmarksCollection, job, b)
}
