package gateway

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// responseDelay is the minimum time between the last byte of a request's body and the response.
const responseDelay = 10 * time.Millisecond

// delayResponse works around a race in Go's AWS SDK v2, and so in the AWS provider. Reading the SDK's request bodies
// fails after they are closed (safeWriteToReadCloser of smithy-go up to 1.28), and the SDK closes them when the
// response arrives. If net/http still probes the body for surplus bytes then, it drops the connection with the
// response. AWS never responds that fast.
func delayResponse(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if r.Body == nil || r.Body == http.NoBody || !strings.Contains(r.UserAgent(), "aws-sdk-go-v2") {
		return w
	}
	body := &timedBody{ReadCloser: r.Body}
	r.Body = body
	return &delayedWriter{ResponseWriter: w, body: body}
}

// timedBody records the time at which it was read to its end.
type timedBody struct {
	io.ReadCloser
	end atomic.Pointer[time.Time]
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && b.end.Load() == nil {
		now := time.Now()
		b.end.Store(&now)
	}
	return n, err
}

type delayedWriter struct {
	http.ResponseWriter
	body   *timedBody
	waited bool
}

func (w *delayedWriter) WriteHeader(status int) {
	w.wait()
	w.ResponseWriter.WriteHeader(status)
}

func (w *delayedWriter) Write(p []byte) (int, error) {
	w.wait()
	return w.ResponseWriter.Write(p)
}

func (w *delayedWriter) wait() {
	if w.waited {
		return
	}
	w.waited = true
	if end := w.body.end.Load(); end != nil {
		time.Sleep(responseDelay - time.Since(*end))
	}
}

// Unwrap lets http.ResponseController flush.
func (w *delayedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
