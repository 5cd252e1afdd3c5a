package crawler

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

// requireCode checks the code of a client's error.
func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, code, api.ErrorCode(), api.ErrorMessage())
}

func TestDefinitionIsReturned(t *testing.T) {
	w := newWorld(t)
	tags := func() map[string]string {
		out, err := w.glue.GetTags(t.Context(), &glue.GetTagsInput{ResourceArn: aws.String("arn:aws:glue:us-east-1:000000000000:crawler/c")})
		require.NoError(t, err)
		return out.Tags
	}
	in := &glue.CreateCrawlerInput{
		Name: aws.String("c"), Role: aws.String("arn:aws:iam::123456789012:role/path/crawler"),
		DatabaseName: aws.String("db"), Description: aws.String("what it is"), TablePrefix: aws.String("raw_"),
		Classifiers: []string{"own"}, Configuration: aws.String(mergeAndInherit), Schedule: aws.String("cron(0 * * * ? *)"),
		CrawlerSecurityConfiguration: aws.String("sec"),
		SchemaChangePolicy:           &gluetypes.SchemaChangePolicy{UpdateBehavior: "LOG", DeleteBehavior: "LOG"},
		RecrawlPolicy:                &gluetypes.RecrawlPolicy{RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY"},
		LineageConfiguration:         &gluetypes.LineageConfiguration{CrawlerLineageSettings: "ENABLE"},
		LakeFormationConfiguration:   &gluetypes.LakeFormationConfiguration{UseLakeFormationCredentials: aws.Bool(true), AccountId: aws.String("1")},
		Targets: &gluetypes.CrawlerTargets{
			S3Targets:   []gluetypes.S3Target{{Path: aws.String("s3://b/x"), Exclusions: []string{"a/**"}, SampleSize: aws.Int32(5)}},
			JdbcTargets: []gluetypes.JdbcTarget{{ConnectionName: aws.String("conn"), Path: aws.String("db/%"), Exclusions: []string{"x"}}},
		},
		Tags: map[string]string{"k": "v"},
	}
	_, err := w.glue.CreateCrawler(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, in.Tags, tags())

	out, err := w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: aws.String("c")})
	require.NoError(t, err)
	c := out.Crawler
	require.Equal(t, in.Role, c.Role)
	require.Equal(t, in.DatabaseName, c.DatabaseName)
	require.Equal(t, in.Description, c.Description)
	require.Equal(t, in.TablePrefix, c.TablePrefix)
	require.Equal(t, in.Classifiers, c.Classifiers)
	require.Equal(t, in.Configuration, c.Configuration)
	require.Equal(t, in.CrawlerSecurityConfiguration, c.CrawlerSecurityConfiguration)
	require.Equal(t, in.SchemaChangePolicy, c.SchemaChangePolicy)
	require.Equal(t, in.RecrawlPolicy, c.RecrawlPolicy)
	require.Equal(t, in.LineageConfiguration, c.LineageConfiguration)
	require.Equal(t, in.LakeFormationConfiguration, c.LakeFormationConfiguration)
	require.Equal(t, in.Targets.S3Targets, c.Targets.S3Targets)
	require.Equal(t, in.Targets.JdbcTargets, c.Targets.JdbcTargets)
	require.Equal(t, &gluetypes.Schedule{ScheduleExpression: in.Schedule, State: "SCHEDULED"}, c.Schedule)
	require.Equal(t, gluetypes.CrawlerStateReady, c.State)
	require.EqualValues(t, 1, c.Version)
	require.WithinDuration(t, time.Now(), *c.CreationTime, time.Minute)
	require.Nil(t, c.LastCrawl)

	_, err = w.glue.UpdateCrawler(t.Context(), &glue.UpdateCrawlerInput{
		Name: aws.String("c"), Targets: &gluetypes.CrawlerTargets{S3Targets: []gluetypes.S3Target{{Path: aws.String("s3://b/y")}}},
	})
	requireCode(t, "InvalidInputException", err)

	// An update changes only the members that it contains.
	_, err = w.glue.UpdateCrawler(t.Context(), &glue.UpdateCrawlerInput{
		Name: aws.String("c"), Description: aws.String("changed"), Schedule: aws.String(""),
		RecrawlPolicy: &gluetypes.RecrawlPolicy{RecrawlBehavior: "CRAWL_EVERYTHING"},
		Targets:       &gluetypes.CrawlerTargets{S3Targets: []gluetypes.S3Target{{Path: aws.String("s3://b/y")}}},
	})
	require.NoError(t, err)
	out, err = w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: aws.String("c")})
	require.NoError(t, err)
	require.Equal(t, "changed", *out.Crawler.Description)
	require.Equal(t, in.Configuration, out.Crawler.Configuration)
	require.Nil(t, out.Crawler.Schedule)
	require.Equal(t, "s3://b/y", *out.Crawler.Targets.S3Targets[0].Path)
	require.Empty(t, out.Crawler.Targets.JdbcTargets)
	require.EqualValues(t, 2, out.Crawler.Version)

	_, err = w.glue.DeleteCrawler(t.Context(), &glue.DeleteCrawlerInput{Name: aws.String("c")})
	require.NoError(t, err)
	require.Empty(t, tags())
	_, err = w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: aws.String("c")})
	requireCode(t, "EntityNotFoundException", err)
}

