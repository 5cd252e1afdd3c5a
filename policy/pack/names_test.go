package pack

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
)

// pulumi-aws v7 and the classic types of v6 use different names for the same resources.
func TestRenamedTypesAreChecked(t *testing.T) {
	violated := func(resourceType string, inputs map[string]property.Value) []string {
		p, err := New(Stack{Project: "p", Name: "prod"})
		require.NoError(t, err)
		r := rule.Resource{
			URN: "urn:pulumi:prod::p::" + resourceType + "::bucket", Type: resourceType, Name: "bucket",
			Inputs: property.NewMap(inputs), Outputs: property.NewMap(inputs),
		}
		var rules []string
		for _, report := range append(p.CheckResource(r), p.CheckStack([]rule.Resource{r})...) {
			if report.Level == rule.Mandatory {
				rules = append(rules, report.Policy)
			}
		}
		slices.Sort(rules)
		return rules
	}
	bare := violated("aws:s3/bucketV2:BucketV2", nil)
	require.GreaterOrEqual(t, len(bare), 7)
	require.Equal(t, bare, violated("aws:s3/bucket:Bucket", nil))

	public := violated("aws:s3/bucket:Bucket", map[string]property.Value{
		"acl":    property.New("public-read"),
		"policy": property.New(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}`),
	})
	require.Contains(t, public, "s3-no-public-acl")
	require.Contains(t, public, "s3-policy-no-public-allow")
	require.Contains(t, violated("aws:s3/bucketObject:BucketObject", map[string]property.Value{"acl": property.New("public-read")}), "s3-no-public-acl")
	require.Contains(t, violated("aws:rds/cluster:Cluster", nil), "allowed-types-only")
}
