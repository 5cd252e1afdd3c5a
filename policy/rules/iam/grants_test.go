package iam

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestEventsOnTopics(t *testing.T) {
	topic := func(kind, statement string) []Res {
		return []Res{R(kind, "topic", Props{"policy": `{"Statement":{"Effect":"Allow","Resource":"*",` + statement + `}}`})}
	}
	const events, publish = `"Principal":{"Service":"events.amazonaws.com"}`, `"Action":"sns:Publish"`
	for _, kind := range []string{aws.Topic, aws.TopicPolicy} {
		require.False(t, Finds(t, resourcePolicyServiceScoped, topic(kind, events+","+publish)), kind)
		for _, statement := range []string{
			`"Principal":{"Service":"s3.amazonaws.com"},` + publish, `"Principal":{"Service":"events.amazonaws.com","AWS":"123456789012"},` + publish,
			events + `,"Action":["sns:Publish","sns:Subscribe"]`, events + `,"NotAction":"sns:Subscribe"`,
		} {
			require.True(t, Finds(t, resourcePolicyServiceScoped, topic(kind, statement)), statement)
		}
	}
	require.True(t, Finds(t, resourcePolicyServiceScoped, topic(aws.Queue, events+","+publish)), "a queue takes a condition")
}

func TestSecretsOfTheStack(t *testing.T) {
	secret := R(aws.Secret, "secret", Props{"name": "store/login"})
	const mine = "arn:aws:test:eu-west-1:123456789012:secret"
	for resource, want := range map[string]bool{
		mine: false, mine + "-??????": false, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:store/login-??????": false,
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:store/login": true, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-??????": true,
		"other-??????": true, "*": true,
	} {
		for _, action := range []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"} {
			require.Equal(t, want, Finds(t, secretReadScoped, append(allow(quoted(action), `"`+resource+`"`), secret)), "%s on %s", action, resource)
		}
	}
	require.False(t, Finds(t, secretReadScoped, append(granting(`{"Effect":"Deny","Action":"secretsmanager:GetSecretValue","Resource":"*"}`), secret)))
}

// messages returns the messages of a stack rule for an example.
func messages(t *testing.T, r rule.Rule, example []Res) []string {
	t.Helper()
	var texts []string
	for _, f := range r.CheckStack(Build(t, example, rule.DefaultSettings(rule.Prod))) {
		texts = append(texts, f.Message)
	}
	return texts
}

func TestObjectsOfTheStack(t *testing.T) {
	bucket := R(aws.Bucket, "bucket", Props{})
	writes := strings.Fields("s3:PutObject s3:DeleteObject s3:DeleteObjectVersion s3:PutObjectAcl s3:ReplicateObject s3:ReplicateDelete")
	for _, action := range append(strings.Fields("s3:GetObject s3:GetObjectVersion s3:RestoreObject"), writes...) {
		for resource, want := range map[string]bool{"bucket-id/raw/*": false, "bucket-id/*": true, "bucket-id/?aw/*": true, "bucket-id": true, "bucket-id/": true, "other/raw/*": true} {
			example := append(allow(quoted(action), `"arn:aws:s3:::`+resource+`"`), bucket)
			require.Equal(t, want, Finds(t, s3PrefixScoped, example), "%s on %s", action, resource)
		}
		libraries := append(allow(quoted(action), `"arn:aws:s3:::aws-glue-jes-prod/*"`), bucket)
		require.Equal(t, slices.Contains(writes, action), Finds(t, s3PrefixScoped, libraries), "%s on the libraries of Glue", action)
	}
	require.False(t, Finds(t, s3PrefixScoped, append(granting(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`), bucket)))
	require.False(t, Finds(t, s3PrefixScoped, append(allow(`"s3:ListBucket"`, everything), bucket)))
	role, crawler := R(aws.Role, "role", Props{}), R(aws.GlueCrawler, "crawler", Props{"role": Arn("role")})
	job := R(aws.GlueJob, "job", Props{"command": Props{"scriptLocation": "s3://bucket-id/scripts/job.py"}})
	for effect, actions := range map[string]map[string]bool{"Allow": {"s3:GetObject": false, "s3:PutObject": true}, "Deny": {"s3:GetObject": false, "s3:PutObject": false}} {
		for action, want := range actions {
			on := func(key string) Res {
				return R(aws.RolePolicy, "policy", Props{
					"role": Ref("role"), "policy": `{"Statement":{"Effect":"` + effect + `","Action":"` + action + `","Resource":"arn:aws:s3:::bucket-id/` + key + `"}}`,
				})
			}
			require.Equal(t, want, Finds(t, s3PrefixScoped, []Res{bucket, role, crawler, on("raw/*")}), "a crawler: %s %s", effect, action)
			require.Equal(t, want, Finds(t, s3PrefixScoped, []Res{bucket, role, job, on("scripts/*")}), "a script: %s %s", effect, action)
			require.False(t, Finds(t, s3PrefixScoped, []Res{bucket, role, job, on("raw/*")}), "%s %s", effect, action)
		}
	}
	const overwritten = "statement 1 allows overwriting the script of a job"
	for _, own := range strings.Fields("arn:aws:s3::: arn:aws-us-gov:s3::: arn:aws-cn:s3::: arn:*:s3::: arn:aws-*:s3:::") {
		on := func(key string) []Res {
			return append(allow(`"s3:PutObject"`, `"`+own+`bucket-id/`+key+`"`), bucket, job)
		}
		require.False(t, Finds(t, s3PrefixScoped, on("raw/*")), own)
		require.Equal(t, []string{overwritten}, messages(t, s3PrefixScoped, on("scripts/*")), own)
		libraries := append(allow(`"s3:GetObject"`, `"`+own+`aws-glue-jes-prod/*"`), bucket)
		require.False(t, Finds(t, s3PrefixScoped, libraries), own)
	}
	for _, all := range []string{"*", "arn:*", "arn:aws-us-gov:s3*", "arn:aws*:bucket-id/scripts/job.py"} {
		require.Contains(t, messages(t, s3PrefixScoped, append(allow(`"s3:PutObject"`, `"`+all+`"`), bucket, job)),
			overwritten, all)
	}
	job.Props["command"] = Props{}
	require.False(t, Finds(t, s3PrefixScoped, append(allow(`"s3:PutObject"`, `"arn:aws:s3:::bucket-id/x*"`), bucket, job)), "without a script")
	require.True(t, Finds(t, s3PrefixScoped, append(granting(`{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:x"}`), bucket)))
}
