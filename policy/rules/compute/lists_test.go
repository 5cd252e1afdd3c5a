package compute

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func script64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// zip64 compresses and encodes a script for EC2.
func zip64(t *testing.T, text string) string {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return script64(zipped.String())
}

// Lines of scripts and of cloud-init that allow SSH logins, each among other lines.
func TestScriptsThatAllowLogins(t *testing.T) {
	for line, opens := range map[string]bool{
		"echo ssh-ed25519 AAAA >> /home/u/.ssh/authorized_keys": true, "curl x | tee /root/.ssh/authorized_keys": true, "ssh-import-id gh:u": true,
		"> /root/.ssh/authorized_keys": false, "cat /dev/null > /root/.ssh/authorized_keys": false,
		"  - path: /home/u/.ssh/authorized_keys": true, "path: /etc/motd": false,
		"ssh_authorized_keys: ssh-ed25519 AAAA": true, "  ssh_authorized_keys: []": false, "ssh_authorized_keys:": true,
		"ssh_pwauth: true": true, "ssh_pwauth: 'yes'": true, "ssh_pwauth: false": false,
		"hashed_passwd: $6$x": true, "passwd: $6$salt$hash": true, "lock_passwd: false": true, "lock_passwd: true": false,
		"echo u:p | chpasswd": true, "useradd -p x u": true, "useradd u": false,
		"PasswordAuthentication yes": true, "PasswordAuthentication no": false, "sed -i 's/PermitRootLogin no/PermitRootLogin yes/' x": true,
		"sed -i 's/PermitRootLogin yes/PermitRootLogin no/' x": false, "grep 'PasswordAuthentication yes' x": false, "PermitEmptyPasswords yes": true,
		"# echo key >> authorized_keys": false, " # PasswordAuthentication yes": false, "sed -i '/PasswordAuthentication yes/d' x": false,
	} {
		for _, end := range []string{"", "\n", "\r\n", "\nls\n"} {
			require.Equal(t, opens, opensLogin("ls\n"+line+end), "%s%q", line, end)
		}
		example := []Res{R(aws.Instance, "instance", Props{"userData": "ls\n" + line + "\nls\n"})}
		require.Equal(t, opens, Finds(t, userDataNoLogin, example), line)
	}
}

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
	for text, held := range map[string]bool{
		"export DB_TOKEN=a8F3kQ9z": true, "DB_TOKEN=\"a8F3kQ9z\"": true, "DB_TOKEN=$(aws ssm get-parameter)": false, "DB_TOKEN=aaaa": false, "REGION=eu-west-1-abcdef": false,
		zip64(t, "mysql --password=correct-horse"): true, script64("mysql --password=correct-horse"): true, script64("ls"): false, "ls": false, "": false,
	} {
		for _, key := range []string{"userData", "userDataBase64"} {
			require.Equal(t, held, Finds(t, userDataNoSecret, []Res{R(aws.Instance, "instance", Props{key: text})}), text)
		}
	}
	for _, key := range []string{"userData", "userDataBase64"} {
		generated := []Res{R(aws.Instance, "instance", Props{key: Attr("password", "result")}), R(aws.RandomPassword, "password", Props{})}
		require.True(t, Finds(t, userDataNoSecret, generated), key)
	}
	const key = "AKIAIOSFODNN7EXAMPLE" //nolint:gosec // The example of AWS's documentation.
	for size, held := range map[int]bool{1 << 20: true, 1<<20 + 1: false} {
		text := zip64(t, strings.Repeat(" ", size-len(key))+key)
		require.Equal(t, held, Finds(t, userDataNoSecret, []Res{R(aws.Instance, "instance", Props{"userData": text})}), "it ends after %d bytes", size)
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
