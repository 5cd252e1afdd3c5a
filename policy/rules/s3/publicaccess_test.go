package s3

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func accessCases() []Case {
	complete := Props{"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true}
	block := with(aws.BucketPublicAccess, "block", Props{})
	owned := func(ownership string) []Res {
		return with(aws.BucketOwnership, "ownership", Props{"rule": Props{"objectOwnership": ownership}})
	}
	grant := func(uri string) []Res {
		return []Res{R(aws.BucketACL, "acl", Props{"accessControlPolicy": Props{"grants": List{Props{"grantee": Props{"uri": uri}}}}})}
	}
	return []Case{
		{
			Rule: "s3-public-access-block-present", Property: "bucket", On: "block",
			Compliant: block,
			Violating: []Res{bucket},
			AlsoViolates: map[string][]Res{
				"two blocks":       append(block, R(aws.BucketPublicAccess, "second", Props{"bucket": Ref("bucket")})),
				"another bucket's": {bucket, R(aws.Bucket, "other", Props{}), R(aws.BucketPublicAccess, "block", Props{"bucket": Ref("other")})},
			},
			AlsoPasses: map[string][]Res{
				"by name": {R(aws.Bucket, "named", Props{"bucket": "data"}), R(aws.BucketPublicAccess, "block", Props{"bucket": "data"})},
			},
		},
		{
			Rule: "s3-public-access-block-complete", Property: "ignorePublicAcls",
			Compliant: []Res{R(aws.BucketPublicAccess, "block", complete)},
			Violating: []Res{R(aws.BucketPublicAccess, "block", Props{"blockPublicAcls": true, "blockPublicPolicy": false, "ignorePublicAcls": true, "restrictPublicBuckets": true})},
		},
		{
			Rule: "s3-no-public-acl", Property: "acl", Missing: Passes,
			Compliant:    []Res{R(aws.Bucket, "bucket", Props{"acl": "private"})},
			Violating:    []Res{R(aws.Bucket, "bucket", Props{"acl": "public-read"})},
			AlsoViolates: map[string][]Res{"grant to everyone": grant("http://acs.amazonaws.com/groups/global/AllUsers")},
			AlsoPasses:   map[string][]Res{"grant to log delivery": grant("http://acs.amazonaws.com/groups/s3/LogDelivery")},
		},
		{
			Rule: "s3-acls-disabled", Property: "rule.objectOwnership", On: "ownership",
			Compliant: owned("BucketOwnerEnforced"),
			Violating: owned("ObjectWriter"),
			AlsoViolates: map[string][]Res{
				"no controls": {bucket},
				"an ACL":      append(owned("BucketOwnerEnforced"), R(aws.BucketACL, "acl", Props{"bucket": Ref("bucket"), "acl": "private"})),
			},
		},
		{
			Rule: "s3-no-website", Property: "websites", Missing: Passes,
			Compliant: []Res{R(aws.Bucket, "bucket", Props{"websites": List{}})},
			Violating: []Res{R(aws.Bucket, "bucket", Props{"websites": List{Props{"indexDocument": "index.html"}}})},
			AlsoViolates: map[string][]Res{
				"configuration":    with(aws.BucketWebsite, "website", Props{}),
				"every site":       cors("*"),
				"every HTTPS site": cors("https://reports.example.com", "https://*"),
				"a top level":      cors("https://*.com"),
				"its full name":    cors("https://com."),
			},
			AlsoPasses: map[string][]Res{"named sites": cors("https://reports.example.com", "https://*.example.com", "http://localhost:8080", "http://localhost", "reports.example.com")},
		},
		{
			Rule: "s3-force-destroy-off", Property: "forceDestroy", Missing: Passes,
			Compliant: []Res{R(aws.Bucket, "bucket", Props{"forceDestroy": false})},
			Violating: []Res{R(aws.Bucket, "bucket", Props{"forceDestroy": true})},
		},
		{
			Rule: "s3-versioning-enabled", Property: "versioningConfiguration.status", On: "versioning",
			Compliant:    with(aws.BucketVersioning, "versioning", Props{"versioningConfiguration": Props{"status": "Enabled"}}),
			Violating:    with(aws.BucketVersioning, "versioning", Props{"versioningConfiguration": Props{"status": "Suspended"}}),
			AlsoViolates: map[string][]Res{"none": {bucket}},
		},
	}
}

func cors(origins ...any) []Res {
	return with(aws.BucketCors, "cors", Props{"corsRules": List{Props{"allowedMethods": List{"GET"}, "allowedOrigins": origins}}})
}
