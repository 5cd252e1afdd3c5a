package actions

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
)

var env = Env{
	Partition: "aws", Region: "us-east-1", Account: "000000000000",
	ARN: func(kind, name string) string {
		return map[string]string{
			"secret db/loader":      "arn:aws:secretsmanager:us-east-1:000000000000:secret:db/loader-AbCdEf",
			"key alias/store":       "arn:aws:kms:us-east-1:000000000000:key/1234",
			"query-workgroup q":     "arn:aws:athena:us-east-1:000000000000:workgroup/w",
			"execution-workgroup e": "arn:aws:athena:us-east-1:000000000000:workgroup/w",
			"role etl":              "arn:aws:iam::000000000000:role/jobs/etl",
			"profile-role profile":  "arn:aws:iam::000000000000:role/consumer",
		}[kind+" "+name]
	},
	Now: func() time.Time { return time.Unix(1767225600, 0) },
}

func request(method, target, service string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	return r
}

func jsonCall(target, body string) []policy.Request {
	r := request(http.MethodPost, "http://localhost/", "any")
	r.Header.Set("X-Amz-Target", target)
	return Of(r, []byte(body), env)
}

func formCall(version string, form ...string) []policy.Request {
	values := url.Values{"Version": {version}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	r := request(http.MethodPost, "http://localhost/", "any")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return Of(r, []byte(values.Encode()), env)
}

// asked returns the actions and resources in short form.
func asked(needs []policy.Request) []string {
	var list []string
	for _, n := range needs {
		resource := strings.Replace(strings.Replace(n.Resource, ":us-east-1:000000000000:", ":~:", 1), "arn:aws:", "", 1)
		list = append(list, n.Action+" "+resource)
	}
	return list
}

func TestJSONProtocols(t *testing.T) {
	tests := []struct {
		target, body string
		want         []string
	}{
		{"AWSGlue.GetTable", `{"DatabaseName":"db","Name":"t"}`, []string{"glue:GetTable glue:~:database/db", "glue:GetTable glue:~:catalog", "glue:GetTable glue:~:table/db/t"}},
		{"AWSGlue.GetTables", `{"DatabaseName":"db"}`, []string{"glue:GetTables glue:~:database/db", "glue:GetTables glue:~:catalog", "glue:GetTables glue:~:table/db/*"}},
		{"AWSGlue.GetDatabase", `{"Name":"db"}`, []string{"glue:GetDatabase glue:~:database/db", "glue:GetDatabase glue:~:catalog"}},
		{"AWSGlue.CreateTable", `{"DatabaseName":"db","TableInput":{"Name":"t"}}`, []string{"glue:CreateTable glue:~:database/db", "glue:CreateTable glue:~:catalog", "glue:CreateTable glue:~:table/db/t"}},
		{"AWSGlue.BatchCreatePartition", `{"DatabaseName":"db","TableName":"t","PartitionInputList":[]}`, []string{"glue:BatchCreatePartition glue:~:database/db", "glue:BatchCreatePartition glue:~:catalog", "glue:BatchCreatePartition glue:~:table/db/t"}},
		{"AWSGlue.GetConnection", `{"Name":"c"}`, []string{"glue:GetConnection glue:~:connection/c", "glue:GetConnection glue:~:catalog"}},
		{"AWSGlue.GetSecurityConfiguration", `{"Name":"c"}`, []string{"glue:GetSecurityConfiguration *"}},
		{"AWSGlue.GetJobBookmark", `{"JobName":"j"}`, []string{"glue:GetJobBookmark *"}},
		{"AWSGlue.StartJobRun", `{"JobName":"j"}`, []string{"glue:StartJobRun glue:~:job/j"}},
		{"AWSGlue.CreateJob", `{"Name":"j","Role":"etl"}`, []string{"glue:CreateJob glue:~:job/j", "iam:PassRole iam::000000000000:role/jobs/etl"}},
		{"AWSGlue.Invented", `{"Name":"j"}`, []string{"glue:Invented *"}},
		{"Logs_20140328.CreateLogGroup", `{"logGroupName":"/a"}`, []string{"logs:CreateLogGroup logs:~:log-group:/a:log-stream:"}},
		{"Logs_20140328.CreateLogStream", `{"logGroupName":"/a","logStreamName":"s"}`, []string{"logs:CreateLogStream logs:~:log-group:/a:log-stream:s"}},
		{"Logs_20140328.PutLogEvents", `{"logGroupName":"/a","logStreamName":"s","logEvents":[]}`, []string{"logs:PutLogEvents logs:~:log-group:/a:log-stream:s"}},
		{"Logs_20140328.DescribeLogGroups", `{}`, []string{"logs:DescribeLogGroups logs:~:log-group::log-stream:"}},
		{"Logs_20140328.DescribeLogStreams", `{"logGroupIdentifier":"arn:aws:logs:us-east-1:000000000000:log-group:/a:*"}`, []string{"logs:DescribeLogStreams logs:~:log-group:/a:log-stream:"}},
		{"secretsmanager.GetSecretValue", `{"SecretId":"db/loader"}`, []string{"secretsmanager:GetSecretValue secretsmanager:~:secret:db/loader-AbCdEf"}},
		{"secretsmanager.GetSecretValue", `{"SecretId":"other"}`, []string{"secretsmanager:GetSecretValue secretsmanager:~:secret:other"}},
		{"secretsmanager.GetRandomPassword", `{}`, []string{"secretsmanager:GetRandomPassword *"}},
		{"TrentService.Decrypt", `{"KeyId":"alias/store","CiphertextBlob":"AAAA"}`, []string{"kms:Decrypt kms:~:key/1234"}},
		{"TrentService.Decrypt", `{"CiphertextBlob":"AAAA"}`, []string{"kms:Decrypt kms:~:key/*"}},
		{"TrentService.CreateAlias", `{"AliasName":"alias/new","TargetKeyId":"1234"}`, []string{"kms:CreateAlias kms:~:alias/new", "kms:CreateAlias kms:~:key/1234"}},
		{"TrentService.DeleteAlias", `{"AliasName":"alias/store"}`, []string{"kms:DeleteAlias kms:~:alias/store", "kms:DeleteAlias kms:~:key/1234"}},
		{"AmazonSSM.GetParameters", `{"Names":["/a/b","c"]}`, []string{"ssm:GetParameters ssm:~:parameter/a/b", "ssm:GetParameters ssm:~:parameter/c"}},
		{"AmazonSSM.SendCommand", `{"DocumentName":"AWS-RunShellScript","InstanceIds":["i-1","mi-2"]}`, []string{"ssm:SendCommand ssm:us-east-1::document/AWS-RunShellScript", "ssm:SendCommand ec2:~:instance/i-1", "ssm:SendCommand ssm:~:managed-instance/mi-2"}},
		{"AmazonSSM.SendCommand", `{"DocumentName":"clean","Targets":[{"Key":"tag:Name","Values":["a"]}]}`, []string{"ssm:SendCommand ssm:~:document/clean", "ssm:SendCommand ec2:~:instance/*"}},
		{"AmazonSSM.StartAutomationExecution", `{"DocumentName":"AWS-StopRdsInstance"}`, []string{"ssm:StartAutomationExecution ssm:us-east-1::automation-definition/AWS-StopRdsInstance:$DEFAULT", "ssm:StartAutomationExecution ssm:us-east-1::document/AWS-StopRdsInstance", "ssm:StartAutomationExecution ssm:~:automation-execution/*"}},
		{"AmazonSSM.StartAutomationExecution", `{"DocumentName":"stop","DocumentVersion":"2"}`, []string{"ssm:StartAutomationExecution ssm:~:automation-definition/stop:2", "ssm:StartAutomationExecution ssm:~:document/stop", "ssm:StartAutomationExecution ssm:~:automation-execution/*"}},
		{"AmazonAthena.StartQueryExecution", `{"WorkGroup":"w","QueryString":"select 1"}`, []string{"athena:StartQueryExecution athena:~:workgroup/w"}},
		{"AmazonAthena.DeleteNamedQuery", `{"NamedQueryId":"q"}`, []string{"athena:DeleteNamedQuery athena:~:workgroup/w"}},
		{"AmazonAthena.DeleteNamedQuery", `{"NamedQueryId":"gone"}`, []string{"athena:DeleteNamedQuery athena:~:workgroup/*"}},
		{"AmazonAthena.BatchGetNamedQuery", `{"NamedQueryIds":["q","gone"]}`, []string{"athena:BatchGetNamedQuery athena:~:workgroup/w", "athena:BatchGetNamedQuery athena:~:workgroup/*"}},
		{"AmazonAthena.StopQueryExecution", `{"QueryExecutionId":"e"}`, []string{"athena:StopQueryExecution athena:~:workgroup/w"}},
		{"AmazonAthena.GetQueryResults", `{"QueryExecutionId":"q"}`, []string{"athena:GetQueryResults athena:~:workgroup/*"}},
		{"AmazonAthena.BatchGetQueryExecution", `{"QueryExecutionIds":["e","gone"]}`, []string{"athena:BatchGetQueryExecution athena:~:workgroup/w", "athena:BatchGetQueryExecution athena:~:workgroup/*"}},
		{"AmazonAthena.ListTagsForResource", `{"ResourceARN":"arn:aws:athena:us-east-1:000000000000:workgroup/w"}`, []string{"athena:ListTagsForResource athena:~:workgroup/w"}},
		{"AmazonSQS.SendMessage", `{"QueueUrl":"http://localhost:4566/000000000000/q"}`, []string{"sqs:SendMessage sqs:~:q"}},
		{"AWSBudgetServiceGateway.CreateBudget", `{"AccountId":"000000000000","Budget":{"BudgetName":"b"}}`, []string{"budgets:ModifyBudget budgets::000000000000:budget/b"}},
		{"AWSBudgetServiceGateway.DeleteBudget", `{"AccountId":"000000000000","BudgetName":"b"}`, []string{"budgets:ModifyBudget budgets::000000000000:budget/b"}},
		{"AWSBudgetServiceGateway.DescribeBudget", `{"AccountId":"000000000000","BudgetName":"b"}`, []string{"budgets:ViewBudget budgets::000000000000:budget/b"}},
		{"AWSBudgetServiceGateway.TagResource", `{"ResourceARN":"arn:aws:budgets::000000000000:budget/b"}`, []string{"budgets:TagResource budgets::000000000000:budget/b"}},
		{"Unheard_2030.Do", `{}`, []string{":Do *"}}, // The gateway refuses it.
	}
	for _, test := range tests {
		require.ElementsMatch(t, test.want, asked(jsonCall(test.target, test.body)), "%s %s", test.target, test.body)
	}
}

func TestQueueInTheURL(t *testing.T) {
	for _, test := range []struct{ operation, body, want string }{
		{"SendMessage", `{"QueueName":"other"}`, "sqs:SendMessage sqs:~:q"},
		{"SendMessage", `{"QueueUrl":"http://localhost/000000000000/other"}`, "sqs:SendMessage sqs:~:other"},
		{"CreateQueue", `{"QueueName":"other"}`, "sqs:CreateQueue sqs:~:other"},
	} {
		r := request(http.MethodPost, "http://localhost/000000000000/q", "sqs")
		r.Header.Set("X-Amz-Target", "AmazonSQS."+test.operation)
		require.Equal(t, []string{test.want}, asked(Of(r, []byte(test.body), env)), test)
	}
}

func TestQueryProtocols(t *testing.T) {
	const ec2, rds, iam, sts, sns = "2016-11-15", "2014-10-31", "2010-05-08", "2011-06-15", "2010-03-31"
	tests := []struct {
		name string
		got  []policy.Request
		want []string
	}{
		{"interface", formCall(ec2, "Action", "CreateNetworkInterface", "SubnetId", "subnet-1", "SecurityGroupId.1", "sg-1", "SecurityGroupId.2", "sg-2", "TagSpecification.1.ResourceType", "network-interface", "TagSpecification.1.Tag.1.Key", "k", "TagSpecification.1.Tag.1.Value", "v"), []string{
			"ec2:CreateNetworkInterface ec2:~:network-interface/*", "ec2:CreateNetworkInterface ec2:~:subnet/subnet-1",
			"ec2:CreateNetworkInterface ec2:~:security-group/sg-1", "ec2:CreateNetworkInterface ec2:~:security-group/sg-2",
			"ec2:CreateTags ec2:~:network-interface/*",
		}},
		{"delete", formCall(ec2, "Action", "DeleteNetworkInterface", "NetworkInterfaceId", "eni-1"), []string{"ec2:DeleteNetworkInterface ec2:~:network-interface/eni-1"}},
		{"endpoint", formCall(ec2, "Action", "CreateVpcEndpoint", "VpcId", "vpc-1", "VpcEndpointType", "Interface", "PrivateDnsEnabled", "true", "SubnetId.1", "subnet-1"), []string{
			"ec2:CreateVpcEndpoint ec2:~:subnet/subnet-1", "ec2:CreateVpcEndpoint ec2:~:vpc/vpc-1", "ec2:CreateVpcEndpoint ec2:~:vpc-endpoint/*",
			"route53:AssociateVPCWithHostedZone *",
		}},
		{"endpoint without private names", formCall(ec2, "Action", "CreateVpcEndpoint", "VpcId", "vpc-1", "PrivateDnsEnabled", "false"), []string{
			"ec2:CreateVpcEndpoint ec2:~:vpc/vpc-1", "ec2:CreateVpcEndpoint ec2:~:vpc-endpoint/*",
		}},
		{"private names", formCall(ec2, "Action", "ModifyVpcEndpoint", "VpcEndpointId", "vpce-1", "PrivateDnsEnabled", "true"), []string{
			"ec2:ModifyVpcEndpoint ec2:~:vpc-endpoint/vpce-1", "route53:AssociateVPCWithHostedZone *",
		}},
		{"rule", formCall(ec2, "Action", "AuthorizeSecurityGroupIngress", "GroupId", "sg-1", "TagSpecification.1.ResourceType", "security-group-rule", "TagSpecification.1.Tag.1.Key", "k", "TagSpecification.1.Tag.1.Value", "v"), []string{
			"ec2:AuthorizeSecurityGroupIngress ec2:~:security-group/sg-1", "ec2:AuthorizeSecurityGroupIngress ec2:~:security-group-rule/*", "ec2:CreateTags ec2:~:security-group-rule/*",
		}},
		{"flow log", formCall(ec2, "Action", "CreateFlowLogs", "ResourceType", "VPC", "ResourceId.1", "vpc-1"), []string{"ec2:CreateFlowLogs ec2:~:vpc-flow-log/*", "ec2:CreateFlowLogs ec2:~:vpc/vpc-1"}},
		{"instance", formCall(ec2, "Action", "RunInstances", "ImageId", "ami-1", "SubnetId", "subnet-1", "SecurityGroupId.1", "sg-1"), []string{
			"ec2:RunInstances ec2:us-east-1::image/ami-1", "ec2:RunInstances ec2:~:instance/*", "ec2:RunInstances ec2:~:network-interface/*",
			"ec2:RunInstances ec2:~:security-group/sg-1", "ec2:RunInstances ec2:~:subnet/subnet-1", "ec2:RunInstances ec2:~:volume/*",
		}},
		{"describe", formCall(ec2, "Action", "DescribeSubnets", "SubnetId.1", "subnet-1"), []string{"ec2:DescribeSubnets *"}},
		{"tags", formCall(ec2, "Action", "CreateTags", "ResourceId.1", "eni-1", "Tag.1.Key", "k", "Tag.1.Value", "v"), []string{"ec2:CreateTags ec2:~:network-interface/eni-1"}},
		{"database", formCall(rds, "Action", "CreateDBInstance", "DBInstanceIdentifier", "d", "DBSubnetGroupName", "g", "MonitoringRoleArn", "arn:aws:iam::000000000000:role/m"), []string{
			"rds:CreateDBInstance rds:~:db:d", "rds:CreateDBInstance rds:~:subgrp:g", "iam:PassRole iam::000000000000:role/m",
			"iam:CreateServiceLinkedRole iam::000000000000:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
		}},
		{"role", formCall(iam, "Action", "PutRolePolicy", "RoleName", "etl", "PolicyName", "p"), []string{"iam:PutRolePolicy iam::000000000000:role/jobs/etl"}},
		{"new role", formCall(iam, "Action", "CreateRole", "RoleName", "r", "Path", "/a/"), []string{"iam:CreateRole iam::000000000000:role/a/r"}},
		{"assume", formCall(sts, "Action", "AssumeRole", "RoleArn", "arn:aws:iam::000000000000:role/r", "RoleSessionName", "s"), []string{"sts:AssumeRole iam::000000000000:role/r"}},
		{"who am I", formCall(sts, "Action", "GetCallerIdentity"), nil},
		{"alarms", formCall("2010-08-01", "Action", "DeleteAlarms", "AlarmNames.member.1", "a", "AlarmNames.member.2", "b"), []string{"cloudwatch:DeleteAlarms cloudwatch:~:alarm:a", "cloudwatch:DeleteAlarms cloudwatch:~:alarm:b"}},
		{"alarms by name", formCall("2010-08-01", "Action", "DescribeAlarms", "AlarmNames.member.1", "a"), []string{"cloudwatch:DescribeAlarms cloudwatch:~:alarm:*"}},
		{"publish", formCall(sns, "Action", "Publish", "TopicArn", "arn:aws:sns:us-east-1:000000000000:t"), []string{"sns:Publish sns:~:t"}},
		{"topic", formCall(sns, "Action", "CreateTopic", "Name", "t"), []string{"sns:CreateTopic sns:~:t"}},
	}
	for _, test := range tests {
		require.ElementsMatch(t, test.want, asked(test.got), test.name)
	}
}

func TestS3(t *testing.T) {
	tests := []struct {
		method, target string
		headers        string
		want           []string
	}{
		{"GET", "/", "", []string{"s3:ListAllMyBuckets *"}},
		{"HEAD", "/b", "", []string{"s3:ListBucket s3:::b"}},
		{"GET", "/b?list-type=2&prefix=a/", "", []string{"s3:ListBucket s3:::b"}},
		{"GET", "/b/?versions", "", []string{"s3:ListBucketVersions s3:::b"}},
		{"GET", "/b?uploads", "", []string{"s3:ListBucketMultipartUploads s3:::b"}},
		{"GET", "/b?location", "", []string{"s3:GetBucketLocation s3:::b"}},
		{"GET", "/b?encryption=", "", []string{"s3:GetEncryptionConfiguration s3:::b"}},
		{"DELETE", "/b?lifecycle", "", []string{"s3:PutLifecycleConfiguration s3:::b"}},
		{"DELETE", "/b?policy", "", []string{"s3:DeleteBucketPolicy s3:::b"}},
		{"PUT", "/b", "", []string{"s3:CreateBucket s3:::b"}},
		{"GET", "/b/k%20x/y", "", []string{"s3:GetObject s3:::b/k x/y"}},
		{"GET", "/b/a//b", "", []string{"s3:GetObject s3:::b/a//b"}},
		{"HEAD", "/b/k?versionId=1", "", []string{"s3:GetObjectVersion s3:::b/k"}},
		{"GET", "/b/k?tagging&versionId=1", "", []string{"s3:GetObjectVersionTagging s3:::b/k"}},
		{"PUT", "/b/k", "", []string{"s3:PutObject s3:::b/k"}},
		{"PUT", "/b/k?acl", "", []string{"s3:PutObjectAcl s3:::b/k"}},
		{"PUT", "/b/k", "X-Amz-Acl: bucket-owner-full-control", []string{"s3:PutObject s3:::b/k", "s3:PutObjectAcl s3:::b/k"}},
		{"PUT", "/b/k", "X-Amz-Copy-Source: /c/a%20b?versionId=2", []string{"s3:PutObject s3:::b/k", "s3:GetObjectVersion s3:::c/a b"}},
		{"PUT", "/b/k", "X-Amz-Tagging: a=b", []string{"s3:PutObject s3:::b/k", "s3:PutObjectTagging s3:::b/k"}},
		{"POST", "/b/k?uploads", "", []string{"s3:PutObject s3:::b/k"}},
		{"PUT", "/b/k?partNumber=1&uploadId=u", "", []string{"s3:PutObject s3:::b/k"}},
		{"GET", "/b/k?uploadId=u", "", []string{"s3:ListMultipartUploadParts s3:::b/k"}},
		{"DELETE", "/b/k?uploadId=u", "", []string{"s3:AbortMultipartUpload s3:::b/k"}},
		{"DELETE", "/b/k", "", []string{"s3:DeleteObject s3:::b/k"}},
		{"DELETE", "/b/k?versionId=1", "", []string{"s3:DeleteObjectVersion s3:::b/k"}},
		{"GET", "/2015-03-31/functions/f", "", []string{"s3:GetObject s3:::2015-03-31/functions/f"}},
		{"PATCH", "/b/k", "", []string{"s3:UnknownPATCH s3:::b/k"}},
	}
	for _, test := range tests {
		r := request(test.method, test.target, "s3")
		if name, value, ok := strings.Cut(test.headers, ": "); ok {
			r.Header.Set(name, value)
		}
		require.Equal(t, test.want, asked(Of(r, nil, env)), "%s %s", test.method, test.target)
	}
	body := []byte(`<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>1</VersionId></Object></Delete>`)
	require.Equal(t, []string{"s3:DeleteObject s3:::b/a", "s3:DeleteObjectVersion s3:::b/b"}, asked(Of(request("POST", "/b?delete", "s3"), body, env)))
}

func TestLambda(t *testing.T) {
	tests := []struct{ method, path, want string }{
		{"POST", "/2015-03-31/functions/f/invocations", "lambda:InvokeFunction lambda:~:function:f"},
		{"POST", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations?Qualifier=live", "lambda:InvokeFunction lambda:~:function:f:live"},
		{"DELETE", "/2015-03-31/functions/f/policy/sid", "lambda:RemovePermission lambda:~:function:f"},
		{"GET", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Aevent-source-mapping%3A1", "lambda:ListTags lambda:~:event-source-mapping:1"},
		{"GET", "/2015-03-31/functions/", "lambda:ListFunctions *"},
		{"GET", "/2015-03-31/functions/f/nothing", "lambda:UnknownGET *"},
	}
	for _, test := range tests {
		require.Equal(t, []string{test.want}, asked(Of(request(test.method, test.path, "lambda"), nil, env)), test.path)
	}
	body := []byte(`{"FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","VpcConfig":{"SubnetIds":["subnet-1"]}}`)
	needs := Of(request("POST", "/2015-03-31/functions", "lambda"), body, env)
	require.Equal(t, []string{"lambda:CreateFunction lambda:~:function:f", "iam:PassRole iam::000000000000:role/r"}, asked(needs))
	require.Equal(t, []string{"subnet-1"}, needs[0].Context["lambda:subnetids"])
	require.Equal(t, []string{"lambda.amazonaws.com"}, needs[1].Context["iam:passedtoservice"])
}

func TestContext(t *testing.T) {
	list := Of(request("GET", "/b?list-type=2&prefix=a/&delimiter=/&max-keys=5", "s3"), nil, env)[0].Context
	require.Equal(t, []string{"a/"}, list["s3:prefix"])
	require.Equal(t, []string{"/"}, list["s3:delimiter"])
	require.Equal(t, []string{"5"}, list["s3:max-keys"])
	require.Equal(t, []string{"true"}, list["aws:securetransport"])
	require.Equal(t, []string{"192.0.2.1"}, list["aws:sourceip"])
	require.Equal(t, []string{"2026-01-01T00:00:00Z"}, list["aws:currenttime"])
	require.NotContains(t, Of(request("HEAD", "/b", "s3"), nil, env)[0].Context, "s3:prefix", "a request without a prefix lacks the key")

	put := request("PUT", "/b/k", "s3")
	put.Header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	put.Header.Set("X-Amz-Tagging", "a=b&c=d")
	k := Of(put, nil, env)[0].Context
	require.Equal(t, []string{"aws:kms"}, k["s3:x-amz-server-side-encryption"])
	require.ElementsMatch(t, []string{"a", "c"}, k["s3:requestobjecttagkeys"])

	k = jsonCall("TrentService.Decrypt", `{"CiphertextBlob":"AAAA","EncryptionContext":{"aws:s3:arn":"x"}}`)[0].Context
	require.Equal(t, []string{"x"}, k["kms:encryptioncontext:aws:s3:arn"])
	require.Equal(t, []string{"aws:s3:arn"}, k["kms:encryptioncontextkeys"])

	k = formCall("2010-08-01", "Action", "PutMetricData", "Namespace", "Glue")[0].Context
	require.Equal(t, []string{"Glue"}, k["cloudwatch:namespace"])

	k = jsonCall("secretsmanager.CreateSecret", `{"Name":"s","Tags":[{"Key":"team","Value":"blue"}]}`)[0].Context
	require.Equal(t, []string{"blue"}, k["aws:requesttag/team"])
	require.Equal(t, []string{"team"}, k["aws:tagkeys"])

	needs := formCall("2016-11-15", "Action", "CreateNetworkInterface", "SubnetId", "subnet-1", "TagSpecification.1.ResourceType", "network-interface", "TagSpecification.1.Tag.1.Key", "aws-glue-service-resource", "TagSpecification.1.Tag.1.Value", "v")
	tagging := needs[len(needs)-1]
	require.Equal(t, []string{"aws-glue-service-resource"}, tagging.Context["aws:tagkeys"])
	require.Equal(t, []string{"CreateNetworkInterface"}, tagging.Context["ec2:createaction"])
}

// Every action that this repository's code names exists in the table.
func TestTableHasAllActionsUsedHere(t *testing.T) {
	require.Greater(t, len(table()), 15)
	for operation := range passed {
		service, name, _ := strings.Cut(operation, ":")
		require.Contains(t, table()[service].Actions, name)
	}
	for operation, tag := range tagging {
		service, name, _ := strings.Cut(operation, ":")
		_, tags, _ := strings.Cut(tag.action, ":")
		require.Contains(t, table()[service].Actions, name)
		require.Contains(t, table()[service].Resources, tag.kind)
		require.True(t, slices.ContainsFunc(table()[service].Actions[tags], func(kind string) bool { return strings.TrimSuffix(kind, "!") == tag.kind }), operation)
	}
	for operation, use := range keyUses {
		service, name, _ := strings.Cut(operation, ":")
		require.Contains(t, table()[service].Actions, name)
		for _, action := range use.actions {
			require.Contains(t, table()["kms"].Actions, strings.TrimPrefix(action, "kms:"))
		}
	}
	require.Contains(t, table()["iam"].Actions, "CreateServiceLinkedRole")
	require.Contains(t, table()["route53"].Actions, "AssociateVPCWithHostedZone")
	for _, name := range lambdaRoutes {
		require.Contains(t, table()["lambda"].Actions, name)
	}
	for name, setting := range s3Settings {
		require.Contains(t, table()["s3"].Actions, "Get"+setting, name)
	}
	for _, kind := range ec2Kinds {
		require.Contains(t, table()["ec2"].Resources, kind)
	}
}
