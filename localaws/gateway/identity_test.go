package gateway_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/testtools"
)

const roleARN = "arn:aws:iam::000000000000:role/reader"

func (s *stack) createRole(t *testing.T) {
	t.Helper()
	form := url.Values{"Action": {"CreateRole"}, "Version": {"2010-05-08"}, "RoleName": {"reader"}, "AssumeRolePolicyDocument": {"{}"}}.Encode()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(form))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	require.NoError(t, credentials.Sign(req, s.authority.Root(), "iam", region, []byte(form)))
	require.Equal(t, http.StatusOK, do(t, req).StatusCode)
}

func TestIdentities(t *testing.T) {
	s := newStack(t, nil)
	s.createRole(t)
	client := sts.NewFromConfig(s.config)
	me, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:iam::000000000000:root", *me.Arn)
	require.Equal(t, "000000000000", *me.Account)

	assumed, err := client.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("visit")})
	require.NoError(t, err)
	c := assumed.Credentials
	require.WithinDuration(t, time.Now().Add(time.Hour), *c.Expiration, time.Minute)
	session := aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
	as := sts.NewFromConfig(awsclient.Signed(region, s.url, session))
	me, err = as.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:sts::000000000000:assumed-role/reader/visit", *me.Arn)
	require.Equal(t, *assumed.AssumedRoleUser.Arn, *me.Arn)

	_, err = client.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::000000000000:role/none"), RoleSessionName: aws.String("visit")})
	require.ErrorContains(t, err, "AccessDenied")
	_, err = client.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("a/b")})
	require.ErrorContains(t, err, "ValidationError")

	// A presigned URL is the same call.
	signed, err := sts.NewPresignClient(client).PresignGetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), signed.Method, signed.URL, nil)
	require.NoError(t, err)
	resp := do(t, req)
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.body)
	require.Contains(t, resp.body, "<Arn>arn:aws:iam::000000000000:root</Arn>")
	for _, changed := range []string{
		strings.Replace(signed.URL, "GetCallerIdentity", "GetSessionToken", 1), signed.URL + "&Other=1",
	} {
		req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, changed, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, do(t, req).StatusCode, changed)
	}
}

// Clients of another state folder get AWS's error for their protocol.
func TestRefusalsInEachProtocol(t *testing.T) {
	s, other := newStack(t, operations()), openAuthority(t, t.TempDir())
	cfg := config(s.url, other)
	cfg.RetryMaxAttempts = 1
	for name, c := range map[string]struct {
		call func() error
		want string
	}{
		"query": {func() error {
			_, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			return err
		}, "InvalidClientTokenId"},
		"REST XML": {func() error {
			_, err := s3.NewFromConfig(cfg, pathStyle).ListBuckets(t.Context(), &s3.ListBucketsInput{})
			return err
		}, "InvalidAccessKeyId"},
		"REST JSON": {func() error {
			_, err := lambda.NewFromConfig(cfg).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
			return err
		}, "UnrecognizedClientException"},
		"JSON": {func() error { return startCrawler(t, cfg) }, "UnrecognizedClientException"},
		"EC2":  {func() error { return describeVolumes(t, cfg) }, "AuthFailure"},
	} {
		err := c.call()
		require.ErrorContains(t, err, c.want, name)
		require.ErrorContains(t, err, "StatusCode: 403", name)
	}
}

