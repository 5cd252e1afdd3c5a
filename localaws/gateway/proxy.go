package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"localaws/credentials"
)

const (
	attempts = 3
	// Answers up to this size are read completely before they are forwarded, so that a request whose connection
	// breaks can be retried.
	bufferedAnswer = 1 << 20
)

// newProxy forwards requests unchanged: host, path, query and body. It opens no web sockets: the emulator takes them by
// their path, whatever they are signed for.
func newProxy(emulator *url.URL, transport http.RoundTripper, log *slog.Logger) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = emulator.Scheme, emulator.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery // ReverseProxy would sanitize it.
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Expect") // answered here when the body is read
			r.Out.Header.Del("Upgrade")
			if _, set := r.In.Header["User-Agent"]; !set {
				r.Out.Header.Set("User-Agent", "") // Prevents Go's default.
			}
		},
		ModifyResponse: func(r *http.Response) error {
			for name := range r.Header { // The emulator lets every web page read its answers.
				if strings.HasPrefix(name, "Access-Control-") {
					delete(r.Header, name)
				}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil {
				return // The client has disconnected.
			}
			if refused := new(credentials.Error); errors.As(err, &refused) {
				writeRefusal(w, r, err)
				return
			}
			log.Error("the emulator did not answer", "path", r.URL.Path, "error", err)
			unavailable(w, err)
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func unavailable(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Errortype", "ServiceUnavailableException")
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"__type": "ServiceUnavailableException", "message": fmt.Sprintf("the AWS emulator does not answer: %v", err),
	})
}

func newTransport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = &http.Transport{Proxy: nil, DisableCompression: true, IdleConnTimeout: 20 * time.Second}
	}
	return &steady{next: next}
}

// steady retries requests that change nothing when their connection breaks.
type steady struct{ next http.RoundTripper }

func (s *steady) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		resp, err := s.try(req)
		if err == nil || attempt == attempts || !canRepeat(req) || req.Context().Err() != nil {
			return resp, err
		}
		time.Sleep(time.Duration(attempt) * 50 * time.Millisecond)
		if req.GetBody == nil {
			continue
		}
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		req = req.Clone(req.Context())
		req.Body = body
	}
}

func (s *steady) try(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil || req.Method == http.MethodHead || resp.ContentLength < 0 || resp.ContentLength > bufferedAnswer {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func canRepeat(req *http.Request) bool {
	if req.GetBody != nil {
		return true
	}
	bare := req.Body == nil || req.Body == http.NoBody
	return bare && (req.Method == http.MethodGet || req.Method == http.MethodHead)
}
