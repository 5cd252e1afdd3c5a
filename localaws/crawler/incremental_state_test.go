package crawler

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

// reads is an HTTP client that records which objects are read.
type reads struct {
	next aws.HTTPClient
	mu   sync.Mutex
	keys []string
}

func (r *reads) Do(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet && req.Header.Get("Range") != "" {
		_, key, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
		r.mu.Lock()
		r.keys = append(r.keys, key)
		r.mu.Unlock()
	}
	return r.next.Do(req)
}

func (r *reads) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := r.keys
	r.keys = nil
	return keys
}

func TestOnlyNewObjectsAreRead(t *testing.T) {
	w := newWorld(t)
	cfg := emulatorConfig(t)
	r := &reads{next: cfg.HTTPClient}
	cfg.HTTPClient = r
	w.start(cfg)
	w.put("x/dt=1/a.json", sale)
	w.put("x/dt=1/b.json", sale)
	w.put("x/dt=2/a.json", sale)
	w.create(merging, "x/")
	w.crawl(Succeeded)
	require.ElementsMatch(t, []string{"x/dt=1/a.json", "x/dt=1/b.json", "x/dt=2/a.json"}, r.take())

	w.crawl(Succeeded)
	require.Empty(t, r.take(), "nothing is new")

	waitASecond(t) // S3 reports times of objects in seconds.
	w.put("x/dt=2/b.json", strings.Replace(sale2, "{", `{"coupon":"x",`, 1))
	w.put("x/dt=3/a.json", sale)
	w.crawl(Succeeded)
	require.ElementsMatch(t, []string{"x/dt=2/b.json", "x/dt=3/a.json"}, r.take())
	table := w.table("raw_x")
	require.Contains(t, schemaOf(columnsOf(table.StorageDescriptor)), "coupon:string")
	require.Equal(t, "5", table.Parameters["objectCount"])
	require.Equal(t, "5", table.Parameters["recordCount"])
	require.Equal(t, "2", w.partitions("raw_x")["2"].Parameters["recordCount"])

	// Folders in which an object has changed or was deleted are read again.
	waitASecond(t)
	w.put("x/dt=1/a.json", sale+sale)
	w.remove("x/dt=2/a.json")
	w.crawl(Succeeded)
	require.ElementsMatch(t, []string{"x/dt=1/a.json", "x/dt=1/b.json", "x/dt=2/b.json"}, r.take())
	require.Equal(t, "5", w.table("raw_x").Parameters["recordCount"])

	// A folder whose new objects differ too much is read completely.
	waitASecond(t)
	w.put("x/dt=3/b.json", `{"other":1}`)
	w.crawl(Succeeded)
	require.ElementsMatch(t, []string{"x/dt=3/b.json", "x/dt=3/b.json", "x/dt=3/a.json"}, r.take())
	require.Contains(t, w.tableNames(), "raw_a_json")

	_, err := w.glue.DeleteCrawler(t.Context(), &glue.DeleteCrawlerInput{Name: aws.String("c")})
	require.NoError(t, err)
	w.create(merging, "x/")
	w.crawl(Succeeded)
	require.Len(t, r.take(), 5, "a new crawler has no state")
}

func waitASecond(t *testing.T) {
	t.Helper()
	next := time.Now().Truncate(time.Second).Add(time.Second)
	time.Sleep(time.Until(next))
}

// Remembered and newly read folders have the same result.
func TestIncrementalStateDoesNotChangeResults(t *testing.T) {
	all := []object{}
	var scannedAll []scannedObject
	at := time.Unix(1000, 0)
	for i := range 6 {
		body := fmt.Sprintf(`{"a":%d,"b":"x","c":%d}`, i, 1<<(6*i))
		s, err := classify([]byte(body), true)
		require.NoError(t, err)
		o := object{Key: fmt.Sprintf("x/%d", i), Size: int64(len(body)), Modified: at.Add(time.Duration(i) * time.Second)}
		all, scannedAll = append(all, o), append(scannedAll, scannedObject{o, s})
	}
	var g grouping
	whole := g.leafTables(scannedLeaf{leaf: leaf{"x/", all}, Scanned: scannedAll})
	for n := 1; n < len(all); n++ {
		first := scannedLeaf{leaf: leaf{"x/", all[:n]}, Scanned: scannedAll[:n]}
		m := folderStates{"x/": newFolderState(first, g.leafTables(first)[0])}
		known, fresh := m.since(leaf{"x/", all})
		require.Equal(t, all[n:], fresh)
		second := scannedLeaf{leaf: leaf{"x/", all}, Scanned: scannedAll[n:], Known: known}
		require.Equal(t, whole, g.leafTables(second))
		require.Equal(t, newFolderState(scannedLeaf{leaf: leaf{"x/", all}, Scanned: scannedAll}, whole[0]), newFolderState(second, whole[0]))
	}
}

func TestSchedulesStartCrawls(t *testing.T) {
	w := newWorld(t)
	w.create(func(in *glue.CreateCrawlerInput) { in.Schedule = aws.String("cron(30 12 * * ? *)") }, "x/")
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(36*time.Hour + 29*time.Minute)
	w.service.tick(noon, noon.Add(59*time.Second))
	require.Equal(t, gluetypes.CrawlerStateReady, w.state())
	w.service.tick(noon.Add(59*time.Second), noon.Add(time.Minute))
	require.Equal(t, Succeeded, <-w.done)
	w.service.tick(noon.Add(time.Minute), noon.Add(2*time.Minute))
	require.Equal(t, gluetypes.CrawlerStateReady, w.state())

	_, err := w.glue.StopCrawlerSchedule(t.Context(), &glue.StopCrawlerScheduleInput{CrawlerName: aws.String("c")})
	require.NoError(t, err)
	w.service.tick(noon, noon.Add(time.Hour))
	require.Empty(t, w.done)
	out, err := w.glue.ListCrawls(t.Context(), &glue.ListCrawlsInput{CrawlerName: aws.String("c")})
	require.NoError(t, err)
	require.Len(t, out.Crawls, 1)
}

func (w *world) state() gluetypes.CrawlerState {
	w.t.Helper()
	out, err := w.glue.GetCrawler(w.t.Context(), &glue.GetCrawlerInput{Name: aws.String("c")})
	require.NoError(w.t, err)
	return out.Crawler.State
}

func TestClosingTwice(t *testing.T) {
	w := newWorld(t)
	s := New(emulatorConfig(t), w.store, slog.New(slog.DiscardHandler), nil, nil)
	s.Close()
	s.Close()
}