func TestDefaults(t *testing.T) {
	w := newWorld(t)
	w.create(nil, "x")
	out, err := w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: aws.String("c")})
	require.NoError(t, err)
	c := out.Crawler
	require.Equal(t, &gluetypes.SchemaChangePolicy{UpdateBehavior: "UPDATE_IN_DATABASE", DeleteBehavior: "DEPRECATE_IN_DATABASE"}, c.SchemaChangePolicy)
	require.Equal(t, &gluetypes.RecrawlPolicy{RecrawlBehavior: "CRAWL_EVERYTHING"}, c.RecrawlPolicy)
	require.Equal(t, &gluetypes.LineageConfiguration{CrawlerLineageSettings: "DISABLE"}, c.LineageConfiguration)
	require.Nil(t, c.Schedule)
	require.NotNil(t, c.Targets.JdbcTargets)
}

func TestInvalidDefinitions(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name    string
		change  func(*glue.CreateCrawlerInput)
		message string
	}{
		{"schedule", func(in *glue.CreateCrawlerInput) { in.Schedule = aws.String("rate(1 hour)") }, "rate(1 hour)"},
		{"configuration", func(in *glue.CreateCrawlerInput) { in.Configuration = aws.String("{") }, "JSON"},
		{"path", func(in *glue.CreateCrawlerInput) { in.Targets.S3Targets[0].Path = aws.String("hdfs://x") }, "hdfs://x"},
		{"exclusion", func(in *glue.CreateCrawlerInput) { in.Targets.S3Targets[0].Exclusions = []string{"[a"} }, "[a"},
		{"targets", func(in *glue.CreateCrawlerInput) { in.Targets.S3Targets = nil }, "no targets"},
		{
			"incremental", func(in *glue.CreateCrawlerInput) {
				in.RecrawlPolicy = &gluetypes.RecrawlPolicy{RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY"}
			}, "LOG DeleteBehavior",
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			in := &glue.CreateCrawlerInput{
				Name: aws.String("bad"), Role: aws.String("r"),
				Targets: &gluetypes.CrawlerTargets{S3Targets: []gluetypes.S3Target{{Path: aws.String("s3://b/x")}}},
			}
			tc.change(in)
			_, err := w.glue.CreateCrawler(t.Context(), in)
			requireCode(t, "InvalidInputException", err)
			require.ErrorContains(t, err, tc.message)
		})
	}
	w.create(nil, "x")
	_, err := w.glue.CreateCrawler(t.Context(), &glue.CreateCrawlerInput{
		Name: aws.String("c"), Role: aws.String("r"),
		Targets: &gluetypes.CrawlerTargets{S3Targets: []gluetypes.S3Target{{Path: aws.String("s3://b/x")}}},
	})
	requireCode(t, "AlreadyExistsException", err)
	for _, call := range []func(name *string) error{
		func(n *string) error {
			_, err := w.glue.StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: n})
			return err
		},
		func(n *string) error {
			_, err := w.glue.StopCrawler(t.Context(), &glue.StopCrawlerInput{Name: n})
			return err
		},
		func(n *string) error {
			_, err := w.glue.DeleteCrawler(t.Context(), &glue.DeleteCrawlerInput{Name: n})
			return err
		},
		func(n *string) error {
			_, err := w.glue.UpdateCrawler(t.Context(), &glue.UpdateCrawlerInput{Name: n})
			return err
		},
		func(n *string) error {
			_, err := w.glue.ListCrawls(t.Context(), &glue.ListCrawlsInput{CrawlerName: n})
			return err
		},
	} {
		requireCode(t, "EntityNotFoundException", call(aws.String("nobody")))
	}
}

