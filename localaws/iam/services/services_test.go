package services

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
)

const key = "arn:aws:kms:us-east-1:000000000000:key/1"

var (
	place = Place{"aws", "us-east-1", "000000000000"}
	role  = policy.Principal{ARN: "arn:aws:sts::000000000000:assumed-role/r/s", Role: "arn:aws:iam::000000000000:role/r"}
	where = Interfaces{Subnets: []string{"subnet-1"}, Groups: []string{"sg-1"}}
)

func document(t *testing.T, kind policy.Kind, statement string) *policy.Named {
	t.Helper()
	d, err := policy.Parse(kind, []byte(`{"Version":"2012-10-17","Statement":[`+statement+`]}`))
	require.NoError(t, err)
	return &policy.Named{Name: "p", Document: d}
}

// denied returns the actions that the policies do not allow, without duplicates.
func denied(requests []policy.Request, p policy.Policies) []string {
	var actions []string
	for _, r := range requests {
		if !policy.Evaluate(r, p).Allowed && (len(actions) == 0 || actions[len(actions)-1] != r.Action) {
			actions = append(actions, r.Action)
		}
	}
	return actions
}

func byRole(t *testing.T, statements string) policy.Policies {
	t.Helper()
	return policy.Policies{Identity: []policy.Named{*document(t, policy.Identity, statements)}}
}

const describe = `,{"Effect":"Allow","Action":["ec2:Describe*","ec2:CreateNetworkInterface"],"Resource":"*"}`

func TestLambdaChecksDeletionWithoutASubnet(t *testing.T) {
	requests := place.CreateFunctionInVPC(role, where)
	remove := `{"Effect":"Allow","Action":"ec2:DeleteNetworkInterface","Resource":`
	narrow := remove + `"arn:aws:ec2:us-east-1:000000000000:network-interface/*","Condition":{"ArnEquals":{"ec2:Subnet":"arn:aws:ec2:us-east-1:000000000000:subnet/subnet-1"}}}`
	require.Equal(t, []string{"ec2:DeleteNetworkInterface"}, denied(requests, byRole(t, narrow+describe)))
	require.Equal(t, []string{"ec2:DeleteNetworkInterface"}, denied(requests, byRole(t, remove+`"arn:aws:ec2:us-east-1:000000000000:network-interface/*"}`+describe)))
	require.Empty(t, denied(requests, byRole(t, remove+`"*"}`+describe)))
}

func TestGlueTagsAndDeletesItsInterfaces(t *testing.T) {
	own := `{"Effect":"Allow","Action":"glue:GetConnection","Resource":"*"},
		{"Effect":"Allow","Action":["ec2:CreateTags","ec2:DeleteTags"],"Resource":"arn:aws:ec2:*:*:network-interface/*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["aws-glue-service-resource"]},"Null":{"aws:TagKeys":"false"}}}`
	remove := `,{"Effect":"Allow","Action":"ec2:DeleteNetworkInterface","Resource":"arn:aws:ec2:us-east-1:000000000000:network-interface/*","Condition":{"ArnEquals":{"ec2:Subnet":"arn:aws:ec2:us-east-1:000000000000:subnet/subnet-1"}}}`
	requests := place.GlueJobStart(role, "c", where)
	require.Empty(t, denied(requests, byRole(t, own+remove+describe)))
	require.Equal(t, []string{"ec2:DeleteNetworkInterface"}, denied(requests, byRole(t, own+describe)))
}

func TestEnhancedMonitoringNeedsTheGroupsStreams(t *testing.T) {
	requests := place.RDSMonitoring(role, "db-1")
	write := `{"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:000000000000:log-group:RDSOSMetrics`
	require.Contains(t, denied(requests, byRole(t, write+`"}`)), "logs:CreateLogGroup")
	require.Empty(t, denied(requests, byRole(t, write+`:*"}`)))
}

func TestCrawlerCreatesPartitionIndexes(t *testing.T) {
	c := Crawler{Database: "db", Targets: []string{"s3://b/sale/"}, PartitionIndexes: true}
	may := `{"Effect":"Allow","Action":["s3:GetBucketLocation","s3:ListBucket","glue:GetTable","glue:CreateTable","glue:UpdateTable","glue:Batch*Partition"],"Resource":"*"}`
	require.Contains(t, denied(place.Crawl(role, c), byRole(t, may)), "glue:CreatePartitionIndex")
	c.PartitionIndexes = false
	require.Empty(t, denied(place.Crawl(role, c), byRole(t, may)))
}

