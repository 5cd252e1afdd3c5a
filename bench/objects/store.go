package main

import (
	"crypto/md5" //nolint:gosec // For ETags.
	"encoding/hex"
	"encoding/xml"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// store serves GET, HEAD and ListObjectsV2 for keys of streams.
type store struct {
	folder string
	rest   http.Handler

	mu      sync.Mutex
	delay   time.Duration
	buckets map[string][]object
}

type object struct {
	Key          string
	LastModified string
	ETag         string
	Size         int64
	StorageClass string
}

const (
	page    = 1000
	streams = "_events/"
)

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_delay" {
		s.setDelay(w, r)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	list := key == "" && query.Get("list-type") == "2" && strings.Contains(query.Get("prefix")+"/", streams)
	if !reads || !list && !strings.Contains(key+"/", streams) || !s.has(bucket) {
		s.rest.ServeHTTP(w, r)
		return
	}
	time.Sleep(s.wait())
	if list {
		s.list(w, bucket, query)
		return
	}
	s.object(w, r, bucket, key)
}

// setDelay serves PUT /_delay?for=15ms: it sets the delay of each response.
func (s *store) setDelay(w http.ResponseWriter, r *http.Request) {
	delay, err := time.ParseDuration(r.URL.Query().Get("for"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = delay
}

func (s *store) wait() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delay
}

func (s *store) has(bucket string) bool {
	info, err := os.Stat(filepath.Join(s.folder, filepath.Base(bucket)))
	return bucket != "" && err == nil && info.IsDir()
}

func (s *store) object(w http.ResponseWriter, r *http.Request, bucket, key string) {
	listed := s.objects(bucket)
	i, found := slices.BinarySearchFunc(listed, key, func(o object, key string) int { return strings.Compare(o.Key, key) })
	if !found {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	file, err := os.Open(filepath.Join(s.folder, bucket, filepath.FromSlash(key))) //nolint:gosec // Only listed keys are opened.
	if err != nil {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	defer file.Close() //nolint:errcheck // Nothing was written.
	w.Header().Set("ETag", listed[i].ETag)
	w.Header().Set("Content-Type", "binary/octet-stream")
	modified, _ := time.Parse(time.RFC3339, listed[i].LastModified)
	http.ServeContent(w, r, "", modified, file)
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
	}{Code: code})
}

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	Prefix                string
	KeyCount              int
	MaxKeys               int
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []object
	CommonPrefixes        []commonPrefix
}

type commonPrefix struct{ Prefix string }

// list serves ListObjectsV2.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (s *store) list(w http.ResponseWriter, bucket string, query url.Values) {
	most := page
	if n, err := strconv.Atoi(query.Get("max-keys")); err == nil && n < page {
		most = n
	}
	encode := func(text string) string { return text }
	if query.Get("encoding-type") == "url" {
		encode = func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "%2F", "/") }
	}
	prefix, delimiter := query.Get("prefix"), query.Get("delimiter")
	after := max(query.Get("continuation-token"), query.Get("start-after"))
	answer := listing{Name: bucket, Prefix: encode(prefix), MaxKeys: most, EncodingType: query.Get("encoding-type")}
	last := ""
	all := s.objects(bucket)
	start, _ := slices.BinarySearchFunc(all, max(prefix, after), func(o object, key string) int { return strings.Compare(o.Key, key) })
	for _, one := range all[start:] {
		if !strings.HasPrefix(one.Key, prefix) {
			break
		}
		if one.Key <= after || last != "" && delimiter != "" && strings.HasSuffix(last, delimiter) && strings.HasPrefix(one.Key, last) {
			continue
		}
		if after != "" && delimiter != "" && strings.HasSuffix(after, delimiter) && strings.HasPrefix(one.Key, after) {
			continue
		}
		if answer.KeyCount == most {
			answer.IsTruncated, answer.NextContinuationToken = true, last
			break
		}
		answer.KeyCount++
		if i := strings.Index(one.Key[len(prefix):], delimiter); delimiter != "" && i >= 0 {
			last = one.Key[:len(prefix)+i+len(delimiter)]
			answer.CommonPrefixes = append(answer.CommonPrefixes, commonPrefix{encode(last)})
			continue
		}
		last = one.Key
		one.Key = encode(one.Key)
		answer.Contents = append(answer.Contents, one)
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(answer)
}

// objects returns the objects of a bucket, sorted by key. It reads the folder only once.
func (s *store) objects(bucket string) []object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.buckets[bucket]; ok {
		return found
	}
	var found []object
	top := filepath.Join(s.folder, bucket)
	_ = filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		sum := md5.Sum([]byte(path + info.ModTime().String())) //nolint:gosec // Not used for security.
		found = append(found, object{
			Key: filepath.ToSlash(name), LastModified: info.ModTime().UTC().Format("2006-01-02T15:04:05Z"),
			ETag: `"` + hex.EncodeToString(sum[:]) + `"`, Size: info.Size(), StorageClass: "STANDARD",
		})
		return err
	})
	slices.SortFunc(found, func(a, b object) int { return strings.Compare(a.Key, b.Key) })
	if s.buckets == nil {
		s.buckets = map[string][]object{}
	}
	s.buckets[bucket] = found
	return found
}
