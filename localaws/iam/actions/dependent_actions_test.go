package actions

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
)

// tagsOf is the tag k=v in the format of each protocol.
var tagsOf = map[string]string{
	"list": `"Tags":[{"Key":"k","Value":"v"}]`, "kms": `"Tags":[{"TagKey":"k","TagValue":"v"}]`,
	"map": `"Tags":{"k":"v"}`, "small": `"tags":{"k":"v"}`, "budget": `"ResourceTags":[{"Key":"k","Value":"v"}]`,
}

func lambdaCall(path, body string) []policy.Request {
	return Of(request("POST", path, "lambda"), []byte(body), env)
}

// Permission to create a resource does not include permission to tag it.
func TestTagOnCreate(t *testing.T) {
	const rds, iam, sns, cloudwatch = "2014-10-31", "2010-05-08", "2010-03-31", "2010-08-01"
	form := func(version, list string, form ...string) []policy.Request {
		return formCall(version, append(form, list+".1.Key", "k", list+".1.Value", "v")...)
	}
	tests := map[string]struct {
		got  []policy.Request
		want string
	}{
		"athena:CreateWorkGroup":          {jsonCall("AmazonAthena.CreateWorkGroup", `{"Name":"w",`+tagsOf["list"]+`}`), "athena:TagResource athena:~:workgroup/w"},
		"budgets:ModifyBudget":            {jsonCall("AWSBudgetServiceGateway.CreateBudget", `{"Budget":{"BudgetName":"b"},`+tagsOf["budget"]+`}`), "budgets:TagResource budgets::000000000000:budget/b"},
		"cloudwatch:PutMetricAlarm":       {form(cloudwatch, "Tags.member", "Action", "PutMetricAlarm", "AlarmName", "a"), "cloudwatch:TagResource cloudwatch:~:alarm:a"},
		"events:PutRule":                  {jsonCall("AWSEvents.PutRule", `{"Name":"r","EventBusName":"default",`+tagsOf["list"]+`}`), "events:TagResource events:~:rule/default/r, events:TagResource events:~:rule/r"},
		"glue:CreateConnection":           {jsonCall("AWSGlue.CreateConnection", `{"ConnectionInput":{"Name":"c"},`+tagsOf["map"]+`}`), "glue:TagResource glue:~:connection/c"},
		"glue:CreateCrawler":              {jsonCall("AWSGlue.CreateCrawler", `{"Name":"c",`+tagsOf["map"]+`}`), "glue:TagResource glue:~:crawler/c"},
		"glue:CreateDatabase":             {jsonCall("AWSGlue.CreateDatabase", `{"DatabaseInput":{"Name":"d"},`+tagsOf["map"]+`}`), "glue:TagResource glue:~:database/d"},
		"glue:CreateJob":                  {jsonCall("AWSGlue.CreateJob", `{"Name":"j",`+tagsOf["map"]+`}`), "glue:TagResource glue:~:job/j"},
		"glue:CreateTrigger":              {jsonCall("AWSGlue.CreateTrigger", `{"Name":"t",`+tagsOf["map"]+`}`), "glue:TagResource glue:~:trigger/t"},
		"glue:CreateWorkflow":             {jsonCall("AWSGlue.CreateWorkflow", `{"Name":"w",`+tagsOf["map"]+`}`), "glue:TagResource glue:~:workflow/w"},
		"iam:CreateInstanceProfile":       {form(iam, "Tags.member", "Action", "CreateInstanceProfile", "InstanceProfileName", "p"), "iam:TagInstanceProfile iam::000000000000:instance-profile/p"},
		"iam:CreateRole":                  {form(iam, "Tags.member", "Action", "CreateRole", "RoleName", "r", "Path", "/a/"), "iam:TagRole iam::000000000000:role/a/r"},
		"kms:CreateKey":                   {jsonCall("TrentService.CreateKey", `{`+tagsOf["kms"]+`}`), "kms:TagResource kms:~:key/*"},
		"lambda:CreateEventSourceMapping": {lambdaCall("/2015-03-31/event-source-mappings", `{"FunctionName":"f",`+tagsOf["map"]+`}`), "lambda:TagResource lambda:~:event-source-mapping:*"},
		"lambda:CreateFunction":           {lambdaCall("/2015-03-31/functions", `{"FunctionName":"f",`+tagsOf["map"]+`}`), "lambda:TagResource lambda:~:function:f"},
		"logs:CreateLogGroup":             {jsonCall("Logs_20140328.CreateLogGroup", `{"logGroupName":"/a",`+tagsOf["small"]+`}`), "logs:TagResource logs:~:log-group:/a:log-stream:"},
		"rds:CreateDBInstance":            {form(rds, "Tags.Tag", "Action", "CreateDBInstance", "DBInstanceIdentifier", "d", "DBSubnetGroupName", "g"), "rds:AddTagsToResource rds:~:db:d"},
		"rds:CreateDBParameterGroup":      {form(rds, "Tags.Tag", "Action", "CreateDBParameterGroup", "DBParameterGroupName", "p"), "rds:AddTagsToResource rds:~:pg:p"},
		"rds:CreateDBSubnetGroup":         {form(rds, "Tags.Tag", "Action", "CreateDBSubnetGroup", "DBSubnetGroupName", "g"), "rds:AddTagsToResource rds:~:subgrp:g"},
		"secretsmanager:CreateSecret":     {jsonCall("secretsmanager.CreateSecret", `{"Name":"s",`+tagsOf["list"]+`}`), "secretsmanager:TagResource secretsmanager:~:secret:s"},
		"sns:CreateTopic":                 {form(sns, "Tags.member", "Action", "CreateTopic", "Name", "t"), "sns:TagResource sns:~:t"},
		"sqs:CreateQueue":                 {jsonCall("AmazonSQS.CreateQueue", `{"QueueName":"q",`+tagsOf["small"]+`}`), "sqs:TagQueue sqs:~:q"},
	}
	for operation, tag := range tagging {
		test, ok := tests[operation]
		require.True(t, ok, "%s is not tested", operation)
		require.Equal(t, operation, test.got[0].Action)
		var tags []policy.Request
		for _, need := range test.got {
			if need.Action == tag.action {
				tags = append(tags, need)
			}
		}
		require.Equal(t, test.want, strings.Join(asked(tags), ", "), operation)
		require.Equal(t, []string{"v"}, tags[0].Context["aws:requesttag/k"], operation)
	}
	require.Equal(t, []string{"sns:CreateTopic sns:~:t"}, asked(formCall(sns, "Action", "CreateTopic", "Name", "t")), "without tags")
	require.Contains(t, asked(form("2012-11-05", "Tag", "Action", "CreateQueue", "QueueName", "q")), "sqs:TagQueue sqs:~:q", "the former protocol of SQS")
}

