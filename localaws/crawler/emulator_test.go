package crawler

import (
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/awsjson"
	"localaws/store"
	"localaws/tags"
	"localaws/testtools/emulators"
)

// shared is the emulator of all tests of this package; each uses a bucket and a
// separate database.
var shared emulators.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func emulatorConfig(t testing.TB) aws.Config {
	t.Helper()
	return shared.Get(t).Config(emulators.Region)
}

// world is a crawler service with the emulator.
type world struct {
	t        *testing.T
	service  *Service
	store    *store.Store
	glue     *glue.Client // operations on crawlers and tags
	catalog  *glue.Client
	s3       *s3.Client
	logs     *cloudwatchlogs.Client
	bucket   string
	database string
	done     chan string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cfg := emulatorConfig(t)
	name := strings.ToLower(strings.NewReplacer("/", "-", "_", "-", " ", "-").Replace(t.Name()))
	w := &world{
		t: t, catalog: glue.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg),
		s3:       s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		bucket:   truncate(name, 63),
		database: strings.ReplaceAll(name, "-", "_"),
		done:     make(chan string, 10),
	}
	var err error
	w.store, err = store.Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	w.start(cfg)

	_, err = w.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &w.bucket})
	require.NoError(t, err)
	_, err = w.catalog.CreateDatabase(t.Context(), &glue.CreateDatabaseInput{
		DatabaseInput: &gluetypes.DatabaseInput{Name: &w.database},
	})
	require.NoError(t, err)
	return w
}

func (w *world) start(cfg aws.Config) {
	labels := tags.New(w.store)
	w.service = New(cfg, w.store, slog.New(slog.DiscardHandler), labels, nil)
	w.service.OnDone(func(_, _, state string) { w.done <- state })
	w.t.Cleanup(w.service.Close)
	operations := labels.Operations()
	maps.Copy(operations, w.service.Operations())
	server := httptest.NewServer(awsjson.Serve(operations))
	w.t.Cleanup(server.Close)
	w.glue = glue.NewFromConfig(awsclient.Config("us-east-1", server.URL))
}

func (w *world) put(key, body string) {
	w.t.Helper()
	_, err := w.s3.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: &w.bucket, Key: &key, Body: strings.NewReader(body)})
	require.NoError(w.t, err)
}

func (w *world) remove(key string) {
	w.t.Helper()
	_, err := w.s3.DeleteObject(w.t.Context(), &s3.DeleteObjectInput{Bucket: &w.bucket, Key: &key})
	require.NoError(w.t, err)
}

func (w *world) url(path string) string { return "s3://" + w.bucket + "/" + path }

// create creates the crawler c for the paths.
func (w *world) create(change func(*glue.CreateCrawlerInput), paths ...string) {
	w.t.Helper()
	in := &glue.CreateCrawlerInput{
		Name: aws.String("c"), Role: aws.String("role"), DatabaseName: &w.database,
		TablePrefix: aws.String("raw_"), Targets: &gluetypes.CrawlerTargets{},
	}
	for _, p := range paths {
		in.Targets.S3Targets = append(in.Targets.S3Targets, gluetypes.S3Target{Path: aws.String(w.url(p))})
	}
	if change != nil {
		change(in)
	}
	_, err := w.glue.CreateCrawler(w.t.Context(), in)
	require.NoError(w.t, err)
}

// crawl runs the crawler c, which must end in the state, and returns its description
// from the API.
func (w *world) crawl(state string) gluetypes.Crawler {
	w.t.Helper()
	_, err := w.glue.StartCrawler(w.t.Context(), &glue.StartCrawlerInput{Name: aws.String("c")})
	require.NoError(w.t, err)
	select {
	case got := <-w.done:
		out, err := w.glue.GetCrawler(w.t.Context(), &glue.GetCrawlerInput{Name: aws.String("c")})
		require.NoError(w.t, err)
		require.Equal(w.t, state, got, "%+v", out.Crawler.LastCrawl)
		require.Equal(w.t, gluetypes.CrawlerStateReady, out.Crawler.State)
		require.Equal(w.t, state, string(out.Crawler.LastCrawl.Status))
		return *out.Crawler
	case <-time.After(60 * time.Second):
		w.t.Fatal("the crawl does not end")
		return gluetypes.Crawler{}
	}
}

func (w *world) table(name string) *gluetypes.Table {
	w.t.Helper()
	out, err := w.catalog.GetTable(w.t.Context(), &glue.GetTableInput{DatabaseName: &w.database, Name: &name})
	require.NoError(w.t, err)
	return out.Table
}

func (w *world) tableNames() []string {
	w.t.Helper()
	out, err := w.catalog.GetTables(w.t.Context(), &glue.GetTablesInput{DatabaseName: &w.database})
	require.NoError(w.t, err)
	names := []string{}
	for _, t := range out.TableList {
		names = append(names, *t.Name)
	}
	return names
}

func (w *world) partitions(table string) map[string]gluetypes.Partition {
	w.t.Helper()
	out, err := w.catalog.GetPartitions(w.t.Context(), &glue.GetPartitionsInput{DatabaseName: &w.database, TableName: &table})
	require.NoError(w.t, err)
	all := map[string]gluetypes.Partition{}
	for _, p := range out.Partitions {
		all[strings.Join(p.Values, "/")] = p
	}
	return all
}

// logLines returns the lines of the crawler c's log, without the crawls' IDs.
func (w *world) logLines() []string {
	w.t.Helper()
	out, err := w.logs.GetLogEvents(w.t.Context(), &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String(defaultLogGroup), LogStreamName: aws.String("c"), StartFromHead: aws.Bool(true),
	})
	require.NoError(w.t, err)
	var lines []string
	for _, e := range out.Events {
		_, text, _ := strings.Cut(*e.Message, "] ")
		lines = append(lines, text)
	}
	return lines
}
