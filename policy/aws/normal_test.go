package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
)

// samples returns resources with all properties that become parts.
func samples() map[string]map[string]property.Value {
	text, yes := property.New("x"), property.New(true)
	within := func(key string, v property.Value) property.Value {
		return property.New(map[string]property.Value{key: v})
	}
	return map[string]map[string]property.Value{
		Bucket: {
			"acl": text, "policy": text, "serverSideEncryptionConfiguration": within("rule", within("bucketKeyEnabled", yes)),
			"versioning": within("enabled", yes), "logging": within("targetBucket", text), "lifecycleRules": within("prefix", text),
			"website": within("indexDocument", text), "replicationConfiguration": within("role", text), "corsRules": within("allowedMethods", text),
		},
		nativeBucket: {
			"accessControl": text, "bucketEncryption": within("serverSideEncryptionConfiguration", within("bucketKeyEnabled", yes)),
			"publicAccessBlockConfiguration": within("blockPublicAcls", yes), "ownershipControls": within("rules", within("objectOwnership", text)),
			"versioningConfiguration": within("status", text), "loggingConfiguration": within("logFilePrefix", text),
			"lifecycleConfiguration": within("rules", within("prefix", text)), "websiteConfiguration": within("indexDocument", text),
		},
		"aws-native:s3:BucketPolicy":      {"bucket": text},
		"aws-native:rds:DbInstance":       {"engine": text},
		"aws-native:rds:DbParameterGroup": {"family": text},
		"aws-native:rds:DbSubnetGroup":    {"subnetIds": text},
	}
}

// A spelling has the types of its parts: rules for other types are reported as not applicable.
func TestPartTypes(t *testing.T) {
	all := samples()
	require.Len(t, all, len(normalized))
	for resourceType, sample := range all {
		made := map[string]bool{}
		for _, part := range Normalize(resourceType, property.NewMap(sample)) {
			made[part.Type] = true
		}
		types := PartTypes(resourceType)
		require.Len(t, made, len(types), resourceType)
		for _, of := range types {
			require.True(t, made[of], "%s: %s", resourceType, of)
		}
	}
	require.Equal(t, []string{Topic}, PartTypes(Topic))
}

func TestSizesInANativeLifecycle(t *testing.T) {
	rule := property.New(map[string]property.Value{"objectSizeGreaterThan": property.New("100")})
	lifecycle := property.New(map[string]property.Value{"rules": property.New([]property.Value{rule})})
	parts := Normalize(nativeBucket, property.NewMap(map[string]property.Value{"lifecycleConfiguration": lifecycle}))
	require.Len(t, parts, 2)
	made := parts[1].Inputs.Get("rules").AsArray().Get(0).AsMap()
	require.Equal(t, property.New("100"), made.Get("filter").AsMap().Get("objectSizeGreaterThan"))
}
