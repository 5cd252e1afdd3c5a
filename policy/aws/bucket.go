package aws

import "github.com/pulumi/pulumi/sdk/v3/go/property"

// BucketReplication is a separate resource that the rules refuse; buckets can also declare it inline.
const BucketReplication = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

// bucketParts extracts the inline configuration of a bucket, in the spellings of the classic Bucket
// of pulumi-aws v6, BucketV2 and the Bucket of v7.
func bucketParts(inputs property.Map) []Part {
	rest := inputs
	var inline []Part
	take := func(resourceType string, fields func(property.Value) map[string]property.Value, keys ...string) {
		v, key := oneOf(inputs, keys...)
		for _, k := range keys {
			rest = rest.Delete(k)
		}
		if key == "" {
			return
		}
		if made := present(fields(v)); made.Len() > 0 {
			inline = append(inline, Part{Type: resourceType, Inputs: made, From: key})
		}
	}
	take(BucketACL, inlineACL, "acl")
	take(BucketACL, inlineGrants, "grants")
	take(
		BucketPolicy,
		func(v property.Value) map[string]property.Value { return map[string]property.Value{"policy": v} },
		"policy",
	)
	take(
		BucketEncryption,
		inlineEncryption,
		"serverSideEncryptionConfiguration",
		"serverSideEncryptionConfigurations",
	)
	take(BucketVersioning, inlineVersioning, "versioning", "versionings")
	take(BucketLogging, inlineLogging, "logging", "loggings")
	take(BucketLifecycle, inlineLifecycle, "lifecycleRules")
	take(BucketWebsite, inlineWhole("websiteConfiguration"), "website", "websites")
	take(
		BucketReplication,
		inlineWhole("rules"),
		"replicationConfiguration",
		"replicationConfigurations",
	)
	take(BucketCors, inlineWhole("corsRules"), "corsRules")
	return append([]Part{{Type: Bucket, Inputs: rest}}, inline...)
}

func inlineWhole(key string) func(property.Value) map[string]property.Value {
	return func(v property.Value) map[string]property.Value { return map[string]property.Value{key: v} }
}

// inlineACL omits private, which grants nothing: the provider sets it if the program sets
// nothing.
func inlineACL(v property.Value) map[string]property.Value {
	if v.IsString() && v.AsString() == "private" {
		return nil
	}
	return map[string]property.Value{"acl": v}
}

// inlineGrants returns one grant for each permission, as in bucketAclV2.
func inlineGrants(v property.Value) map[string]property.Value {
	grants := eachOf(v, func(grant property.Value) property.Value {
		return object(map[string]property.Value{
			"grantee": object(map[string]property.Value{
				"id": dig(grant, "id"), "type": dig(grant, "type"), "uri": dig(grant, "uri"),
			}),
			"permission": single(dig(grant, "permissions")),
		})
	})
	return map[string]property.Value{
		"accessControlPolicy": object(map[string]property.Value{"grants": grants}),
	}
}

func inlineEncryption(v property.Value) map[string]property.Value {
	return map[string]property.Value{"rules": eachOf(oneOfValue(v, "rule", "rules"), func(r property.Value) property.Value {
		apply := oneOfValue(r, "applyServerSideEncryptionByDefault", "applyServerSideEncryptionByDefaults")
		return object(map[string]property.Value{
			"applyServerSideEncryptionByDefault": single(apply),
			"bucketKeyEnabled":                   dig(r, "bucketKeyEnabled"),
		})
	})}
}

// oneOfValue returns the value of the first key that is present in an object.
func oneOfValue(v property.Value, keys ...string) property.Value {
	for _, key := range keys {
		if found := dig(v, key); !found.IsNull() {
			return found
		}
	}
	return property.New(property.Null)
}

func inlineVersioning(v property.Value) map[string]property.Value {
	return map[string]property.Value{"versioningConfiguration": object(map[string]property.Value{
		"status": enabledOr(dig(v, "enabled"), "Suspended"),
	})}
}

func inlineLogging(v property.Value) map[string]property.Value {
	return map[string]property.Value{
		"targetBucket": dig(v, "targetBucket"),
		"targetPrefix": dig(v, "targetPrefix"),
	}
}

func inlineLifecycle(v property.Value) map[string]property.Value {
	return map[string]property.Value{"rules": eachOf(v, func(r property.Value) property.Value {
		expiration := oneOfValue(r, "expiration", "expirations")
		old := oneOfValue(r, "noncurrentVersionExpiration", "noncurrentVersionExpirations")
		return object(map[string]property.Value{
			"id":     dig(r, "id"),
			"status": enabledOr(dig(r, "enabled"), "Disabled"),
			"filter": nonEmpty(
				map[string]property.Value{"prefix": dig(r, "prefix"), "tag": dig(r, "tags")},
			),
			"expiration": nonEmpty(map[string]property.Value{
				"days": dig(expiration, "days"), "date": dig(expiration, "date"),
				"expiredObjectDeleteMarker": dig(expiration, "expiredObjectDeleteMarker"),
			}),
			"noncurrentVersionExpiration": nonEmpty(
				map[string]property.Value{"noncurrentDays": dig(old, "days")},
			),
			"abortIncompleteMultipartUpload": nonEmpty(map[string]property.Value{
				"daysAfterInitiation": dig(r, "abortIncompleteMultipartUploadDays"),
			}),
		})
	})}
}

// nonEmpty returns an object, or a null value if no value is present.
func nonEmpty(fields map[string]property.Value) property.Value {
	if m := present(fields); m.Len() > 0 {
		return property.New(m)
	}
	return property.New(property.Null)
}
