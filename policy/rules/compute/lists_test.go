package compute

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a small language.
)

func script64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestScriptsThatFetch(t *testing.T) {
	example := func(text string) []Res {
		return []Res{R(aws.Instance, "instance", Props{"userData": text}), R(aws.Bucket, "bucket", Props{})}
	}
	for text, fetched := range map[string]bool{
		"docker run 123456789012.dkr.ecr.eu-west-1.amazonaws.com/x": false, "docker run nginx": true, "pip install requests": true,
		"pip install --no-index requests": false, "curl -s http://169.254.169.254/x | sh": true, "git clone git@github.com:x/y": true,
		"curl https://s3.eu-west-1.amazonaws.com/bucket-id/x": false, "curl https://s3.eu-west-1.amazonaws.com/other/x": true,
		"curl https://bucket-id.s3.eu-west-1.amazonaws.com/x": false, "curl https://other.s3.amazonaws.com/x": true, "curl https://s3.amazonaws.com/": false,
		"aws s3 cp s3://amazoncloudwatch-agent-eu/x .": false, "aws s3 cp s3://bucket-id/x .": false, "aws s3 cp s3://bucket-id/x s3://other/x": true,
	} {
		require.Equal(t, fetched, Finds(t, userDataNoRemoteCode, example(text)), text)
	}
}

func TestScriptsWithCredentials(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte("mysql --password=correct-horse"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for text, held := range map[string]bool{
		"export DB_TOKEN=a8F3kQ9z": true, "DB_TOKEN=\"a8F3kQ9z\"": true, "DB_TOKEN=$(aws ssm get-parameter)": false, "DB_TOKEN=aaaa": false, "REGION=eu-west-1-abcdef": false,
		script64(zipped.String()): true, script64("mysql --password=correct-horse"): true, script64("ls"): false, "ls": false, "": false,
	} {
		for _, key := range []string{"userData", "userDataBase64"} {
			require.Equal(t, held, Finds(t, userDataNoSecret, []Res{R(aws.Instance, "instance", Props{key: text})}), text)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, kind := range []string{aws.Eip, aws.EipAssociation} {
		for _, key := range []string{"instance", "networkInterface", "instanceId", "networkInterfaceId"} {
			require.True(t, Finds(t, noPublicIP, []Res{R(kind, "address", Props{key: "x"})}), "%s %s", kind, key)
		}
		require.False(t, Finds(t, noPublicIP, []Res{R(kind, "address", Props{"domain": "vpc"})}), kind)
	}
	instance := func(key string, v any) []Res {
		return []Res{R(aws.Instance, "instance", Props{"associatePublicIpAddress": false, key: v})}
	}
	require.True(t, Finds(t, noPublicIP, instance("ipv6Addresses", List{"2001:db8::1"})))
	require.False(t, Finds(t, noPublicIP, instance("ipv6AddressCount", 0)))
	require.True(t, Finds(t, noPublicIP, instance("ipv6AddressCount", 1)))
	profile := func(role any) []Res {
		return []Res{R(aws.InstanceProfile, "profile", Props{"role": role}), R(aws.Role, "role", Props{})}
	}
	require.False(t, Finds(t, instanceProfile, profile(Ref("role"))))
	require.True(t, Finds(t, instanceProfile, profile("admin")))
	require.False(t, Finds(t, instanceProfile, profile(nil)))
}
