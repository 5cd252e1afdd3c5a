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
	// maxBuffered is the size up to which a response is read completely before it is forwarded, so that the request
	// can be retried if its connection breaks.
	maxBuffered = 1 << 20
)

// newProxy returns a proxy that forwards host, path, query and body unchanged. It does not forward WebSocket upgrades,
// because the emulator routes them by path and ignores their signature.
func newProxy(emulator *url.URL, transport http.RoundTripper, log *slog.Logger) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = emulator.Scheme, emulator.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery // ReverseProxy would sanitize it.
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Expect") // net/http responds to it when the body is read.
			r.Out.Header.Del("Upgrade")
			if _, set := r.In.Header["User-Agent"]; !set {
				r.Out.Header.Set("User-Agent", "") // Prevents Go's default.
			}
		},
		ModifyResponse: func(r *http.Response) error {
			for name := range r.Header { // The emulator allows every web page to read its responses.
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
			log.Error("no response from the emulator", "path", r.URL.Path, "error", err)
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
		"__type": "ServiceUnavailableException", "message": fmt.Sprintf("the AWS emulator does not respond: %v", err),
	})
}

func newTransport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = &http.Transport{Proxy: nil, DisableCompression: true, IdleConnTimeout: 20 * time.Second}
	}
	return &retryTransport{next: next}
}

// retryTransport retries read-only requests when their connection breaks.
type retryTransport struct{ next http.RoundTripper }

func (s *retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		resp, err := s.try(req)
		if err == nil || attempt == attempts || !canRetry(req) || req.Context().Err() != nil {
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

func (s *retryTransport) try(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil || req.Method == http.MethodHead || resp.ContentLength < 0 || resp.ContentLength > maxBuffered {
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

func canRetry(req *http.Request) bool {
	if req.GetBody != nil {
		return true
	}
	empty := req.Body == nil || req.Body == http.NoBody
	return empty && (req.Method == http.MethodGet || req.Method == http.MethodHead)
}
