package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// controlPath sets the Fault by PUT, and returns it with its count by GET.
const controlPath = "/_faults"

// Fault is a failure of some requests.
type Fault struct {
	Mode   string `json:"mode"`   // "refuse" responds with 503, "drop" closes the connection, "truncate" truncates the response's body.
	Method string `json:"method"` // The method of the requests.
	Path   string `json:"path"`   // A substring of their paths.
	Skip   int    `json:"skip"`   // The number of requests to pass first.
	Times  int    `json:"times"`  // The number of requests to fail then.
	Fired  int    `json:"fired"`
}

// flaky is a reverse proxy with at most one fault.
type flaky struct {
	proxy *httputil.ReverseProxy
	mutex sync.Mutex
	fault Fault
}

func newFlaky(upstream string) (*flaky, error) {
	target, err := url.Parse(upstream)
	if err != nil {
		return nil, err
	}
	return &flaky{proxy: &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		FlushInterval: -1,
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}}, nil
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == controlPath {
		f.control(w, r)
		return
	}
	switch f.next(r) {
	case "refuse":
		refuse(w, r)
	case "drop":
		panic(http.ErrAbortHandler)
	case "truncate":
		f.proxy.ServeHTTP(&truncated{ResponseWriter: w}, r)
		panic(http.ErrAbortHandler)
	default:
		f.proxy.ServeHTTP(w, r)
	}
}

// next returns how a request fails; empty if it does not.
func (f *flaky) next(r *http.Request) string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.fault.Mode == "" || r.Method != f.fault.Method || !strings.Contains(r.URL.Path, f.fault.Path) {
		return ""
	}
	if f.fault.Skip > 0 {
		f.fault.Skip--
		return ""
	}
	if f.fault.Fired >= f.fault.Times {
		return ""
	}
	f.fault.Fired++
	return f.fault.Mode
}

func (f *flaky) control(w http.ResponseWriter, r *http.Request) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if r.Method == http.MethodPut {
		f.fault = Fault{}
		if err := json.NewDecoder(r.Body).Decode(&f.fault); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(f.fault)
}

// refuse responds like S3 under too much load.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func refuse(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+
		`<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
}

// truncated passes the first half of a body's first chunk on and drops the rest.
type truncated struct {
	http.ResponseWriter
	done bool
}

func (t *truncated) Write(data []byte) (int, error) {
	if !t.done {
		t.done = true
		if _, err := t.ResponseWriter.Write(data[:len(data)/2]); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}

// Unwrap allows http.ResponseController to flush.
func (t *truncated) Unwrap() http.ResponseWriter { return t.ResponseWriter }
