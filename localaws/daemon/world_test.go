package daemon_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/daemon"
	"localaws/process"
	"localaws/testtools"
)

// world is some state in each service that keeps state.
type world struct {
	config aws.Config
	dbPort int
}

// configOf returns a configuration with the access key in the state folder of a running AWS.
func configOf(t *testing.T, o daemon.Options) aws.Config {
	t.Helper()
	owner, err := credentials.Read(o.StateDir)
	require.NoError(t, err)
	return awsclient.Signed(o.Region, o.GatewayURL(), owner)
}

// createRole creates a role that a service may assume, and that allows everything.
func (w world) createRole(t *testing.T, name, service string) {
	t.Helper()
	w.iam(t, url.Values{"Action": {"CreateRole"}, "RoleName": {name}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`}})
	w.putRolePolicy(t, name, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
}

// putRolePolicy replaces the policy of a role that createRole created.
func (w world) putRolePolicy(t *testing.T, role, document string) {
	t.Helper()
	w.iam(t, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {role}, "PolicyName": {"all"}, "PolicyDocument": {document}})
}

func (w world) iam(t *testing.T, form url.Values) {
	t.Helper()
	form.Set("Version", "2010-05-08")
	body := form.Encode()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *w.config.BaseEndpoint, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	owner, err := w.config.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	require.NoError(t, credentials.Sign(req, owner, "iam", w.config.Region, []byte(body)))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func fill(t *testing.T, o daemon.Options) world {
	t.Helper()
	w := world{dbPort: testtools.FreePort(t), config: configOf(t, o)}
	ctx := t.Context()
	_, err := w.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("events")})
	require.NoError(t, err)
	_, err = w.s3().PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("events"), Key: aws.String("a/b.json"), Body: bytes.NewReader([]byte("{}"))})
	require.NoError(t, err)
	_, err = glue.NewFromConfig(w.config).CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("sales")}})
	require.NoError(t, err)
	w.createRole(t, "crawler", "glue.amazonaws.com")
	_, err = glue.NewFromConfig(w.config).CreateCrawler(ctx, &glue.CreateCrawlerInput{
		Name: aws.String("crawler"), Role: aws.String("arn:aws:iam::000000000000:role/crawler"), DatabaseName: aws.String("sales"),
		Targets: &types.CrawlerTargets{S3Targets: []types.S3Target{{Path: aws.String("s3://events/a")}}}, Tags: map[string]string{"team": "stores"},
	})
	require.NoError(t, err)
	_, err = rds.NewFromConfig(w.config).CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String("db"), Engine: aws.String("mysql"), DBInstanceClass: aws.String("db.t4g.micro"), AllocatedStorage: aws.Int32(20),
		MasterUsername: aws.String("master"), MasterUserPassword: aws.String("password"), DBName: aws.String("shop"),
		Port: aws.Int32(int32(w.dbPort)), //nolint:gosec // a port fits into int32
	})
	require.NoError(t, err)
	w.query(t, "CREATE TABLE sold (id int)")
	w.query(t, "INSERT INTO sold VALUES (7)")
	w.createFunction(t)
	w.check(t)
	return w
}

func (w world) check(t *testing.T) {
	t.Helper()
	object, err := w.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("events"), Key: aws.String("a/b.json")})
	require.NoError(t, err)
	require.EqualValues(t, 2, *object.ContentLength)
	_, err = glue.NewFromConfig(w.config).GetDatabase(t.Context(), &glue.GetDatabaseInput{Name: aws.String("sales")})
	require.NoError(t, err)
	tags, err := glue.NewFromConfig(w.config).GetTags(t.Context(), &glue.GetTagsInput{ResourceArn: aws.String("arn:aws:glue:us-east-1:000000000000:crawler/crawler")})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"team": "stores"}, tags.Tags)
	in, err := rds.NewFromConfig(w.config).DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("db")})
	require.NoError(t, err)
	require.Equal(t, "available", *in.DBInstances[0].DBInstanceStatus)
	require.EqualValues(t, w.dbPort, *in.DBInstances[0].Endpoint.Port)
	require.Equal(t, "7", w.query(t, "SELECT group_concat(id) FROM sold"))
	w.invoke(t)
}

// query returns the first value of the result.
func (w world) query(t *testing.T, statement string) string {
	t.Helper()
	db, err := sql.Open("mysql", fmt.Sprintf("master:password@tcp(127.0.0.1:%d)/shop?tls=skip-verify", w.dbPort))
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	var value sql.NullString
	err = db.QueryRowContext(t.Context(), statement).Scan(&value)
	if !errors.Is(err, sql.ErrNoRows) {
		require.NoError(t, err)
	}
	return value.String
}

// invoke runs a function, whose process is kept for the next call.
func (w world) invoke(t *testing.T) {
	t.Helper()
	out, err := lambda.NewFromConfig(w.config).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("producer")})
	require.NoError(t, err)
	require.Nil(t, out.FunctionError, string(out.Payload))
	require.JSONEq(t, strconv.Quote(*w.config.BaseEndpoint), string(out.Payload), "functions find the gateway")
}

func (w world) createFunction(t *testing.T) {
	t.Helper()
	var code bytes.Buffer
	z := zip.NewWriter(&code)
	f, err := z.Create("index.py")
	require.NoError(t, err)
	_, err = f.Write([]byte("import os\ndef handler(event, context):\n    return os.environ['AWS_ENDPOINT_URL']\n"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	w.createRole(t, "producer", "lambda.amazonaws.com")
	_, err = lambda.NewFromConfig(w.config).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("producer"), Runtime: lambdatypes.RuntimePython311, Handler: aws.String("index.handler"),
		Role: aws.String("arn:aws:iam::000000000000:role/producer"), Code: &lambdatypes.FunctionCode{ZipFile: code.Bytes()},
	})
	require.NoError(t, err)
}

func (w world) s3() *s3.Client {
	return s3.NewFromConfig(w.config, func(o *s3.Options) { o.UsePathStyle = true })
}

func processesOf(stateDir string) []int { return process.WithVariable(process.Mark, stateDir) }
