package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/iam/policy"
	"store-events/tests/policy/recording"
)

// recordedOutput is an output of a resource in a recorded template.
var recordedOutput = regexp.MustCompile(`\$\{([^:}]+:[^:}]+:[^:}]+)::([^:}]+)::([^:}]+)\}`)

// generated replaces references by the names and ARNs that AWS and the provider generate.
func generated(text string) string {
	return recordedOutput.ReplaceAllStringFunc(text, func(ref string) string {
		m := recordedOutput.FindStringSubmatch(ref)
		kind, name, output := m[1], m[2]+"-0a1b2c3", m[3]
		if output != "arn" {
			return name
		}
		return map[string]string{
			"aws:s3/bucketV2:BucketV2":         "arn:aws:s3:::" + name,
			"aws:kms/key:Key":                  "arn:aws:kms:us-east-1:000000000000:key/0a1b2c3d",
			"aws:secretsmanager/secret:Secret": "arn:aws:secretsmanager:us-east-1:000000000000:secret:" + name,
			"aws:sns/topic:Topic":              "arn:aws:sns:us-east-1:000000000000:" + name,
			"aws:rds/instance:Instance":        "arn:aws:rds:us-east-1:000000000000:db:" + name,
			"aws:sqs/queue:Queue":              "arn:aws:sqs:us-east-1:000000000000:" + name,
			"aws:cloudwatch/logGroup:LogGroup": "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vpc/" + m[2],
		}[kind]
	})
}

// The boundary allows what the program's roles allow, and no action that none of them needs.
func TestTheBoundaryFitsTheProgram(t *testing.T) {
	needed, given := map[string]bool{}, []string{}
	for _, env := range []string{"dev", "prod"} {
		got, err := bootstrapped(map[string]string{"catalogKeyArn": catalogKey})
		require.NoError(t, err)
		boundary := parse(t, "boundary", moved(got["github-store-events-"+env+"-boundary"].text("policy")))
		c := caller{role: "store-events-" + env + "-job", policies: []policy.Named{boundary}}
		program, err := recording.Record("..", env, recording.Settings{
			"store-events:trigger": "both", "store-events:catalogEncryption": "false", "store-events:catalogKeyArn": moved(catalogKey),
		})
		require.NoError(t, err)
		paused, err := recording.Record("..", env, recording.Settings{"store-events:paused": "true"})
		require.NoError(t, err)
		var refused []string
		requests := 0
		for _, r := range append(program.Resources, paused.Resources...) {
			if r.Type != "aws:iam/rolePolicy:RolePolicy" {
				continue
			}
			for _, s := range roleStatements(t, generated(r.Props["policy"].(string))) {
				for _, action := range s.Action {
					needed[action] = needed[action] || s.Effect == "Allow"
				}
				for _, context := range s.contexts(env) {
					for _, action := range s.Action {
						for _, resource := range s.Resource {
							of := context
							if resource == moved(catalogKey) {
								of = policy.Context{} // The key has the tags of another stack.
							}
							if requests++; s.Effect == "Allow" && !c.may(t, action, concrete(resource), of) {
								refused = append(refused, fmt.Sprintf("%s: %s on %s with %v", r.Name, action, resource, s.Condition))
							}
						}
					}
				}
			}
		}
		require.Empty(t, refused)
		require.Greater(t, requests, 50)
		for _, s := range got["github-store-events-"+env+"-boundary"].statements(t, "policy") {
			given = append(given, s.Action...)
		}
	}
	for _, action := range given {
		require.True(t, needed[action] || strings.HasSuffix(action, "*"), "no role of the program has %s", action)
	}
}

// A role that could set the stack's tags could take over resources of another stack.
func TestTheBoundaryForbidsRetagging(t *testing.T) {
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	name := "github-store-events-dev-boundary"
	c := caller{role: "store-events-dev-job", policies: []policy.Named{parse(t, name, got[name].text("policy"))}}
	for _, action := range []string{"ec2:CreateTags", "ec2:DeleteTags"} {
		for _, kind := range []string{"network-interface", "security-group", "instance", "volume", "subnet"} {
			resource := "arn:aws:ec2:" + region + ":" + account + ":" + kind + "/0a1b2c3"
			of := retagged("dev", "prod")
			require.False(t, c.may(t, action, resource, of), "%s on %s without tag keys, which deletes all tags", action, kind)
			of.Set("aws:TagKeys", "aws-glue-service-resource")
			require.Equal(t, kind == "network-interface", c.may(t, action, resource, of), "%s on %s with Glue's tag", action, kind)
			of.Set("aws:TagKeys", "aws-glue-service-resource", "Project", "Environment")
			require.False(t, c.may(t, action, resource, of), "%s on %s with the stack's tags", action, kind)
		}
	}
	for _, s := range got[name].statements(t, "policy") {
		for _, action := range s.Action {
			service, _, _ := strings.Cut(action, ":")
			require.False(t, changesTags(action) && service != "ec2", "%s of statement %s is not tested above", action, s.Sid)
		}
	}
}

// moved replaces account and region in a policy by those of the recording.
func moved(text string) string {
	text = regexp.MustCompile(region+`:`+account).ReplaceAllString(text, recording.Region+":"+recording.Account)
	return strings.ReplaceAll(text, region+"::", recording.Region+"::") // ARNs without an account belong to AWS.
}

func roleStatements(t *testing.T, text string) []statement {
	t.Helper()
	var document struct {
		Statement []struct {
			Effect           string
			Action, Resource []string
			Condition        map[string]map[string]any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &document), text)
	var out []statement
	for _, s := range document.Statement {
		own := statement{Effect: s.Effect, Action: s.Action, Resource: s.Resource}
		for operator, keys := range s.Condition {
			for key, value := range keys {
				own = own.when(operator, key, conditionValues(value)...)
			}
		}
		out = append(out, own)
	}
	return out
}

// conditionValues returns the values of a condition's key: one, or a list.
func conditionValues(value any) []string {
	var out []string
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// contexts returns contexts that meet the conditions of a statement. Together they cover each value of each key.
func (s statement) contexts(env string) []policy.Context {
	number := 1
	for _, keys := range s.Condition {
		for _, values := range keys {
			number = max(number, len(values))
		}
	}
	out := make([]policy.Context, number)
	for i := range out {
		out[i] = ofStack(env)
		for operator, keys := range s.Condition {
			if strings.Contains(operator, "Not") || strings.Contains(operator, "Null") {
				continue // Negative conditions hold without the key.
			}
			for key, values := range keys {
				value := values[i%len(values)]
				if strings.HasPrefix(value, "arn:") {
					value = concrete(value)
				}
				out[i].Set(key, strings.ReplaceAll(value, "*", "0a1b2c3"))
			}
		}
	}
	return out
}
