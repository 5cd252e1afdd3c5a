package general

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

func TestMissingTagsAreAdded(t *testing.T) {
	settings := rule.DefaultSettings(rule.Prod)
	settings.Project, settings.TagValues = "shop", map[string]string{"Owner": "till"}
	texts := func(m map[string]string) property.Value {
		values := map[string]property.Value{}
		for k, v := range m {
			values[k] = property.New(v)
		}
		return property.New(values)
	}
	remediate := func(resourceType string, inputs map[string]property.Value) map[string]property.Value {
		return tagsRequired.Remediate(rule.Resource{Type: resourceType, Inputs: property.NewMap(inputs), Settings: settings,
			Provider: property.NewMap(map[string]property.Value{"defaultTags": property.New(`{"tags":{"ManagedBy":"us"}}`)})})
	}
	require.Equal(t, map[string]property.Value{"tags": texts(map[string]string{"Project": "shop", "Environment": "prod", "Owner": "till"})},
		remediate(aws.Bucket, nil), "known values, except those of the provider")
	require.Equal(t, map[string]property.Value{"tags": texts(map[string]string{"Project": "mine", "Environment": "prod", "Owner": "till"})},
		remediate(aws.Bucket, map[string]property.Value{"tags": texts(map[string]string{"Project": "mine"})}), "an existing tag is kept")
	require.Nil(t, remediate(aws.Bucket, map[string]property.Value{"tags": texts(map[string]string{"Project": "", "Environment": "", "Owner": ""})}))
	require.Nil(t, remediate(aws.Bucket, map[string]property.Value{"tags": property.New(property.Computed)}), "not known yet")
	require.Nil(t, remediate(aws.BucketPolicy, nil), "it has no tags")
}
