package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
)

// fakeStack is a gateway in front of a server that counts requests.
type fakeStack struct {
	url       string
	authority *credentials.Authority
	reached   atomic.Int32
}

func newFakeStack(t *testing.T) *fakeStack {
	t.Helper()
	s := &fakeStack{}
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			s.reached.Add(1)
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(fake.Close)
	_, s.authority, s.url = serve(t, t.TempDir(), fake.URL, nil, nil)
	return s
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodPatch}

// Requests that a web page may have sent are refused, even with a signature.
func TestWebPagesAreRefused(t *testing.T) {
	s := newFakeStack(t)
	own := strings.TrimPrefix(s.url, "http://")
	for name, c := range map[string]struct {
		host, header, value string
		allowed             bool
	}{
		"client":                       {host: own, allowed: true},
		"client by name":               {host: "localhost", allowed: true},
		"bucket in host":               {host: "events.localhost:4566", allowed: true},
		"page of this address":         {own, "Origin", s.url, true},
		"typed by the user":            {own, "Sec-Fetch-Site", "none", true},
		"own page":                     {own, "Sec-Fetch-Site", "same-origin", true},
		"foreign page":                 {own, "Origin", "https://example.com", false},
		"page on another port":         {own, "Origin", "http://127.0.0.1:8080", false},
		"page without name":            {own, "Origin", "null", false},
		"image of a foreign page":      {own, "Sec-Fetch-Site", "cross-site", false},
		"image of a page on localhost": {own, "Sec-Fetch-Site", "same-site", false},
		"unknown relation":             {own, "Sec-Fetch-Site", "", false},
		"link on a foreign page":       {own, "Referer", "https://example.com/a", false},
		"link on another port":         {own, "Referer", "http://127.0.0.1:8080/", false},
		"name that resolves to here":   {host: "localhost.example.com:4566"},
		"name that ends like this one": {host: "examplelocalhost:4566"},
		"name with this address in it": {host: "127.0.0.1.nip.example:4566"},
		"web socket of a foreign page": {own, "Origin", "https://chat.example.com", false},
		"address of another machine":   {host: "192.0.2.1:4566"},
	} {
		for _, method := range methods {
			s.reached.Store(0)
			req := s.request(t, method, "/bucket/key", "")
			req.Host = c.host
			if c.header != "" {
				req.Header[c.header] = []string{c.value}
			}
			s.sign(t, req, s.authority.Root(), "")
			resp := do(t, req)
			if c.allowed {
				require.Equal(t, http.StatusOK, resp.StatusCode, "%s %s", name, method)
				require.EqualValues(t, 1, s.reached.Load(), "%s %s", name, method)
				require.Empty(t, resp.Header.Get("Access-Control-Allow-Origin"), "pages may not read the response")
				continue
			}
			require.Equal(t, http.StatusForbidden, resp.StatusCode, "%s %s", name, method)
			require.Zero(t, s.reached.Load(), "%s %s", name, method)
		}
	}
}

func TestRequestsNeedAValidSignature(t *testing.T) {
	s := newFakeStack(t)
	other, err := credentials.Open(t.TempDir())
	require.NoError(t, err)
	session, err := s.authority.Issue(credentials.Principal{RoleARN: "arn:aws:iam::000000000000:role/job", SessionName: "run"}, time.Hour)
	require.NoError(t, err)
	foreign, err := other.Issue(credentials.Principal{RoleARN: "arn:aws:iam::000000000000:role/job", SessionName: "run"}, time.Hour)
	require.NoError(t, err)
	over, err := s.authority.Issue(credentials.Principal{RoleARN: "arn:aws:iam::000000000000:role/job", SessionName: "run"}, -time.Minute)
	require.NoError(t, err)
	wrongSecret := s.authority.Root()
	wrongSecret.SecretAccessKey = other.Root().SecretAccessKey
	withoutToken := session
	withoutToken.SessionToken = ""
	for name, c := range map[string]struct {
		credentials aws.Credentials
		code        string // of S3, empty if the request is accepted
	}{
		"root":                       {s.authority.Root(), ""},
		"session":                    {session, ""},
		"unsigned":                   {aws.Credentials{}, "AccessDenied"},
		"key of another state":       {other.Root(), "InvalidAccessKeyId"},
		"session of another state":   {foreign, "InvalidToken"},
		"expired session":            {over, "ExpiredToken"},
		"session without its token":  {withoutToken, "InvalidAccessKeyId"},
		"secret of another state":    {wrongSecret, "SignatureDoesNotMatch"},
		"the emulator's default key": {aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, "InvalidAccessKeyId"},
		"the account as key":         {aws.Credentials{AccessKeyID: "000000000000", SecretAccessKey: "test"}, "InvalidAccessKeyId"},
	} {
		for _, method := range methods {
			for _, path := range []string{"/bucket/key", "/?Action=CreateStack&Version=2010-05-15", "/_localaws/health", "/2015-03-31/functions/f/invocations"} {
				if c.code == "" && path != "/bucket/key" {
					continue
				}
				s.reached.Store(0)
				req := s.request(t, method, path, "")
				if c.credentials.AccessKeyID != "" {
					s.sign(t, req, c.credentials, "")
				}
				resp := do(t, req)
				if c.code == "" {
					require.Equal(t, http.StatusOK, resp.StatusCode, "%s %s", name, method)
					continue
				}
				require.Equal(t, http.StatusForbidden, resp.StatusCode, "%s %s %s", name, method, path)
				require.Zero(t, s.reached.Load(), "%s %s %s", name, method, path)
				if method != http.MethodHead {
					require.Contains(t, resp.body, "<Code>"+c.code+"</Code>", "%s %s %s", name, method, path)
				}
			}
		}
	}
}