func TestListsOfCrawlers(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"c3", "c1", "c2"} {
		w.create(func(in *glue.CreateCrawlerInput) { in.Name = aws.String(name) }, "x")
	}
	names, err := w.glue.ListCrawlers(t.Context(), &glue.ListCrawlersInput{MaxResults: aws.Int32(2)})
	require.NoError(t, err)
	require.Equal(t, []string{"c1", "c2"}, names.CrawlerNames)
	names, err = w.glue.ListCrawlers(t.Context(), &glue.ListCrawlersInput{NextToken: names.NextToken})
	require.NoError(t, err)
	require.Equal(t, []string{"c3"}, names.CrawlerNames)
	require.Nil(t, names.NextToken)

	all, err := w.glue.GetCrawlers(t.Context(), &glue.GetCrawlersInput{})
	require.NoError(t, err)
	require.Len(t, all.Crawlers, 3)
	some, err := w.glue.BatchGetCrawlers(t.Context(), &glue.BatchGetCrawlersInput{CrawlerNames: []string{"c2", "nobody"}})
	require.NoError(t, err)
	require.Equal(t, "c2", *some.Crawlers[0].Name)
	require.Equal(t, []string{"nobody"}, some.CrawlersNotFound)
}

func TestSchedules(t *testing.T) {
	w := newWorld(t)
	w.create(nil, "x")
	name := aws.String("c")
	state := func() *gluetypes.Schedule {
		out, err := w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: name})
		require.NoError(t, err)
		return out.Crawler.Schedule
	}
	_, err := w.glue.StartCrawlerSchedule(t.Context(), &glue.StartCrawlerScheduleInput{CrawlerName: name})
	requireCode(t, "NoScheduleException", err)
	_, err = w.glue.UpdateCrawlerSchedule(t.Context(), &glue.UpdateCrawlerScheduleInput{CrawlerName: name, Schedule: aws.String("cron(5 * * * ? *)")})
	require.NoError(t, err)
	require.Equal(t, gluetypes.ScheduleState("SCHEDULED"), state().State)
	_, err = w.glue.StopCrawlerSchedule(t.Context(), &glue.StopCrawlerScheduleInput{CrawlerName: name})
	require.NoError(t, err)
	require.Equal(t, gluetypes.ScheduleState("NOT_SCHEDULED"), state().State)
	_, err = w.glue.StopCrawlerSchedule(t.Context(), &glue.StopCrawlerScheduleInput{CrawlerName: name})
	requireCode(t, "SchedulerNotRunningException", err)
	_, err = w.glue.StartCrawlerSchedule(t.Context(), &glue.StartCrawlerScheduleInput{CrawlerName: name})
	require.NoError(t, err)
	require.Equal(t, gluetypes.ScheduleState("SCHEDULED"), state().State)
}

