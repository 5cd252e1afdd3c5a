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

// generated replaces references by what AWS and the provider make of the names.
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

// The boundary refuses nothing that the program's roles have.
func TestTheBoundaryHasRoomForTheProgram(t *testing.T) {
	for _, env := range []string{"dev", "prod"} {
		got, err := bootstrapped(nil)
		require.NoError(t, err)
		boundary := parse(t, "boundary", moved(got["github-store-events-"+env+"-boundary"].text("policy")))
		c := caller{role: "store-events-" + env + "-job", policies: []policy.Named{boundary}}
		program, err := recording.Record("..", env, recording.Settings{"store-events:trigger": "both"})
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
					for _, resource := range s.Resource {
						if requests++; s.Effect == "Allow" && !c.within(t, action, resource, env) {
							refused = append(refused, fmt.Sprintf("%s: %s on %s", r.Name, action, resource))
						}
					}
				}
			}
		}
		require.Empty(t, refused)
		require.Greater(t, requests, 50)
	}
}

// moved puts a policy into the recording's account and region.
func moved(text string) string {
	text = regexp.MustCompile(region+`:`+account).ReplaceAllString(text, recording.Region+":"+recording.Account)
	return strings.ReplaceAll(text, region+"::", recording.Region+"::") // What belongs to AWS.
}

func roleStatements(t *testing.T, text string) []statement {
	t.Helper()
	var document struct {
		Statement []struct {
			Effect           string
			Action, Resource []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &document), text)
	var out []statement
	for _, s := range document.Statement {
		out = append(out, statement{Effect: s.Effect, Action: s.Action, Resource: s.Resource})
	}
	return out
}

func (c caller) within(t *testing.T, action, resource, env string) bool {
	t.Helper()
	context := ofStack(env)
	context.Set("cloudwatch:namespace", "Glue")
	return c.may(t, action, concrete(resource), context)
}