// A service that encrypts with a customer managed key uses the key as the caller.
func TestKeysInRequests(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:000000000000:key/1234"
	disk := func(id string) []policy.Request {
		return formCall("2016-11-15", "Action", "RunInstances", "BlockDeviceMapping.1.DeviceName", "/dev/xvda",
			"BlockDeviceMapping.2.DeviceName", "/dev/xvdb", "BlockDeviceMapping.2.Ebs.KmsKeyId", id)
	}
	for _, test := range []struct {
		name    string
		got     []policy.Request
		service string
		want    []string
	}{
		{"disk", disk(key), "ec2", []string{"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"}},
		{"disk by alias", disk("alias/store"), "ec2", []string{"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"}},
		{"disk with the key of AWS", disk("alias/aws/ebs"), "ec2", nil},
		{"database", formCall("2014-10-31", "Action", "CreateDBInstance", "DBInstanceIdentifier", "d", "KmsKeyId", key), "rds", []string{"CreateGrant", "DescribeKey"}},
		{"function", lambdaCall("/2015-03-31/functions", `{"FunctionName":"f","KMSKeyArn":"`+key+`"}`), "lambda", []string{"CreateGrant", "Decrypt", "Encrypt"}},
		{"function without a key", lambdaCall("/2015-03-31/functions", `{"FunctionName":"f","KMSKeyArn":""}`), "lambda", nil},
		{"changed secret", jsonCall("secretsmanager.UpdateSecret", `{"SecretId":"s","KmsKeyId":"alias/store"}`), "secretsmanager", []string{"Decrypt", "Encrypt", "GenerateDataKey"}},
		{"secret", jsonCall("secretsmanager.CreateSecret", `{"Name":"s","KmsKeyId":"alias/store"}`), "secretsmanager", []string{"Decrypt", "GenerateDataKey"}},
	} {
		var uses []string
		for _, need := range test.got {
			action, ok := strings.CutPrefix(need.Action, "kms:")
			if !ok {
				continue
			}
			uses = append(uses, action)
			require.Equal(t, key, need.Resource, test.name)
			require.Equal(t, []string{test.service + ".us-east-1.amazonaws.com"}, need.Context["kms:viaservice"], test.name)
			require.Equal(t, action == "CreateGrant", slices.Equal(need.Context["kms:grantisforawsresource"], []string{"true"}), test.name)
		}
		require.Equal(t, test.want, uses, test.name)
	}
}

func TestRolesOfEventRules(t *testing.T) {
	needs := jsonCall("AWSEvents.PutTargets", `{"Rule":"r","EventBusName":"default","Targets":[{"Id":"1","Arn":"x"},{"Id":"2","Arn":"y","RoleArn":"arn:aws:iam::000000000000:role/stops"}]}`)
	require.Equal(t, []string{"events:PutTargets events:~:rule/default/r", "events:PutTargets events:~:rule/r", "iam:PassRole iam::000000000000:role/stops"}, asked(needs))
	require.Equal(t, []string{"events.amazonaws.com"}, needs[2].Context["iam:passedtoservice"])
}