// A function acts as its role, through the gateway, and other processes cannot call its
// runtime API.
func TestFunctionsActAsTheirRole(t *testing.T) {
	s := newStack(t, nil)
	for name, f := range map[string]struct {
		runtime lambdatypes.Runtime
		file    string
		code    string
	}{
		"python": {lambdatypes.RuntimePython311, "index.py", `
import os
import boto3
def handler(event, context):
    assert not [n for n in os.environ if "EMULATOR" in n], os.environ
    return boto3.client("sts", endpoint_url=event["url"]).get_caller_identity()["Arn"]
`},
		"own": {lambdatypes.RuntimeProvidedal2023, "bootstrap", "#!" + testtools.Python(t) + ownRuntime},
	} {
		client := lambda.NewFromConfig(s.config)
		_, err := client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: &name, Runtime: f.runtime, Handler: aws.String("index.handler"), Timeout: aws.Int32(60),
			Role: aws.String(roleARN), Code: &lambdatypes.FunctionCode{ZipFile: zipped(t, f.file, f.code)},
		})
		require.NoError(t, err)
		payload, err := json.Marshal(map[string]string{"url": s.url})
		require.NoError(t, err)
		out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &name, Payload: payload})
		require.NoError(t, err)
		require.Nil(t, out.FunctionError, string(out.Payload))
		require.JSONEq(t, `"arn:aws:sts::000000000000:assumed-role/reader/`+name+`"`, string(out.Payload), name)
	}
	ports := listening(t, s.emulator.PID())
	require.Len(t, ports, 1, "the runtime API of the function that waits for its next call")
	for _, path := range []string{"/", "/2018-06-01/runtime/invocation/next", "/x/2018-06-01/runtime/invocation/next", "/2018-06-01/runtime/init/error"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req, err := http.NewRequestWithContext(t.Context(), method, fmt.Sprintf("http://127.0.0.1:%d%s", ports[0], path), strings.NewReader("{}"))
			require.NoError(t, err)
			require.Equal(t, http.StatusForbidden, do(t, req).StatusCode, path)
		}
	}
}

// ownRuntime is a custom runtime that uses only the standard library.
const ownRuntime = `
import json, os, urllib.request
import boto3
assert not [n for n in os.environ if "EMULATOR" in n], os.environ
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as call:
        id, event = call.headers["Lambda-Runtime-Aws-Request-Id"], json.load(call)
    arn = boto3.client("sts", endpoint_url=event["url"]).get_caller_identity()["Arn"]
    urllib.request.urlopen(api + id + "/response", json.dumps(arn).encode()).close()
`

func zipped(t *testing.T, name, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	header.SetMode(0o755)
	f, err := z.CreateHeader(header)
	require.NoError(t, err)
	_, err = f.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

// listening returns the TCP ports that a process listens on.
func listening(t *testing.T, pid int) []int {
	t.Helper()
	own := map[string]bool{}
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	require.NoError(t, err)
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			own[target] = true
		}
	}
	var ports []int
	for _, table := range []string{"tcp", "tcp6"} {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // a machine without IPv6
		}
		for _, line := range strings.Split(string(raw), "\n")[1:] {
			fields := strings.Fields(line)
			const listen = "0A"
			if len(fields) < 10 || fields[3] != listen || !own["socket:["+fields[9]+"]"] {
				continue
			}
			var port int
			_, err := fmt.Sscanf(fields[1][strings.LastIndex(fields[1], ":")+1:], "%x", &port)
			require.NoError(t, err)
			ports = append(ports, port)
		}
	}
	return ports
}

// The emulator does not listen on a port, and only its owner can use its socket.
func TestEmulatorListensOnNoPort(t *testing.T) {
	s := newStack(t, nil)
	require.Empty(t, listening(t, s.emulator.PID()))
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.emulator.PID()))
	require.NoError(t, err)
	_, after, found := strings.Cut(string(environ), "LOCALAWS_EMULATOR_SOCKET=")
	require.True(t, found)
	socket, _, _ := strings.Cut(after, "\x00")
	info, err := os.Stat(socket)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077, "only the owner may connect")
	info, err = os.Stat(filepath.Dir(socket))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", socket)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, s.emulator.Stop())
	require.NoDirExists(t, filepath.Dir(socket))
}

// Python's SDK in ordinary use: small and multipart uploads, presigned URLs, listings,
// and a key with every kind of character.
func TestOrdinaryClients(t *testing.T) {
	s := newStack(t, nil)
	_, err := s3.NewFromConfig(s.config, pathStyle).CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("events"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), testtools.Python(t), "-c", source(t, "testdata/clients.py")) //nolint:gosec // The Python of the setup.
	cmd.Env = s.environ(t)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))

	// A presigned URL of Go's SDK, and one with a changed key.
	signed, err := s3.NewPresignClient(s3.NewFromConfig(s.config, pathStyle)).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("events"), Key: aws.String("small")})
	require.NoError(t, err)
	resp, err := http.Get(signed.URL) //nolint:noctx // an address of this machine
	require.NoError(t, err)
	content, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "small", string(content))
	u, err := url.Parse(signed.URL)
	require.NoError(t, err)
	u.Path = "/events/big"
	resp, err = http.Get(u.String()) //nolint:noctx // an address of this machine
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
}