// Requests that were changed after signing are refused; the body is not passed on completely.
func TestTamperedRequestsAreRefused(t *testing.T) {
	s := newFakeStack(t)
	large := strings.Repeat("x", 3<<20)
	for name, c := range map[string]struct {
		body   string
		tamper func(*http.Request)
		status int
	}{
		"body":         {"signed", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("tamper")) }, http.StatusBadRequest},
		"large body":   {large, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("y" + large[1:])) }, http.StatusBadRequest},
		"path":         {"signed", func(r *http.Request) { r.URL.Path = "/bucket/other" }, http.StatusForbidden},
		"query":        {"signed", func(r *http.Request) { r.URL.RawQuery = "acl" }, http.StatusForbidden},
		"method":       {"signed", func(r *http.Request) { r.Method = http.MethodDelete }, http.StatusForbidden},
		"added header": {"signed", func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") }, http.StatusForbidden},
		"added target": {"signed", func(r *http.Request) { r.Header.Set("X-Amz-Target", "AWSGlue.StartJobRun") }, http.StatusForbidden},
		"changed date": {"signed", func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") }, http.StatusForbidden},
		"twice signed": {"signed", func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, http.StatusBadRequest},
		"other scheme": {"signed", func(r *http.Request) { r.Header.Set("Authorization", "AWS "+s.authority.Root().AccessKeyID+":x") }, http.StatusBadRequest},
		"broken scope": {"signed", func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature=z")
		}, http.StatusBadRequest},
		"nothing tampered": {"signed", func(*http.Request) {}, http.StatusOK},
	} {
		s.reached.Store(0)
		req := s.request(t, http.MethodPut, "/bucket/key", c.body)
		s.sign(t, req, s.authority.Root(), c.body)
		c.tamper(req)
		resp := do(t, req)
		if name == "changed date" {
			require.GreaterOrEqual(t, resp.StatusCode, 400, name)
		} else {
			require.Equal(t, c.status, resp.StatusCode, "%s: %s", name, resp.body)
		}
		if c.status != http.StatusOK {
			require.Zero(t, s.reached.Load(), name)
		}
	}
}

// The emulator's internal paths are closed, even for the owner.
func TestInternalPathsOfTheEmulatorAreClosed(t *testing.T) {
	s := newFakeStack(t)
	for _, path := range []string{"/_ministack/health", "/_ministack/reset", "/_ministack/config", "/_localstack/health", "/_aws/execute-api/a/b"} {
		req := s.request(t, http.MethodPost, path, "")
		s.sign(t, req, s.authority.Root(), "")
		require.Equal(t, http.StatusNotFound, do(t, req).StatusCode, path)
	}
	require.Zero(t, s.reached.Load())
}

// The emulator accepts a web socket by its path, regardless of the signature.
func TestWebSocketsAreRefused(t *testing.T) {
	upgrades := make(chan string, 1)
	fake := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { upgrades <- r.Header.Get("Upgrade") }))
	t.Cleanup(fake.Close)
	_, authority, url := serve(t, t.TempDir(), fake.URL, nil, nil)
	s := &fakeStack{authority: authority, url: url}
	req := s.request(t, http.MethodGet, "/bucket/key", "")
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	s.sign(t, req, authority.Root(), "")
	require.Equal(t, http.StatusOK, do(t, req).StatusCode)
	require.Empty(t, <-upgrades)
}

func TestResponsesToGoClientsAreDelayed(t *testing.T) {
	s := newFakeStack(t)
	began := time.Now()
	for range 20 {
		req := s.request(t, http.MethodPut, "/bucket/key", "{}")
		req.Header.Set("User-Agent", "APN/1.0 aws-sdk-go-v2/1.30")
		s.sign(t, req, s.authority.Root(), "{}")
		require.Equal(t, http.StatusOK, do(t, req).StatusCode)
	}
	require.GreaterOrEqual(t, time.Since(began), 20*5*time.Millisecond)
}

func (s *fakeStack) request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	return req
}

func (s *fakeStack) sign(t *testing.T, req *http.Request, c aws.Credentials, body string) {
	t.Helper()
	require.NoError(t, credentials.Sign(req, c, "s3", region, []byte(body)))
}

type response struct {
	*http.Response
	body string
}

func do(t *testing.T, req *http.Request) response {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return response{resp, string(body)}
}
