package program

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

// CreateLogGroup and actions on streams are checked on log-group:NAME:log-stream:…, so that
// a role needs more than the ARN of the group.
func TestRolesThatWriteLogsMayWriteStreams(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.all("aws:iam/role:Role") {
			role := s.names([]pulumitest.Resource{r})[0]
			for _, action := range []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"} {
				matches := false
				allowed := s.allowed(t, role, action)
				for _, arn := range allowed {
					matches = matches || strings.HasSuffix(arn, ":*") && !strings.HasSuffix(arn, "log-stream:*") || action != "logs:CreateLogGroup" && strings.HasSuffix(arn, "*")
				}
				require.True(t, matches || len(allowed) == 0, "%s of %s: %v", action, role, allowed)
			}
		}
	})
}

// A role that may create a group of the stack recreates it after the stack's removal, without retention and key, and the
// next update fails because it exists. Glue does not log without the permission.
func TestOnlyGlueMayCreateGroupsOfTheStack(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.all("aws:iam/role:Role") {
			role := s.names([]pulumitest.Resource{r})[0]
			for _, arn := range s.allowed(t, role, "logs:CreateLogGroup") {
				_, group, _ := strings.Cut(arn, ":log-group:")
				require.True(t, strings.HasPrefix(group, "/aws-glue/") || strings.HasPrefix(group, "RDSOSMetrics"), "%s may create %s", role, arn)
			}
		}
	})
}

func TestEveryLogGroupHasARetention(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, group := range s.all("aws:cloudwatch/logGroup:LogGroup") {
			require.InDelta(t, s.config.Common.LogRetentionDays, group.Get(t, "retentionInDays"), 0, group.Name)
			require.Equal(t, s.ARN(s.one("aws:kms/key:Key", "")), group.Get(t, "kmsKeyId"), group.Name)
		}
	})
}
