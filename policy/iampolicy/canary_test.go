package iampolicy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A name before the wildcard narrows a pattern, a letter does not.
func TestBroadForEachKindOfResource(t *testing.T) {
	for _, kind := range strings.Fields(`athena:workgroup/ dynamodb:table/ ec2:instance/ ec2:snapshot/ ecr:repository/ events:rule/ events:event-bus/
		glue:database/ glue:job/ glue:crawler/ iam:role/ iam:user/ iam:group/ iam:policy/ iam:instance-profile/ kinesis:stream/ kms:key/ kms:alias/
		lambda:function: lambda:layer: logs:log-group: rds:db: rds:cluster: rds:snapshot: rds-db:dbuser:s*/ s3: secretsmanager:secret: sns: sqs:
		ssm:parameter/ ssm:document/ states:stateMachine:`) {
		service, resource, _ := strings.Cut(kind, ":")
		arn := "arn:aws:" + service + ":eu-west-1:123456789012:" + resource
		require.True(t, one(t, `{"Effect":"Allow","Resource":"`+arn+`s*"}`).Broad(), arn)
		require.True(t, one(t, `{"Effect":"Allow","Resource":"`+arn+`s?*"}`).Broad(), arn)
		require.False(t, one(t, `{"Effect":"Allow","Resource":"`+arn+`store-*"}`).Broad(), arn)
		require.False(t, one(t, `{"Effect":"Allow","Resource":"`+arn+`store"}`).Broad(), arn)
	}
	for resource, want := range map[string]bool{
		"arn:aws:s3:::s*/s*": true, "arn:aws:s3:::store-*/s*": false, "arn:aws:s3:::s????????": true, "arn:aws:kms:*:*:key/9*-*": true, "arn:aws:kms:*:*:key/9c4a7e1f-2*": false,
		"arn:aws:batch:*:*:job-queue/*": true, "arn:aws:batch:*:*:job-queue/?x": true, "arn:aws:batch:*:*:job-queue/": true, "arn:aws:batch:*:*:job-queue/s*": false,
		"arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABC/*": true, "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABC/s*": false, "arn:aws:rds-db:eu-west-1:123456789012:dbuser:*/store": false,
		"arn:aws:*:eu-west-1:123456789012:para*password": true, "arn:aws:ssm:*:*:p?ra*password": true, "arn:aws:secretsmanager:*:*:secret*login": true,
		"arn:aws:ssm:*:*:parameter?payroll": false, "arn:aws:ssm:*:*:parameter/store*password": false, "arn:aws:s3:::para*password": false,
		"arn:aws:s3:eu-west-1:123456789012:accesspoint/*": true, "arn:aws:s3:eu-west-1:123456789012:accesspoint/store/object/*": false, "arn:aws:s3:::accesspoint/*": false,
		"arn:aws:ec2:*:*:ipv4pool-ec2/*": true, "arn:aws:ec2:*:*:ipv4pool-ec2/s*": false,
		"arn:aws:iam": true, "arn:aws:s3": true, "arn:aws:ssm:eu-west-1:123456789012": true,
		"arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET": true, "arn:aws:execute-api:eu-west-1:123456789012:abc/*": false,
	} {
		require.Equal(t, want, one(t, `{"Effect":"Allow","Resource":"`+resource+`"}`).Broad(), resource)
	}
}

func TestEveryResource(t *testing.T) {
	for resource, want := range map[string]bool{
		"arn*:eu-west-1:123456789012:*": true, "arn:aws:s*": true, "arn:aws:s3*": false, "arn:aws:s?s:*:*:*": false,
		"arn:aws:*:eu-west-1:123456789012:s*": true, "*:*:eu-west-1:123456789012:*:*": false, "arn:aws:s3": false, "arn:aws": true,
	} {
		require.Equal(t, want, one(t, `{"Effect":"Allow","Resource":"`+resource+`"}`).EveryResource(), resource)
	}
}

// Some actions change resources of another service.
func TestReachesWhatAnActionActsOn(t *testing.T) {
	for action, resources := range map[string][2]string{
		"sts:AssumeRole":                        {"iam", "sts"},
		"ssm:SendCommand":                       {"ec2", "ssm"},
		"ssm:StartSession":                      {"ec2", "ssm"},
		"ssm:PutParameter":                      {"ssm", "rds"},
		"ssm:CreateAssociation":                 {"ec2", "rds"},
		"ec2-instance-connect:SendSSHPublicKey": {"ec2", "ec2-instance-connect"},
		"rds-data:ExecuteStatement":             {"rds", "rds-data"},
		"glue:StartJobRun":                      {"glue", "rds"},
		"s3:DeleteAccessPointForObjectLambda":   {"s3-object-lambda", "s3-outposts"},
	} {
		for i, service := range resources {
			s := one(t, `{"Action":"`+action+`","Resource":"arn:aws:`+service+`:*:*:*"}`)
			require.Equal(t, i == 0, s.Reaches(action), "%s on %s", action, service)
		}
	}
	for _, key := range []string{
		"aws:ResourceTag/a", "ec2:ResourceTag/a", "iam:ResourceTag/a", "kms:ResourceAliases", "kms:RequestAlias", "lambda:FunctionArn", "rds:db-tag/a",
		"secretsmanager:ResourceTag/a", "ssm:resourceTag/a",
	} {
		require.False(t, one(t, `{"Action":"*","Resource":"*","Condition":{"StringEquals":{"`+key+`":"store"}}}`).Reaches("a:b"), key)
	}
}

// Five kinds of change of a service count as the whole service.
func TestWholeServices(t *testing.T) {
	kinds := strings.Fields(`Add Associate Attach Cancel Create Delete Detach Disable Enable Modify Purge Put Remove Reset Revoke Send Set Start Stop
		Tag Terminate Untag Update`)
	actions := func(n, from int) string {
		var list []string
		for i := range n {
			list = append(list, `"glue:`+kinds[(from+i)%len(kinds)]+`Canary*"`)
		}
		return `{"Action":[` + strings.Join(list, ",") + `]}`
	}
	for i, kind := range kinds {
		require.True(t, one(t, actions(5, i)).WholeServices(), "five kinds of change from %s on", kind)
		require.False(t, one(t, actions(4, i)).WholeServices(), "four kinds of change from %s on", kind)
	}
	for _, service := range strings.Fields("auto cloudform cloudt cloudw ecs org ssmm sts athen ki") {
		require.True(t, one(t, `{"Action":"`+service+`*:*"}`).WholeServices(), service)
	}
	for action, want := range map[string]bool{"unknown*:*": false, "glue:GetTable": false, "gl?e:Get*": false, "glue:*": true, "gl?e:*": true} {
		require.Equal(t, want, one(t, `{"Action":"`+action+`"}`).WholeServices(), action)
	}
}