func TestFailuresAreReported(t *testing.T) {
	w := newWorld(t)
	w.create(func(in *glue.CreateCrawlerInput) {
		in.Targets.S3Targets = []gluetypes.S3Target{{Path: aws.String("s3://no-such-bucket-here/x/")}}
	})
	c := w.crawl(Failed)
	require.Contains(t, *c.LastCrawl.ErrorMessage, "no-such-bucket-here")
	require.Equal(t, defaultLogGroup, *c.LastCrawl.LogGroup)
	require.Equal(t, "c", *c.LastCrawl.LogStream)

	_, err := w.glue.UpdateCrawler(t.Context(), &glue.UpdateCrawlerInput{
		Name: aws.String("c"), DatabaseName: aws.String("nowhere"),
		Targets: &gluetypes.CrawlerTargets{S3Targets: []gluetypes.S3Target{{Path: aws.String(w.url("x"))}}},
	})
	require.NoError(t, err)
	c = w.crawl(Failed)
	require.Equal(t, "database nowhere does not exist", *c.LastCrawl.ErrorMessage)
	require.Contains(t, w.logLines(), "ERROR : database nowhere does not exist")

	out, err := w.glue.ListCrawls(t.Context(), &glue.ListCrawlsInput{
		CrawlerName: aws.String("c"),
		Filters:     []gluetypes.CrawlsFilter{{FieldName: "STATE", FilterOperator: "EQ", FieldValue: aws.String("FAILED")}},
	})
	require.NoError(t, err)
	require.Len(t, out.Crawls, 2)
	require.Equal(t, *c.LastCrawl.MessagePrefix, *out.Crawls[0].CrawlId, "newest first")
	require.Equal(t, *c.LastCrawl.ErrorMessage, *out.Crawls[0].ErrorMessage)
}

// gate is an HTTP client whose requests for objects wait until they are canceled.
type gate struct {
	next    aws.HTTPClient
	waiting chan struct{}
}

func (g *gate) Do(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/x/") {
		g.waiting <- struct{}{}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return g.next.Do(r)
}

func newGatedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	cfg := emulatorConfig(t)
	g := &gate{next: cfg.HTTPClient, waiting: make(chan struct{})}
	cfg.HTTPClient = g
	w.start(cfg)
	w.put("x/1.json", sale)
	w.create(nil, "x/")
	_, err := w.glue.StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: aws.String("c")})
	require.NoError(t, err)
	<-g.waiting
	return w
}

func TestStop(t *testing.T) {
	w := newGatedWorld(t)
	name := aws.String("c")
	out, err := w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: name})
	require.NoError(t, err)
	require.Equal(t, gluetypes.CrawlerStateRunning, out.Crawler.State)

	_, err = w.glue.StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: name})
	requireCode(t, "CrawlerRunningException", err)
	_, err = w.glue.UpdateCrawler(t.Context(), &glue.UpdateCrawlerInput{Name: name})
	requireCode(t, "CrawlerRunningException", err)
	_, err = w.glue.DeleteCrawler(t.Context(), &glue.DeleteCrawlerInput{Name: name})
	requireCode(t, "CrawlerRunningException", err)

	_, err = w.glue.StopCrawler(t.Context(), &glue.StopCrawlerInput{Name: name})
	require.NoError(t, err)
	require.Equal(t, Cancelled, <-w.done)
	out, err = w.glue.GetCrawler(t.Context(), &glue.GetCrawlerInput{Name: name})
	require.NoError(t, err)
	require.Equal(t, gluetypes.CrawlerStateReady, out.Crawler.State)
	require.Equal(t, gluetypes.LastCrawlStatusCancelled, out.Crawler.LastCrawl.Status)
	require.Empty(t, w.tableNames())
	_, err = w.glue.StopCrawler(t.Context(), &glue.StopCrawlerInput{Name: name})
	requireCode(t, "CrawlerNotRunningException", err)
}

func TestInterruptedCrawlHasFailed(t *testing.T) {
	w := newGatedWorld(t)
	again := New(emulatorConfig(t), w.store, slog.New(slog.DiscardHandler), nil, nil)
	defer again.Close()
	raw, err := again.Operations()["GetCrawler"](t.Context(), json.RawMessage(`{"Name":"c"}`))
	require.NoError(t, err)
	c := raw.(getCrawlerOutput).Crawler
	require.Equal(t, ready, c.State)
	require.Equal(t, Failed, c.LastCrawl.Status)
	require.Contains(t, c.LastCrawl.ErrorMessage, "interrupted")
}

func TestCloseEndsCrawls(t *testing.T) {
	w := newGatedWorld(t)
	w.service.Close()
	require.Equal(t, Failed, <-w.done)
	_, err := w.service.Start(t.Context(), "c")
	require.Error(t, err)
	r, err := w.service.load("c")
	require.NoError(t, err)
	require.Equal(t, errInterrupted.Error(), r.LastCrawl.Message)
}
