package lambda

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRuntimes(t *testing.T) {
	for _, runtime := range strings.Fields(`provided.al2023 python3.11 python3.12 python3.13 python3.14 nodejs22.x nodejs24.x java17 java21 java25 dotnet10
		ruby3.3 ruby3.4`) {
		require.False(t, Finds(t, supportedRuntime, function(Props{"runtime": runtime})), runtime)
	}
}

func TestPermissions(t *testing.T) {
	permission := func(props Props) []Res {
		return []Res{R(aws.LambdaPermission, "permission", props), R(aws.Function, "function", Props{}), R(aws.Bucket, "bucket", Props{})}
	}
	for _, action := range []string{"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:InvokeAsync"} {
		require.False(t, Finds(t, permissionNotPublic, permission(Props{"principal": "events.amazonaws.com", "action": action})), action)
	}
	require.False(t, Finds(t, permissionNotPublic, permission(Props{"principal": "arn:aws:iam::123456789012:role/r"})))
	require.True(t, Finds(t, permissionNotPublic, permission(Props{"principal": "123456789012", "principalOrgId": "o-a1b2c3d4e5"})), "an account has no organization")
	for source, any := range map[string]bool{
		"arn:aws:events:eu-west-1:123456789012:rule/*": false, "arn:aws:events:eu-west-1:*:rule/x": true, "arn:aws:events:eu-west-1:12345678901?:rule/x": true,
		"arn:aws:s3:::bucket-id": false, "arn:aws:s3:::*": true, "arn:aws:s3:::bucket-other": true, "arn:aws:sns:eu-west-1::a*": false, "arn:aws:x::?b": true, "arn:*": true, "": true,
		"arn:aws:x:::*b": true, "arn:aws:x:::?b": true, "arn:aws:x:::b*": false, "arn:aws:x::123456789012:*b": false,
	} {
		require.Equal(t, any, Finds(t, permissionSource, permission(Props{"principal": "s3.amazonaws.com", "sourceArn": source})), source)
	}
	require.False(t, Finds(t, permissionSource, permission(Props{"principal": "alexa.amazon.com", "eventSourceToken": "x"})))
	for _, principal := range []string{"123456789012", "arn:aws:iam::123456789012:role/a.amazon"} {
		require.False(t, Finds(t, permissionSource, permission(Props{"principal": principal})), "%s is not a service", principal)
	}
}

// Images and layers of every account are accepted until the stack's account is known.
func TestCodeOfUnknownAccounts(t *testing.T) {
	for layer, refused := range map[string]bool{"arn:aws:lambda:eu-west-1:999999999999:layer:x:1": false, "x": true} {
		require.Equal(t, refused, Finds(t, codeInStack, function(Props{"arn": "", "layers": List{layer}})), layer)
	}
}

// Variables that turn off certificate checks, or trust certificates that others can write.
func TestCertificateVariables(t *testing.T) {
	for name, values := range map[string]map[string]bool{
		"NODE_TLS_REJECT_UNAUTHORIZED": {"0": true, "1": false, "": false}, "PYTHONHTTPSVERIFY": {"0": true, "1": false},
		"GIT_SSL_NO_VERIFY": {"1": true, "True": true, "yes": true, "on": true, "0": false, "": false},
		"PGSSLMODE":         {"disable": true, "allow": true, "prefer": true, "require": false, "verify-full": false},
		"JAVA_TOOL_OPTIONS": {"-Dcom.amazonaws.sdk.disableCertChecking=true": true, "-Xmx512m": false},
		"CURL_CA_BUNDLE":    {"": true, "/opt/ca.pem": false, "/tmp/ca.pem": true}, "SSL_CERT_FILE": {"": false, "/var/task/ca.pem": false, "/mnt/ca.pem": true},
		"SSL_CERT_DIR": {"/tmp": true}, "AWS_CA_BUNDLE": {"/tmp/ca.pem": true}, "REQUESTS_CA_BUNDLE": {"/tmp/ca.pem": true}, "NODE_EXTRA_CA_CERTS": {"/tmp/ca.pem": true},
		"OTHER": {"0": false, "": false, "/tmp/ca.pem": false},
	} {
		for value, refused := range values {
			require.Equal(t, refused, Finds(t, codeInStack, variables(Props{name: value})), "%s=%s", name, value)
		}
	}
}

func TestPasswordsInEnvironments(t *testing.T) {
	example := append(variables(Props{"X": Attr("password", "result")}), R(aws.RandomPassword, "password", Props{}))
	require.True(t, Finds(t, envNoSecret, example))
}

// Variables that redirect the function's calls, or run code outside of its package.
func TestEnvironments(t *testing.T) {
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"} {
		for value, elsewhere := range map[string]bool{
			"": false, "https://s3.eu-west-1.amazonaws.com": false, "https://S3.amazonaws.com:443/": false, "https://s3.api.aws": false, "https://s3.cn-north-1.amazonaws.com.cn": false,
			"https://example.com": true, "http://s3.amazonaws.com": true, "https://amazonaws.com.example.com": true,
		} {
			require.Equal(t, elsewhere, Finds(t, codeInStack, variables(Props{name: value})), "%s=%s", name, value)
		}
	}
	for _, name := range strings.Fields(`AWS_LAMBDA_EXEC_WRAPPER LD_PRELOAD LD_LIBRARY_PATH PYTHONPATH PYTHONSTARTUP NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS
		RUBYOPT BASH_ENV`) {
		for value, outside := range map[string]bool{"/opt/wrapper": false, "/tmp/x": true, "--require /mnt/efs/x": true, "a:/dev/shm/x": true, "https://example.com/x": true, "data:text": true} {
			require.Equal(t, outside, Finds(t, codeInStack, variables(Props{name: value})), "%s=%s", name, value)
		}
	}
	require.False(t, Finds(t, codeInStack, variables(Props{"EVENTS_URL": "https://example.com", "WORK": "/tmp"})))
	inner := &archive.Archive{Sig: archive.ArchiveSig, URI: "https://example.com/f.zip"}
	for remote, parts := range map[bool]map[string]any{
		true: {"a": inner}, false: {"a": &archive.Archive{Sig: archive.ArchiveSig, Path: "a"}, "b": &asset.Asset{Sig: asset.AssetSig, Text: "b"}},
	} {
		code := property.New(&archive.Archive{Sig: archive.ArchiveSig, Assets: parts})
		require.Equal(t, remote, Finds(t, codeInStack, function(Props{"code": code})), parts)
	}
}

func TestLogGroupsByName(t *testing.T) {
	logs := R(aws.LogGroup, "logs", Props{"name": "/aws/lambda/"})
	findings := logGroup.CheckStack(Build(t, append(function(Props{}), logs), rule.Settings{}))
	require.Len(t, findings, 1, "a function without a name")
	require.Equal(t, "name", findings[0].Property)
	require.False(t, Finds(t, concurrency, function(Props{"reservedConcurrentExecutions": 0})))
	named := []Res{R(aws.Function, "function", Props{"name": Attr("logs", "name")}), R(aws.LogGroup, "logs", Props{})}
	require.False(t, Finds(t, logGroup, named))
}
