// Package s3test is a fake S3 server for the producer's tests, with injectable failures.
package s3test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// Server serves PutObject.
type Server struct {
	// Fail returns the HTTP status of the n-th request for a key, from 1. The object is
	// stored if it returns 200.
	Fail func(key string, n int) int

	t       *testing.T
	mu      sync.Mutex
	objects map[string][]byte
	puts    map[string]int
}

// New starts a server without failures, and returns a client for it.
func New(t *testing.T) (*Server, *s3.Client) {
	s := &Server{t: t, objects: map[string][]byte{}, puts: map[string]int{}}
	s.Fail = func(string, int) int { return http.StatusOK }
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, s3.New(s3.Options{
		BaseEndpoint: aws.String(web.URL),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		http.Error(w, "only PutObject", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	key := strings.TrimPrefix(r.URL.Path, "/events/")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts[key]++
	status := s.Fail(key, s.puts[key])
	if status == http.StatusOK {
		s.objects[key] = body
	}
	w.WriteHeader(status)
}

// Lines returns the uncompressed lines of all stored objects.
func (s *Server) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, body := range s.objects {
		for line := range bytes.Lines(body) {
			out = append(out, string(line))
		}
	}
	return out
}

// Objects returns the stored objects by key.
func (s *Server) Objects() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects
}

// Puts returns the number of requests for a key, including failed ones.
func (s *Server) Puts(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Contains(s.t, s.puts, key)
	return s.puts[key]
}
