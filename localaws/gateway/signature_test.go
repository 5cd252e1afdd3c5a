package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
)

// The emulator reads a bucket from the host, some services and operations from the path regardless of the signature,
// and S3 headers from the query.
func TestRequestMustMatchTheServiceOfItsSignature(t *testing.T) {
	s := newStack(t, nil)
	address, _ := withAccess(t, s)
	s.iam(t, address, url.Values{"Action": {"CreateRole"}, "RoleName": {"reader"}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}})
	s.iam(t, address, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {"reader"}, "PolicyName": {"p"}, "PolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*","lambda:ListFunctions"],"Resource":"*"},` +
			`{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::sns","arn:aws:s3:::sns/*","arn:aws:s3:::own-data","arn:aws:s3:::own-data/*"]}]}`}})
	session, err := s.authority.Issue(credentials.Principal{RoleARN: roleARN, SessionName: "visit"}, time.Hour)
	require.NoError(t, err)
	catalog, objects := glue.NewFromConfig(config(address, s.authority)), s3.NewFromConfig(config(address, s.authority), pathStyle)
	_, err = catalog.CreateDatabase(t.Context(), &glue.CreateDatabaseInput{DatabaseInput: &types.DatabaseInput{Name: aws.String("hush")}})
	require.NoError(t, err)
	for _, bucket := range []string{"store-data", "own-data"} {
		_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region}})
		require.NoError(t, err)
		_, err = objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("raw/k"), Body: strings.NewReader("hush")})
		require.NoError(t, err)
	}
	send := func(key aws.Credentials, method, service, target, host, path, body string) response {
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Host = host
		if target != "" {
			req.Header.Set("X-Amz-Target", target)
		}
		require.NoError(t, credentials.Sign(req, key, service, region, []byte(body)))
		return do(t, req)
	}
	const unknown, denied, identity = "Unknown action", "AccessDenied", `{"EmailIdentity":"a@hush.example.com"}`
	const deletion = "<Delete><Object><Key>raw/k</Key></Object></Delete>"
	for _, call := range []struct{ method, service, target, host, path, body, want string }{
		{"GET", "logs", "", "store-data.localhost", "/raw/k", "", "names a bucket"},
		{"POST", "logs", "Logs_20140328.DescribeLogGroups", "store-data.localhost", "/?delete", deletion, "names a bucket"},
		{"POST", "s3", "Logs_20140328.DescribeLogGroups", "store-data.localhost", "/?delete", deletion, "names a bucket"},
		{"GET", "logs", "", "localhost", "/iceberg/v1/catalogs/x/namespaces", "", unknown},
		{"POST", "logs", "Logs_20140328.DescribeLogGroups", "localhost", "/iceberg/v1/catalogs/x/namespaces", "{}", "logGroups"},
		{"POST", "logs", "", "localhost", "/Execute", "{}", unknown},
		{"POST", "logs", "", "localhost", "/v2/email/identities", identity, unknown},
		{"GET", "logs", "", "localhost", "/v2/_catalog", "", unknown},
		{"GET", "logs", "", "localhost", "/v20180820/tags/x", "", unknown},
		{"GET", "logs", "", "localhost", "/restapis/a/b/_user_request_/x", "", unknown},
		{"GET", "logs", "", "localhost", "/health", "", unknown},
		{"POST", "logs", "", "localhost", "/oauth2/token", "", unknown},
		{"GET", "logs", "", "localhost", "/logout", "", unknown},
		{"GET", "execute-api", "", "localhost", "/restapis", "", "does not support"},
		{"POST", "ses", "", "localhost", "/v2/email/identities", identity, denied},
		{"POST", "ses", "", "localhost", "/v2/email/identities?Action=GetSendQuota", "", "Action is not a parameter"},
		{"POST", "lambda", "", "localhost", "/2015-03-31/functions/f/invocations?Action=ListFunctions", "", "Action is not a parameter"},
		{"GET", "s3", "", "sns.localhost", "/store-data/raw/k", "", "NoSuchBucket"},
		{"GET", "s3", "", "store-data.localhost", "/raw/k", "", denied},
		{"GET", "s3", "", "_ministack.localhost", "/health", "", "not found"},
		{"PUT", "s3", "", "localhost", "/own-data/copy?x-amz-copy-source=/store-data/raw/k", "", denied},
	} {
		answer := send(session, call.method, call.service, call.target, call.host, call.path, call.body)
		require.Contains(t, answer.body, call.want, "%q: %d", call, answer.StatusCode)
		require.NotContains(t, answer.body, "hush", "%q", call)
	}
	for host, path := range map[string]string{"localhost": "/own-data/raw/k", "own-data.localhost": "/raw/k", "own-data.s3.localhost": "/raw/k", "s3.localhost": "/own-data/raw/k"} {
		require.Equal(t, "hush", send(session, "GET", "s3", "", host, path, "").body, host)
	}
	put := func(path string) response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address+path+"&X-Amz-Expires=60", strings.NewReader("content"))
		require.NoError(t, err)
		presigned, _, err := v4.NewSigner().PresignHTTP(t.Context(), session, req, "UNSIGNED-PAYLOAD", "s3", region, time.Now())
		require.NoError(t, err)
		req.URL, err = url.Parse(presigned)
		require.NoError(t, err)
		return do(t, req)
	}
	require.Contains(t, put("/own-data/copy?x-amz-copy-source=/store-data/raw/k").body, denied)
	require.Equal(t, http.StatusOK, put("/own-data/by-url?x-amz-checksum-crc32=AAAAAA%3D%3D").StatusCode, "S3 ignores the checksum in a presigned URL, which is that of an empty body")
	root := s.authority.Root()
	require.Equal(t, "hush", send(root, "GET", "s3", "", "localhost", "/store-data/raw/k", "").body)
	require.NotContains(t, send(root, "GET", "ses", "", "localhost", "/v2/email/identities", "").body, "hush")
}
