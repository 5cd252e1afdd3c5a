package gateway

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// clientMoment is the pause between the last byte of a request's body and the answer.
const clientMoment = 10 * time.Millisecond

// delayAnswer works around a race in Go's AWS SDK v2, and so in the AWS provider. The SDK's request bodies fail once
// closed (safeWriteToReadCloser of smithy-go up to 1.28), and it closes them when the answer arrives. If
// net/http is still looking for surplus bytes of the body by then, it drops the connection and the answer with
// it. AWS is too far away to answer that fast.
func delayAnswer(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if r.Body == nil || r.Body == http.NoBody || !strings.Contains(r.UserAgent(), "aws-sdk-go-v2") {
		return w
	}
	body := &timedBody{ReadCloser: r.Body}
	r.Body = body
	return &delayedWriter{ResponseWriter: w, body: body}
}

// timedBody records when it was read to its end.
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
		time.Sleep(clientMoment - time.Since(*end))
	}
}

// Unwrap lets http.ResponseController flush.
func (w *delayedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
