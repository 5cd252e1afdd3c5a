package audit_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/audit"
	"localaws/iam/policy"
)

func TestUsageBecomesAPolicy(t *testing.T) {
	const session = "arn:aws:sts::000000000000:assumed-role/deployer/laptop"
	var u audit.Usage
	ask := func(principal, action, resource string) {
		u.Add(policy.Request{Principal: policy.Principal{ARN: principal}, Action: action, Resource: resource})
	}
	ask(session, "s3:ListBucket", "arn:aws:s3:::before")
	u.Watch(session)
	ask("arn:aws:sts::000000000000:assumed-role/other/s", "s3:ListBucket", "arn:aws:s3:::other")
	for _, r := range [][2]string{
		{"s3:GetObject", "arn:aws:s3:::events-0d35871/a/b"},
		{"s3:GetObject", "arn:aws:s3:::events-0d35871/a/c/d"},
		{"s3:PutObject", "arn:aws:s3:::events-0d35871/a/b"},
		{"s3:PutObject", "arn:aws:s3:::events-0d35871/c"},
		{"s3:PutObject", "arn:aws:s3:::events-0d35871/d"},
		{"s3:CreateBucket", "arn:aws:s3:::events-0d35871"},
		{"ec2:CreateSubnet", "arn:aws:ec2:eu-west-1:000000000000:subnet/*"},
		{"ec2:CreateSubnet", "arn:aws:ec2:eu-west-1:000000000000:vpc/vpc-74efc9b8a9b1141e1"},
		{"ec2:DescribeVpcs", "*"},
		{"iam:AttachRolePolicy", "arn:aws:iam::000000000000:role/job-5f2fab5"},
		{"iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		{"kms:CreateAlias", "arn:aws:kms:eu-west-1:000000000000:alias/key-20261128080324175300000001"},
		{"kms:Decrypt", "arn:aws:kms:eu-west-1:000000000000:key/0ccf7c96-c0b6-4b3f-a793-d2fb73a32b83"},
		{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:000000000000:secret:login-22195af-0e1fbf"},
	} {
		ask(session, r[0], r[1])
	}
	text, err := json.Marshal(u.Policy(session))
	require.NoError(t, err)
	require.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["ec2:CreateSubnet"],"Resource":["arn:aws:ec2:*:*:subnet/*","arn:aws:ec2:*:*:vpc/*"]},
		{"Effect":"Allow","Action":["ec2:DescribeVpcs"],"Resource":["*"]},
		{"Effect":"Allow","Action":["iam:AttachRolePolicy"],"Resource":["arn:aws:iam::*:role/job-*"]},
		{"Effect":"Allow","Action":["iam:GetPolicy"],"Resource":["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
		{"Effect":"Allow","Action":["kms:CreateAlias"],"Resource":["arn:aws:kms:*:*:alias/key-*"]},
		{"Effect":"Allow","Action":["kms:Decrypt"],"Resource":["arn:aws:kms:*:*:key/*"]},
		{"Effect":"Allow","Action":["s3:CreateBucket"],"Resource":["arn:aws:s3:::events-*"]},
		{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::events-*/a/*"]},
		{"Effect":"Allow","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::events-*/*"]},
		{"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":["arn:aws:secretsmanager:*:*:secret:login-*"]}
	]}`, string(text))
	_, err = policy.Parse(policy.Identity, text)
	require.NoError(t, err)
}
