package gateway_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"localaws/awsjson"
)

func operations() awsjson.Operations {
	return awsjson.Operations{
		"StartCrawler": awsjson.Typed(func(_ context.Context, in struct{ Name string }) (any, error) {
			switch in.Name {
			case "busy":
				return nil, awsjson.Errorf(awsjson.CrawlerRunning, "%s runs already", in.Name)
			case "broken":
				return nil, io.ErrUnexpectedEOF
			}
			return nil, nil
		}),
		"GetDatabase": func(context.Context, json.RawMessage) (any, error) { return nil, awsjson.ErrPassThrough },
	}
}

func TestRequestsAreRouted(t *testing.T) {
	s := newStack(t, operations())
	client := glue.NewFromConfig(s.config)

	_, err := client.StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: aws.String("idle")})
	require.NoError(t, err, "served here")
	_, err = client.StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: aws.String("busy")})
	var running *types.CrawlerRunningException
	require.ErrorAs(t, err, &running)
	require.Equal(t, "busy runs already", *running.Message)

	_, err = client.CreateDatabase(t.Context(), &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("sales")}})
	require.NoError(t, err, "not served here")
	got, err := client.GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("sales")})
	require.NoError(t, err, "declined here")
	require.Equal(t, "sales", *got.Database.Name)

	t.Run("tags of connections", func(t *testing.T) { testConnectionTags(t, client) })
	t.Run("objects", func(t *testing.T) { testObjects(t, s3.NewFromConfig(s.config, pathStyle)) })
	t.Run("unexpected errors", func(t *testing.T) {
		_, err := glue.NewFromConfig(s.config, func(o *glue.Options) { o.RetryMaxAttempts = 1 }).StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: aws.String("broken")})
		require.ErrorContains(t, err, "InternalServiceException: unexpected EOF")
	})
	t.Run("emulator gone", func(t *testing.T) {
		require.NoError(t, s.emulator.Stop())
		_, err := client.GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("sales")})
		require.ErrorContains(t, err, "the AWS emulator does not respond")
	})
}

func pathStyle(o *s3.Options) { o.UsePathStyle = true }

func testObjects(t *testing.T, client *s3.Client) {
	bucket := aws.String("events")
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region}})
	require.NoError(t, err)
	big := make([]byte, 20<<20)
	_, _ = rand.Read(big)
	for key, content := range map[string][]byte{
		"a//b/../c d+é%2F=.json": []byte("strange name"),
		"form.txt":               []byte("Action=StopDBInstance&Version=2014-10-31"),
		"empty":                  {},
		"big":                    big,
	} {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: bytes.NewReader(content), ContentType: aws.String("application/x-www-form-urlencoded")})
		require.NoError(t, err, key)
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: &key})
		require.NoError(t, err, key)
		got, err := io.ReadAll(out.Body)
		require.NoError(t, err, key)
		require.True(t, bytes.Equal(content, got), key)
	}
	list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("a//b")})
	require.NoError(t, err)
	require.Equal(t, "a//b/../c d+é%2F=.json", *list.Contents[0].Key)
}

// The emulator breaks the connection twice in the middle of a response.
func TestReadsSurviveBrokenConnections(t *testing.T) {
	var calls atomic.Int32
	breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "20")
		_, _ = w.Write([]byte(`{"Database":{}`))
		if calls.Add(1) > 2 {
			_, _ = w.Write([]byte(`}     `))
			return
		}
		panic(http.ErrAbortHandler)
	}))
	defer breaking.Close()
	_, authority, url := serve(t, t.TempDir(), breaking.URL, nil, nil)
	once := func(o *glue.Options) { o.RetryMaxAttempts = 1 }

	_, err := glue.NewFromConfig(config(url, authority), once).GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("x")})
	require.NoError(t, err)
	require.EqualValues(t, 3, calls.Load())

	calls.Store(0)
	_, err = glue.NewFromConfig(config(url, authority), once).DeleteDatabase(t.Context(), &glue.DeleteDatabaseInput{Name: aws.String("x")})
	require.Error(t, err, "writes are not retried")
	require.EqualValues(t, 1, calls.Load())
}

func testConnectionTags(t *testing.T, client *glue.Client) {
	arn := aws.String("arn:aws:glue:" + region + ":000000000000:connection/mysql")
	create := func(tags map[string]string) error {
		_, err := client.CreateConnection(t.Context(), &glue.CreateConnectionInput{
			ConnectionInput: &types.ConnectionInput{Name: aws.String("mysql"), ConnectionType: types.ConnectionTypeJdbc, ConnectionProperties: map[string]string{"SECRET_ID": "s"}}, Tags: tags,
		})
		return err
	}
	require.NoError(t, create(map[string]string{"team": "stores"}))
	out, err := client.GetTags(t.Context(), &glue.GetTagsInput{ResourceArn: arn})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"team": "stores"}, out.Tags)

	update := func(name string) error {
		_, err := client.UpdateConnection(t.Context(), &glue.UpdateConnectionInput{Name: &name, ConnectionInput: &types.ConnectionInput{
			Name: &name, ConnectionType: types.ConnectionTypeJdbc, ConnectionProperties: map[string]string{"SECRET_ID": "other"},
		}})
		return err
	}
	require.NoError(t, update("mysql"))
	updated, err := client.GetConnection(t.Context(), &glue.GetConnectionInput{Name: aws.String("mysql")})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"SECRET_ID": "other"}, updated.Connection.ConnectionProperties)
	out, err = client.GetTags(t.Context(), &glue.GetTagsInput{ResourceArn: arn})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"team": "stores"}, out.Tags, "an update keeps the tags")
	var none *types.EntityNotFoundException
	require.ErrorAs(t, update("none"), &none)

	_, err = client.DeleteConnection(t.Context(), &glue.DeleteConnectionInput{ConnectionName: aws.String("mysql")})
	require.NoError(t, err)
	require.NoError(t, create(nil))
	out, err = client.GetTags(t.Context(), &glue.GetTagsInput{ResourceArn: arn})
	require.NoError(t, err)
	require.Empty(t, out.Tags)
}

func startCrawler(t *testing.T, cfg aws.Config) error {
	t.Helper()
	_, err := glue.NewFromConfig(cfg).StartCrawler(t.Context(), &glue.StartCrawlerInput{Name: aws.String("idle")})
	return err
}
