package gateway

import (
	"bytes"
	"io"
	"net/http"
)

// RoundTrip serves a request of this process as the account's root, without a signature. It skips authorization, so
// that authorization itself can use it. It returns the response in memory.
func (g *Gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	call, err := readCall(r)
	if err != nil {
		return nil, err
	}
	w := &responseRecorder{status: http.StatusOK, header: http.Header{}}
	g.dispatch(w, r, call)
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// responseRecorder is a ResponseWriter that writes to memory.
type responseRecorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *responseRecorder) Header() http.Header         { return w.header }
func (w *responseRecorder) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *responseRecorder) WriteHeader(status int)      { w.status = status }
