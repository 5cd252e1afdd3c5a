package rolepolicy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTeardownHasTheSameResources(t *testing.T) {
	got := WithTeardown([]Statement{
		{"Allow", []string{"glue:CreateCrawler", "glue:GetCrawler"}, []string{"arn:aws:glue:*:*:crawler/sales"}},
		{"Allow", []string{"s3:CreateBucket"}, []string{"arn:aws:s3:::events-*"}},
		{"Allow", []string{"glue:CreateDatabase"}, []string{"arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/sales"}},
	})
	require.Equal(t, []Statement{
		{"Allow", []string{"glue:CreateCrawler", "glue:DeleteCrawler", "glue:GetCrawler", "glue:UpdateCrawler"}, []string{"arn:aws:glue:*:*:crawler/sales"}},
		{"Allow", []string{"s3:CreateBucket", "s3:DeleteBucket", "s3:ListBucketVersions"}, []string{"arn:aws:s3:::events-*"}},
		{"Allow", []string{"s3:DeleteObject", "s3:DeleteObjectVersion"}, []string{"arn:aws:s3:::events-*/*"}},
		{"Allow", []string{"glue:CreateDatabase", "glue:DeleteDatabase", "glue:UpdateDatabase"}, []string{"arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/sales"}},
		{"Allow", []string{"glue:DeleteDatabase"}, []string{"arn:aws:glue:*:*:table/sales/*", "arn:aws:glue:*:*:userDefinedFunction/sales/*"}},
	}, got)

	const endpoints, table, subnet = "arn:aws:ec2:*:*:vpc-endpoint/*", "arn:aws:ec2:*:*:route-table/*", "arn:aws:ec2:*:*:subnet/*"
	create := []string{"ec2:CreateVpcEndpoint"}
	all := []string{"ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"}
	require.Equal(t, []Statement{{"Allow", all, []string{endpoints, table}}}, WithTeardown([]Statement{{"Allow", create, []string{endpoints, table}}}), "a gateway endpoint has no private names")
	require.Equal(t, []Statement{
		{"Allow", all, []string{endpoints, subnet}},
		{"Allow", []string{"route53:AssociateVPCWithHostedZone"}, []string{"*"}},
	}, WithTeardown([]Statement{{"Allow", create, []string{endpoints, subnet}}}))
	require.Equal(t, []Statement{
		{"Allow", []string{"ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"}, []string{subnet, "arn:aws:ec2:*:*:vpc/*"}},
		{"Allow", []string{"ec2:DeleteNetworkInterface"}, []string{"arn:aws:ec2:*:*:network-interface/*"}},
	}, WithTeardown([]Statement{{"Allow", []string{"ec2:CreateSubnet"}, []string{subnet, "arn:aws:ec2:*:*:vpc/*"}}}), "Lambda leaves interfaces in a subnet")
	require.Nil(t, WithTeardown(nil))
}

func TestSplitKeepsEveryStatementWithinTheLimit(t *testing.T) {
	names := func(n int, prefix string) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = fmt.Sprintf("%s%04d", prefix, i)
		}
		return out
	}
	statements := []Statement{
		{"Allow", names(10, "glue:Get"), names(20, "arn:aws:glue:*:*:table/")},
		{"Allow", names(2, "s3:Get"), names(500, "arn:aws:s3:::bucket/")}, // Larger than a policy.
		{"Allow", names(900, "ec2:Describe"), []string{"*"}},
	}
	documents := Split(statements)
	require.Greater(t, len(documents), 4)
	allowed := map[string]bool{}
	for _, d := range documents {
		text, err := json.Marshal(d)
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), MaxSize)
		for _, s := range d.Statement {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					allowed[action+" "+resource] = true
				}
			}
		}
	}
	require.Len(t, allowed, 10*20+2*500+900)
	require.Empty(t, Split(nil))
}

func TestTeardownActionsHaveTheSameService(t *testing.T) {
	for action, more := range teardownActions {
		service, _, _ := strings.Cut(action, ":")
		for _, m := range more {
			require.True(t, strings.HasPrefix(m, service+":"), "%s after %s", m, action)
			require.NotEqual(t, action, m)
		}
	}
}
