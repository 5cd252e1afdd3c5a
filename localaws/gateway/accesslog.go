package gateway

import (
	"net/http"
	"time"
)

// logRequest serves a request and logs one line. Bodies and query strings contain passwords and signatures, and are
// not logged.
func (g *Gateway) logRequest(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request) string) {
	start := time.Now()
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	operation := serve(rec, r)
	g.log.Debug("request", "method", r.Method, "path", r.URL.Path, "operation", operation,
		"status", rec.status, "bytes", rec.bytes, "took", time.Since(start))
}

type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
