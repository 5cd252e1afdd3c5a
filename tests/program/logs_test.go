package program

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

// logGroup are the ARNs by which a role may write to a group.
func logGroup(name string) []string {
	group := "arn:aws:logs:" + region + ":" + account + ":log-group:" + name
	return []string{group, group + ":*"}
}

// Glue makes groups of these names itself, without retention, if they are missing.
func TestGlueFindsItsLogGroups(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		configuration := s.one("aws:glue/securityConfiguration:SecurityConfiguration", "").Get(t, "name").(string)
		job, crawler := s.one("aws:glue/job:Job", ""), s.one("aws:glue/crawler:Crawler", "")
		prefix := job.Get(t, "defaultArguments", "--custom-logGroup-prefix").(string)
		jobRole, crawlerRole := s.one("aws:iam/role:Role", "-job").Name, s.one("aws:iam/role:Role", "-crawler").Name
		for _, tc := range []struct {
			of    pulumitest.Resource
			role  string
			names []string
		}{
			{job, "job", []string{prefix + "/" + configuration + "-role/" + jobRole + "/error", prefix + "/" + configuration + "-role/" + jobRole + "/output"}},
			{crawler, "crawler", []string{"/aws-glue/crawlers-role/" + crawlerRole + "-" + configuration}},
		} {
			var arns []string
			for _, name := range tc.names {
				group := s.logGroupNamed(t, name)
				require.True(t, tc.of.WaitsFor(group), "%s must find %s", tc.of.Name, name)
				arns = append(arns, logGroup(name)...)
			}
			for _, action := range []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"} {
				require.Equal(t, arns, s.allowed(t, tc.role, action), "%s of the %s", action, tc.role)
			}
		}
	})
}

func (s stack) logGroupNamed(t *testing.T, name string) pulumitest.Resource {
	t.Helper()
	var names []string
	for _, group := range s.all("aws:cloudwatch/logGroup:LogGroup") {
		if group.Get(t, "name") == name {
			return group
		}
		names = append(names, group.Get(t, "name").(string))
	}
	t.Fatalf("no log group %s: %s", name, strings.Join(names, ", "))
	return pulumitest.Resource{}
}

// CreateLogGroup and everything on streams are checked on log-group:NAME:log-stream:…,
// which a role that names the group alone may not.
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

func TestFlowLogsMayDescribeTheirGroup(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		own := logGroup("/aws/vpc/store-events-" + s.name)
		for action, want := range map[string][]string{
			"logs:CreateLogGroup": own, "logs:CreateLogStream": own, "logs:PutLogEvents": own, "logs:DescribeLogStreams": own,
			"logs:DescribeLogGroups": {"*"},
		} {
			require.Equal(t, want, s.allowed(t, "flow-log", action), action)
		}
	})
}

func TestDatabaseWaitsForThePolicyOfItsMonitoring(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		if s.config.Database.MonitoringSeconds == 0 {
			return
		}
		require.Equal(t, logGroup("RDSOSMetrics"), s.allowed(t, "monitoring", "logs:CreateLogGroup"))
		db := s.one("aws:rds/instance:Instance", "")
		require.Equal(t, s.ARN(s.one("aws:iam/role:Role", "-monitoring")), db.Get(t, "monitoringRoleArn"))
		require.True(t, db.WaitsFor(s.one("aws:iam/rolePolicy:RolePolicy", "-monitoring-policy")))
	})
}
