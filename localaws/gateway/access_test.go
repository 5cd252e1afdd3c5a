package gateway_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"localaws/authz"
	"localaws/awsclient"
	"localaws/credentials"
	"localaws/gateway"
	"localaws/iam/audit"
	"localaws/iam/services"
	"localaws/ministack"
	"localaws/store"
	"localaws/tags"
)

// withAccess puts a gateway that checks the permissions of roles in front of a
// stack's emulator.
func withAccess(t *testing.T, s *stack) (string, *audit.Log) {
	t.Helper()
	log, err := audit.Open(filepath.Join(t.TempDir(), "denied.jsonl"))
	require.NoError(t, err)
	st, err := store.Open(filepath.Join(t.TempDir(), "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	place := services.Place{Partition: "aws", Region: region, Account: credentials.AccountID}
	var g *gateway.Gateway
	source := authz.NewEmulator(authz.EmulatorOptions{
		Transport: s.emulator.Transport(), URL: ministack.URL, Place: place,
		Account: roundTripper(func(r *http.Request) (*http.Response, error) { return g.RoundTrip(r) }),
	})
	g, err = gateway.New(gateway.Options{
		EmulatorURL: ministack.URL, Transport: s.emulator.Transport(), Authority: s.authority, Region: region,
		Access: authz.New(source, place, log, slog.New(slog.DiscardHandler)), Tags: tags.New(st), Databases: s.databases, Store: st, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server.URL, log
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (s *stack) iam(t *testing.T, address string, form url.Values) {
	t.Helper()
	form.Set("Version", "2010-05-08")
	body := form.Encode()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	require.NoError(t, credentials.Sign(req, s.authority.Root(), "iam", region, []byte(body)))
	resp := do(t, req)
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.body)
}

func TestPoliciesOfRolesAreEnforced(t *testing.T) {
	s := newStack(t, nil)
	address, log := withAccess(t, s)
	s.iam(t, address, url.Values{"Action": {"CreateRole"}, "RoleName": {"reader"}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}})
	grant := func(statement string) {
		s.iam(t, address, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {"reader"}, "PolicyName": {"p"}, "PolicyDocument": {
			`{"Version":"2012-10-17","Statement":[` + statement + `]}`}})
	}
	grant(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::events/in/*"}`)
	root := s3.NewFromConfig(config(address, s.authority), pathStyle)
	_, err := root.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("events"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	require.NoError(t, err)
	for _, key := range []string{"in/a", "out/a"} {
		_, err = root.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("events"), Key: aws.String(key), Body: strings.NewReader("x")})
		require.NoError(t, err)
	}
	session, err := s.authority.Issue(credentials.Principal{RoleARN: roleARN, SessionName: "visit"}, time.Hour)
	require.NoError(t, err)
	cfg := awsclient.Signed(region, address, session)
	as := s3.NewFromConfig(cfg, pathStyle)
	get := func(key string) error {
		_, err := as.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("events"), Key: aws.String(key)})
		return err
	}
	require.NoError(t, get("in/a"))
	require.ErrorContains(t, get("out/a"), `AccessDenied: User: arn:aws:sts::000000000000:assumed-role/reader/visit is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::events/out/a" because no identity-based policy allows the s3:GetObject action`)
	require.ErrorContains(t, get("in/none"), `s3:ListBucket on resource: "arn:aws:s3:::events" because no identity-based policy allows`)
	_, err = as.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("events"), Key: aws.String("in/none")})
	require.ErrorContains(t, err, "StatusCode: 403")
	_, err = glue.NewFromConfig(cfg).GetDatabases(t.Context(), &glue.GetDatabasesInput{})
	require.ErrorContains(t, err, "AccessDeniedException: User: ")
	_, err = ec2.NewFromConfig(cfg).DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	require.ErrorContains(t, err, "UnauthorizedOperation: You are not authorized to perform this operation.")
	_, err = lambda.NewFromConfig(cfg).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("f")})
	require.ErrorContains(t, err, "AccessDeniedException")
	require.Len(t, log.Denials(), 5)

	grant(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	require.NoError(t, get("out/a"), "a policy that passes the gateway takes effect immediately")
	require.ErrorContains(t, get("in/none"), "NoSuchKey")
}

// The checked operation must be the executed one: the emulator reads the prefix of a target and what follows its last
// dot, and joins repeated headers.
func TestAmbiguousTargetsAreRefused(t *testing.T) {
	s := newStack(t, nil)
	address, _ := withAccess(t, s)
	s.iam(t, address, url.Values{"Action": {"CreateRole"}, "RoleName": {"reader"}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}})
	s.iam(t, address, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {"reader"}, "PolicyName": {"p"}, "PolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","glue:*","secretsmanager:*"],"Resource":"*"},` +
			`{"Effect":"Deny","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`}})
	session, err := s.authority.Issue(credentials.Principal{RoleARN: roleARN, SessionName: "visit"}, time.Hour)
	require.NoError(t, err)
	post := func(key aws.Credentials, service string, targets ...string) response {
		body := `{"SecretId":"login"}`
		if targets[0] == "secretsmanager.CreateSecret" {
			body = `{"Name":"login","SecretString":"hush"}`
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/events/key", strings.NewReader(body))
		require.NoError(t, err)
		req.Header["X-Amz-Target"] = targets
		require.NoError(t, credentials.Sign(req, key, service, region, []byte(body)))
		return do(t, req)
	}
	root := s.authority.Root()
	require.Equal(t, http.StatusOK, post(root, "secretsmanager", "secretsmanager.CreateSecret").StatusCode)
	require.Contains(t, post(root, "s3", "secretsmanager.GetSecretValue").body, "hush")
	for _, targets := range [][]string{
		{"secretsmanager.GetSecretValue"}, {"secretsmanagerX.GetSecretValue"}, {"secretsmanager.X.GetSecretValue"}, {"secretsmanager.X, Y.GetSecretValue"},
		{"secretsmanager.DescribeSecret", "secretsmanager.GetSecretValue"}, {"", "secretsmanager.GetSecretValue"},
	} {
		for _, service := range []string{"s3", "glue", "secretsmanager"} {
			answer := post(session, service, targets...)
			require.Equal(t, http.StatusBadRequest, answer.StatusCode, "%q for %s: %s", targets, service, answer.body)
			require.NotContains(t, answer.body, "hush", "%q for %s", targets, service)
		}
	}
}

// The emulator takes the service of a form from the signature, the check from the form's version. The emulator reads
// every body as a form, with any content type and method, ignores invalid parts, and prefers an operation in the path.
func TestFormMustMatchTheServiceOfItsSignature(t *testing.T) {
	s := newStack(t, nil)
	address, _ := withAccess(t, s)
	s.iam(t, address, url.Values{"Action": {"CreateRole"}, "RoleName": {"reader"}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}})
	s.iam(t, address, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {"reader"}, "PolicyName": {"p"}, "PolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","sns:*","ec2:*","cloudwatch:*","autoscaling:*","unheard:*"],"Resource":"*"},` +
			`{"Effect":"Deny","Action":["sns:CreateTopic","ec2:CreateKeyPair","cloudwatch:PutMetricData"],"Resource":"*"}]}`}})
	session, err := s.authority.Issue(credentials.Principal{RoleARN: roleARN, SessionName: "visit"}, time.Hour)
	require.NoError(t, err)
	const form = "application/x-www-form-urlencoded"
	send := func(method, service, path, kind, body string) response {
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", kind)
		if service == "SNS" || service == "unheard" {
			req.Host = "sns.localhost" // The emulator uses it, because it does not know the service.
		}
		require.NoError(t, credentials.Sign(req, session, service, region, []byte(body)))
		return do(t, req)
	}
	const rpc = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
	for _, call := range [][]string{
		{"POST", "sns", "/", form, "Action=ListTopics&Version=2010-03-31"},
		{"GET", "sns", "/?Action=ListTopics&Version=2010-03-31", "", ""},
		{"POST", "monitoring", rpc, "application/json", "{}"},
	} {
		answer := send(call[0], call[1], call[2], call[3], call[4])
		require.Equal(t, http.StatusOK, answer.StatusCode, "%q: %s", call, answer.body)
	}
	const create, list = "Action=CreateTopic&Name=x&Version=2010-03-31", "Action=ListTopics&Version=2010-03-31"
	const metric = "&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&Version=2010-08-01"
	for _, call := range [][]string{
		{"POST", "iam", "/", form, "Action=CreateUser&UserName=intruder&Version=2010-03-31"},
		{"POST", "iam", "/?Action=CreateUser&UserName=intruder&Version=2010-03-31", form, ""},
		{"POST", "s3", "/events/key?uploads", form, "Action=DescribeRegions&Version=2016-11-15"},
		{"POST", "sns", "/", form, create + "&y=%"},
		{"POST", "sns", "/", form, create + "&y=;"},
		{"POST", "sns", "/", "text/plain", create},
		{"POST", "sns", "/", "", create},
		{"POST", "SNS", "/events/key", "text/plain", create},
		{"POST", "unheard", "/", "text/plain", create},
		{"POST", "sns", "/", form, "Action=&" + create},
		{"POST", "sns", "/?Name=x", form, list},
		{"POST", "sns", rpc, "text/plain", create},
		{"POST", "sns", rpc, form, create},
		{"PUT", "ec2", "/", form, "Action=CreateKeyPair&KeyName=k&Version=2016-11-15"},
		{"PUT", "monitoring", "/", form, "Action=PutMetricData" + metric},
		{"POST", "monitoring", "/operation/PutMetricData", form, "Action=ListMetrics" + metric},
		{"GET", "monitoring", "/x/operation/PutMetricData", form, ""},
		{"POST", "monitoring", rpc, form, "Action=PutMetricData" + metric},
		{"POST", "autoscaling", "/", "text/plain", "Action=DescribeAutoScalingGroups&Version=2011-01-01"},
	} {
		answer := send(call[0], call[1], call[2], call[3], call[4])
		require.Equal(t, http.StatusBadRequest, answer.StatusCode, "%q: %s", call, answer.body)
	}
}