func TestEventBridgeHasNoSourceContext(t *testing.T) {
	const topic = "arn:aws:sns:us-east-1:000000000000:t"
	publish := func(condition string) policy.Policies {
		return policy.Policies{Resource: document(t, policy.Resource,
			`{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","budgets.amazonaws.com"]},"Action":["sns:Publish","kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"`+condition+`},
			{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)}
	}
	account := `,"Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}`
	require.Equal(t, []string{"sns:Publish", "kms:GenerateDataKey", "kms:Decrypt"}, denied(place.EventBridgeToTopic(topic, key), publish(account)))
	require.Empty(t, denied(place.EventBridgeToTopic(topic, key), publish("")))
	require.Empty(t, denied(place.BudgetToTopic("month", topic, key), publish(account)))
}

func TestAlarmsAreTheSourceForTheTopicOnly(t *testing.T) {
	const topic = "arn:aws:sns:us-east-1:000000000000:t"
	allow := func(condition string) policy.Policies {
		return policy.Policies{Resource: document(t, policy.Resource,
			`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["sns:Publish","kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"`+condition+`}`)}
	}
	alarms := `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:*"}}`
	require.Empty(t, denied(place.AlarmToTopic("late", topic, ""), allow(alarms)))
	require.Equal(t, []string{"kms:GenerateDataKey", "kms:Decrypt"}, denied(place.AlarmToTopic("late", topic, key), allow(alarms)))
	require.Empty(t, denied(place.AlarmToTopic("late", topic, key), allow("")))
	require.Equal(t, []string{"sns:Publish"}, denied(place.AlarmToTopic("late", topic, ""), allow(strings.Replace(alarms, "us-east-1", "eu-west-1", 1))))
}

func TestLogsUseAKeyForTheirGroupOnly(t *testing.T) {
	use := policy.Policies{Resource: document(t, policy.Resource,
		`{"Effect":"Allow","Principal":{"Service":"logs.us-east-1.amazonaws.com"},"Action":"kms:*","Resource":"*","Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/*"}}}`)}
	require.Empty(t, denied(place.LogGroupKMS("/a/b", key), use))
	require.NotEmpty(t, denied(place.LogGroupKMS("/b", key), use))
}

func TestKeysAreUsedThroughTheService(t *testing.T) {
	root := document(t, policy.Resource, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"kms:*","Resource":"*"}`)
	p := byRole(t, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"`+key+`","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}`)
	p.Resource = root
	require.Empty(t, denied(place.ObjectKey(role, "s3:GetObject", "arn:aws:s3:::b/k", "", key), p))
	require.Equal(t, []string{"kms:GenerateDataKey"}, denied(place.ObjectKey(role, "s3:PutObject", "arn:aws:s3:::b/k", "b", key), p))
	p.Identity = byRole(t, `{"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"`+key+`"}`).Identity
	require.Equal(t, []string{"kms:Decrypt"}, denied(place.ObjectKey(role, UploadPart, "arn:aws:s3:::b/k", "", key), p))
	require.Equal(t, []string{"kms:Decrypt"}, denied(place.SecretKey(role, "secretsmanager:GetSecretValue", "arn:secret", key), p))
	require.Empty(t, place.ObjectKey(role, "s3:ListBucket", "arn:aws:s3:::b", "", key))
}

func TestAssumeAndOthers(t *testing.T) {
	trust := policy.Policies{Resource: document(t, policy.Trust, `{"Effect":"Allow","Principal":{"Service":"vpc-flow-logs.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}}`)}
	require.True(t, policy.Evaluate(place.Assume("vpc-flow-logs.amazonaws.com", role.Role, "arn:aws:ec2:us-east-1:000000000000:vpc-flow-log/fl-1"), trust).Allowed)
	require.False(t, policy.Evaluate(place.Assume("vpc-flow-logs.amazonaws.com", role.Role, ""), trust).Allowed)
	require.Equal(t, []string{"s3:PutObjectAcl"}, denied(place.CommandOutput(role, "b", "o"), byRole(t, `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`)))
	require.Equal(t, []string{"logs:DescribeLogGroups"}, denied(place.FlowLog(role, "/g", "s"), byRole(t, `{"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:000000000000:log-group:/g:*"}`)))
	invoke := policy.Policies{Resource: document(t, policy.Resource, `{"Effect":"Allow","Principal":{"Service":"secretsmanager.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:secretsmanager:*:*:secret:s-*"}}}`)}
	require.Empty(t, denied(place.RotationInvokes("arn:f", "arn:aws:secretsmanager:us-east-1:000000000000:secret:s-abc"), invoke))
	require.Equal(t, []string{"lambda:InvokeFunction"}, denied(place.RotationInvokes("arn:f", "arn:other"), invoke))
}
