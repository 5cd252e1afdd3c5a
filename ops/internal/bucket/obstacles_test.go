package bucket

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// entry is a version of an object, or a delete marker.
type entry struct {
	Key       string
	VersionID string `xml:"VersionId"`
	IsLatest  bool
}

type versions struct {
	XMLName             xml.Name `xml:"ListVersionsResult"`
	IsTruncated         bool
	NextKeyMarker       string
	NextVersionIDMarker string `xml:"NextVersionIdMarker"`
	Version             []entry
	DeleteMarker        []entry
}

// versioned serves a bucket with versions, in S3's order, in pages of three. IDs of delete markers begin with "m".
type versioned struct{ all []entry }

func (b *versioned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodDelete:
		b.remove(strings.TrimPrefix(r.URL.Path, "/events/"), query.Get("versionId"))
	case query.Has("delete"):
		var request struct{ Object []entry }
		_ = xml.NewDecoder(r.Body).Decode(&request)
		for _, e := range request.Object {
			b.remove(e.Key, e.VersionID)
		}
		_, _ = w.Write([]byte("<DeleteResult/>"))
	default:
		_ = xml.NewEncoder(w).Encode(b.page(query.Get("key-marker"), query.Get("version-id-marker")))
	}
}

func (b *versioned) remove(key, id string) {
	b.all = slices.DeleteFunc(b.all, func(e entry) bool { return e.Key == key && e.VersionID == id })
}

// page returns the versions after a marker. As on AWS, the next marker is encoded, and the given one is not. After a
// version that no longer exists, it continues with the next key.
func (b *versioned) page(key, id string) (out versions) {
	if !slices.ContainsFunc(b.all, func(e entry) bool { return e.Key == key && e.VersionID == id }) {
		id = "~"
	}
	n := 0
	for _, e := range b.all {
		if e.Key < key || e.Key == key && e.VersionID <= id {
			continue
		}
		if n++; n > 3 {
			out.IsTruncated = true
			break
		}
		out.NextKeyMarker, out.NextVersionIDMarker = url.QueryEscape(e.Key), e.VersionID
		marker := strings.HasPrefix(e.VersionID, "m")
		if e.Key = url.QueryEscape(e.Key); marker {
			out.DeleteMarker = append(out.DeleteMarker, e)
		} else {
			out.Version = append(out.Version, e)
		}
	}
	return out
}

func TestDeleteObstacles(t *testing.T) {
	const day = "curated/dt=2026-05-31/batch_id="
	kept := []entry{{day + "1", "v1", true}, {day + "3", "v1", true}, {day + "3", "v3", false}, {"sale_events/dt=2026-05-31/a b+c", "v1", true}}
	all := []entry{
		kept[0],
		{day + "2", "m1", true}, {day + "2", "v2", false}, {day + "2", "v3", false}, {day + "2", "v4", false}, {day + "2", "v5", false},
		kept[1], {day + "3", "m2", false}, kept[2],
		{day + "4", "m1", true}, {day + "5", "m1", true}, {day + "6", "m1", true}, {day + "7", "m1", true},
		{"sale_events/\x01", "v1", true}, {"sale_events/\x01", "v2", false}, {"sale_events/\x02", "m1", true},
		kept[3],
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.Key+"\x00"+a.VersionID, b.Key+"\x00"+b.VersionID) })
	b := &versioned{all}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	client := s3.New(s3.Options{
		BaseEndpoint: &server.URL, UsePathStyle: true, Region: "us-east-1",
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("id", "secret", "")),
	})
	n, err := Bucket{client, "events"}.DeleteObstacles(t.Context())
	require.NoError(t, err)
	require.Equal(t, 13, n)
	require.ElementsMatch(t, kept, b.all)
}
