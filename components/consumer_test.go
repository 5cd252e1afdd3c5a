package components

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConsumerIsReachedThroughSSMOnly(t *testing.T) {
	r := buildConsumer(t)
	vm := r.one("aws:ec2/instance:Instance", "consumer")
	for property, want := range map[string]any{
		"associatePublicIpAddress": false, "keyName": nil, "subnetId": "app-1", "vpcSecurityGroupIds": []any{"sg-consumer"},
		"instanceType": "t3.micro", "ebsOptimized": true, "iamInstanceProfile": "test-consumer",
		"metadataOptions": map[string]any{"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0},
		"rootBlockDevice": map[string]any{"volumeType": "gp3", "volumeSize": 10.0, "encrypted": true, "kmsKeyId": keyArn},
	} {
		require.Equal(t, want, vm.Get(t, property), property)
	}
	require.Equal(t, "test-consumer", r.one("aws:iam/instanceProfile:InstanceProfile", "consumer").Get(t, "role"))
	require.True(t, waitsForMarker(vm, "reachable"))
	require.True(t, waitsForMarker(vm, "users"), "it logs in when it starts")
	require.True(t, vm.WaitsFor(r.one("aws:iam/rolePolicy:RolePolicy", "consumer-policy")))
}

// A newer image would replace the instance at the next update.
func TestANewerImageDoesNotReplaceTheConsumer(t *testing.T) {
	r := buildConsumer(t)
	vm := r.one("aws:ec2/instance:Instance", "consumer")
	require.Equal(t, "ami-0123456789abcdef0", vm.Get(t, "ami"))
	require.Equal(t, []string{"ami"}, vm.Ignored)
	require.Equal(t, map[string]any{"name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"}, r.Calls["aws:ssm/getParameter:getParameter"])
}

// Another architecture needs another image, so the instance is replaced.
func TestConsumerOnGraviton(t *testing.T) {
	s := settings(t).Consumer
	s.InstanceType = "t4g.micro"
	r := buildConsumerOf(t, s)
	require.Equal(t, "t4g.micro", r.one("aws:ec2/instance:Instance", "consumer-arm64").Get(t, "instanceType"))
	require.Equal(t, map[string]any{"name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"}, r.Calls["aws:ssm/getParameter:getParameter"])
}

func TestFirstStartScriptHasTheStacksValues(t *testing.T) {
	vm := buildConsumer(t).one("aws:ec2/instance:Instance", "consumer")
	script := vm.Get(t, "userData").(string)
	require.Equal(t, true, vm.Get(t, "userDataReplaceOnChange"), "it runs at the first start only")
	require.Contains(t, script, "--region '"+region+"' --secret-id 'arn:reader'")
	require.Contains(t, script, "'s3://events-bucket/scripts/ca.pem'")
	require.NotContains(t, script, "arn:master")
	require.NotRegexp(t, "@[A-Z_]+@", script)
}

func TestConsumerPolicy(t *testing.T) {
	policy := buildConsumer(t).role("consumer")
	require.Equal(t, []string{"arn:reader"}, policy["ReadLogin"].Resource)
	require.Equal(t, []string{"secretsmanager:GetSecretValue"}, policy["ReadLogin"].Action)
	require.Equal(t, []string{events + "/scripts/ca.pem"}, policy["ReadAuthorities"].Resource)
	require.Equal(t, []string{"s3:GetObject"}, policy["ReadAuthorities"].Action)
	require.Equal(t, []string{events + "/command-output/*"}, policy["StoreCommandOutput"].Resource)
	require.Equal(t, []string{"s3:PutObject", "s3:AbortMultipartUpload"}, policy["StoreCommandOutput"].Action)
	require.Equal(t, []string{keyArn}, policy["UseKey"].Resource)
	require.Equal(t, through("s3", "secretsmanager"), policy["UseKey"].Condition)
	require.Equal(t, []string{"arn:aws:ec2:" + region + ":" + account + ":instance/*"}, policy["RegisterWithSSM"].Resource)
	require.Equal(t, []string{"ssm:UpdateInstanceInformation"}, policy["RegisterWithSSM"].Action)
	require.Equal(t, []string{
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}, policy["TalkToSSM"].Action)
	require.Len(t, policy, 6)
}
