package program

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/program/output"
	"store-events/schema"
)

// unlimited are the statements whose actions AWS cannot limit to a resource. The reasons
// are in the components.
var unlimited = []string{
	"ReadEncryptionSettings", "KeepBookmarkAndReadEncryptionSettings", "DescribeNetwork", "DescribeLogGroups", "PutMetrics", "TalkToSSM",
	"ManageInterfaces", "NotByTheFunctionItself",
}

func TestRolesAreNarrow(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		policies := s.all("aws:iam/rolePolicy:RolePolicy")
		require.Len(t, policies, len(s.all("aws:iam/role:Role")), "every role has one policy")
		for _, p := range policies {
			for _, st := range statements(t, p.Get(t, "policy")) {
				require.Equal(t, st.Sid == "NotByTheFunctionItself", st.Effect == "Deny", st.Sid)
				require.NotEmpty(t, st.Resource, "%s %s", p.Name, st.Sid)
				for _, action := range st.Action {
					require.NotContains(t, action, "*", "%s %s", p.Name, st.Sid)
				}
				if slices.Contains(st.Resource, "*") {
					require.Contains(t, unlimited, st.Sid, p.Name)
				}
			}
		}
		require.Empty(t, s.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment"), "no AWS managed policies")
	})
}

func TestEveryRoleTrustsOneService(t *testing.T) {
	want := map[string]string{
		"flow-log": "vpc-flow-logs.amazonaws.com", "monitoring": "monitoring.rds.amazonaws.com", "crawler": "glue.amazonaws.com",
		"job": "glue.amazonaws.com", "rotation": "lambda.amazonaws.com", "producer": "lambda.amazonaws.com", "consumer": "ec2.amazonaws.com",
	}
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.all("aws:iam/role:Role") {
			trust := statements(t, r.Get(t, "assumeRolePolicy"))
			require.Len(t, trust, 1)
			require.Equal(t, map[string]any{"Service": want[s.names([]pulumitest.Resource{r})[0]]}, trust[0].Principal, r.Name)
		}
	})
}

// allowed returns the resources of the role's statements that allow an action.
func (s stack) allowed(t *testing.T, role, action string) []string {
	t.Helper()
	var out []string
	for _, st := range statements(t, s.one("aws:iam/rolePolicy:RolePolicy", "-"+role+"-policy").Get(t, "policy")) {
		if slices.Contains(st.Action, action) {
			out = append(out, st.Resource...)
		}
	}
	return out
}

func TestAccessToObjects(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		bucket := "arn:aws:s3:::" + s.Outputs[output.Bucket].(string)
		in := func(prefixes ...string) (out []string) {
			for _, p := range prefixes {
				out = append(out, bucket+"/"+p+"/*")
			}
			return out
		}
		require.ElementsMatch(t, in(schema.Load().StreamNames()...), s.allowed(t, "producer", "s3:PutObject"))
		require.Empty(t, s.allowed(t, "producer", "s3:GetObject"))
		require.ElementsMatch(t, in(schema.Load().StreamNames()...), s.allowed(t, "crawler", "s3:GetObject"))
		require.Empty(t, s.allowed(t, "crawler", "s3:PutObject"))
		require.ElementsMatch(t, in("curated", "quarantine", "bookmarks"), s.allowed(t, "job", "s3:PutObject"))
		require.ElementsMatch(t, in(append(schema.Load().StreamNames(), "feed", "scripts", "curated", "quarantine", "bookmarks")...), s.allowed(t, "job", "s3:GetObject"))
		require.ElementsMatch(t, in("command-output"), s.allowed(t, "consumer", "s3:PutObject"))
		for _, role := range []string{"consumer", "rotation"} {
			require.Equal(t, []string{bucket + "/scripts/database-ca.pem"}, s.allowed(t, role, "s3:GetObject"))
		}
	})
}

func TestAccessToSecrets(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		readers := map[string][]string{
			"job": {s.secretArn("loader")}, "consumer": {s.secretArn("reader")},
			"rotation": {s.secretArn("master"), s.secretArn("loader"), s.secretArn("reader")},
		}
		for _, r := range s.all("aws:iam/role:Role") {
			role := s.names([]pulumitest.Resource{r})[0]
			require.Equal(t, readers[role], s.allowed(t, role, "secretsmanager:GetSecretValue"), role)
		}
	})
}
