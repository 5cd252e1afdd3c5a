package main

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func server(t *testing.T, keys ...string) *httptest.Server {
	t.Helper()
	folder := t.TempDir()
	for _, key := range keys {
		path := filepath.Join(folder, "bucket", key)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("body of "+key), 0o600))
	}
	rest := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s := httptest.NewServer(&store{folder: folder, rest: rest})
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, s *httptest.Server, path string, query url.Values) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path+"?"+query.Encode(), nil)
	require.NoError(t, err)
	answer, err := s.Client().Do(request)
	require.NoError(t, err)
	defer answer.Body.Close() //nolint:errcheck // Nothing was written.
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

func TestStoreListsByPagesAndFolders(t *testing.T) {
	s := server(t, "sale_events/dt=1/a", "sale_events/dt=1/b", "sale_events/dt=2/c", "inventory_events/dt=1/d")
	for _, test := range []struct {
		query    url.Values
		keys     []string
		prefixes []string
	}{
		{url.Values{"prefix": {"sale_events/"}}, []string{"sale_events/dt=1/a", "sale_events/dt=1/b", "sale_events/dt=2/c"}, nil},
		{url.Values{"prefix": {"sale_events/"}, "delimiter": {"/"}}, nil, []string{"sale_events/dt=1/", "sale_events/dt=2/"}},
		{url.Values{"prefix": {"sale_events/dt=1/"}, "delimiter": {"/"}}, []string{"sale_events/dt=1/a", "sale_events/dt=1/b"}, nil},
		{url.Values{"prefix": {"sale_events/none"}}, nil, nil},
	} {
		for _, most := range []string{"1", "2", "1000"} {
			var keys, prefixes []string
			query := test.query
			query.Set("list-type", "2")
			query.Set("max-keys", most)
			query.Del("continuation-token")
			for {
				status, body := get(t, s, "/bucket", query)
				require.Equal(t, http.StatusOK, status)
				var page listing
				require.NoError(t, xml.Unmarshal([]byte(body), &page))
				for _, one := range page.Contents {
					keys = append(keys, one.Key)
				}
				for _, one := range page.CommonPrefixes {
					prefixes = append(prefixes, one.Prefix)
				}
				if !page.IsTruncated {
					break
				}
				query.Set("continuation-token", page.NextContinuationToken)
			}
			require.Equal(t, test.keys, keys, "%v", query)
			require.Equal(t, test.prefixes, prefixes, "%v", query)
		}
	}
}

func TestStoreServesStreamsOnly(t *testing.T) {
	s := server(t, "sale_events/dt=1/a")
	for path, want := range map[string]int{
		"/bucket/sale_events/dt=1/a": http.StatusOK,
		"/bucket/sale_events/dt=1/b": http.StatusNotFound,
		"/bucket/curated/x":          http.StatusTeapot,
		"/other/sale_events/dt=1/a":  http.StatusTeapot,
		"/":                          http.StatusTeapot,
	} {
		status, body := get(t, s, path, nil)
		require.Equal(t, want, status, path)
		if want == http.StatusOK {
			require.Equal(t, "body of sale_events/dt=1/a", body)
		}
	}
}
