package program

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/program/output"
	"store-events/schema"
)

// triggered deploys a stack of the project whose workflow is started by events.
func triggered(t *testing.T, name, trigger string) *stack {
	t.Helper()
	settings, err := readStack(name)
	require.NoError(t, err)
	settings["trigger"] = trigger
	s, err := deploy(name, settings)
	require.NoError(t, err)
	s.t = t
	return s
}

func TestEventsStartTheWorkflow(t *testing.T) {
	for _, name := range []string{"dev", "prod"} {
		t.Run(name, func(t *testing.T) {
			s := triggered(t, name, config.ByEvents)
			require.Len(t, s.all("store-events:index:Starter"), 1)
			require.Len(t, s.all("aws:sqs/queue:Queue"), 2)
			require.Equal(t, "ON_DEMAND", s.one("aws:glue/trigger:Trigger", "-start").Get(t, "type"))
			function := s.one("aws:lambda/function:Function", "-starter")
			require.True(t, strings.HasSuffix(function.Path(t, "code"), "/bin/starter.zip"))
			variables := function.Get(t, "environment", "variables").(map[string]any)
			require.Equal(t, s.one("aws:glue/workflow:Workflow", "").Get(t, "name"), variables["STORE_EVENTS_WORKFLOW"])
			require.Equal(t, s.one("aws:glue/job:Job", "").Get(t, "name"), variables["STORE_EVENTS_JOB"])
			require.Equal(t, []string{"arn:aws:s3:::" + s.Outputs[output.Bucket].(string) + "/feed/*"}, s.allowed(t, "starter", "s3:PutObject"))
			for _, action := range []string{"s3:GetObject", "glue:StartJobRun", "iam:PassRole"} {
				require.Empty(t, s.allowed(t, "starter", action))
			}
		})
	}
}

// Only producers may write objects that start a run, so that a run does not start another one.
func TestRunsDoNotStartRuns(t *testing.T) {
	s := triggered(t, "prod", config.ByBoth)
	require.Equal(t, "SCHEDULED", s.one("aws:glue/trigger:Trigger", "-start").Get(t, "type"))
	var pattern struct {
		Detail struct {
			Object struct{ Key []struct{ Prefix string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(s.one("aws:cloudwatch/eventRule:EventRule", "-arrivals").Get(t, "eventPattern").(string)), &pattern))
	require.Len(t, pattern.Detail.Object.Key, len(schema.Load().Streams))
	for _, key := range pattern.Detail.Object.Key {
		for _, role := range []string{"job", "crawler", "consumer", "rotation", "starter"} {
			for _, written := range s.allowed(t, role, "s3:PutObject") {
				require.NotContains(t, written, "/"+key.Prefix, role)
			}
		}
	}
}

func TestScheduleAloneHasNoQueue(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		require.Empty(t, s.all("aws:sqs/queue:Queue"))
		require.Empty(t, s.all("aws:s3/bucketNotification:BucketNotification"))
	})
}
