package s3

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestACLs(t *testing.T) {
	for acl, want := range map[string]bool{
		"": false, "private": false, "bucket-owner-read": false, "bucket-owner-full-control": false, "log-delivery-write": false,
		"public-read": true, "public-read-write": true, "authenticated-read": true, "aws-exec-read": true,
	} {
		for _, kind := range []string{aws.Bucket, aws.BucketACL, aws.BucketObject} {
			require.Equal(t, want, Finds(t, noPublicACL, []Res{R(kind, "x", Props{"acl": acl})}), "%s %s", kind, acl)
		}
	}
	for property, value := range map[string]string{
		"uri": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "emailAddress": "someone@example.com",
	} {
		grantee := Props{property: value}
		require.True(t, Finds(t, noPublicACL, []Res{R(aws.Bucket, "x", Props{"grants": List{grantee}})}), value)
		require.True(t, Finds(t, noPublicACL, []Res{R(aws.BucketACL, "x", Props{"accessControlPolicy": Props{"grants": List{Props{"grantee": grantee}}}})}), value)
	}
	owned := with(aws.BucketOwnership, "ownership", Props{"rule": Props{"objectOwnership": "BucketOwnerEnforced"}})
	owned[0] = R(aws.Bucket, "bucket", Props{"grants": List{Props{"id": "x"}}})
	require.True(t, Finds(t, aclsDisabled, owned))
	for _, property := range []string{"website", "websites"} {
		require.True(t, Finds(t, noWebsite, []Res{R(aws.Bucket, "x", Props{property: Props{"indexDocument": "index.html"}})}), property)
	}
}

// Each kind of request without TLS must be denied, on the bucket or on objects with any key.
func TestRequestsWithoutTLS(t *testing.T) {
	deny := func(action, resources string) string {
		return `{"Effect":"Deny","Principal":"*","Action":` + action + `,"Resource":` + resources + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	}
	const whole, onObjects = `["arn:aws:s3:::bucket-id","arn:aws:s3:::bucket-id/*"]`, `"arn:aws:s3:::bucket-id/*"`
	require.False(t, Finds(t, tlsOnly, bucketWithPolicy(deny(`"s3:*"`, whole))))
	require.True(t, Finds(t, tlsOnly, bucketWithPolicy(deny(`"s3:*"`, `["arn:aws:s3:::bucket-id","arn:aws:s3:::bucket-id/raw/*"]`))))
	actions := strings.Fields("s3:ListBucket s3:GetBucketLocation s3:PutBucketPolicy s3:ListBucketMultipartUploads s3:GetObject s3:GetObjectVersion s3:PutObject s3:PutObjectAcl s3:DeleteObject s3:AbortMultipartUpload")
	quoted := func(list []string) string { return `["` + strings.Join(list, `","`) + `"]` }
	require.False(t, Finds(t, tlsOnly, bucketWithPolicy(deny(quoted(actions), whole))))
	for i, action := range actions {
		others := slices.Delete(slices.Clone(actions), i, i+1)
		require.True(t, Finds(t, tlsOnly, bucketWithPolicy(deny(quoted(others), whole))), action)
	}
	for _, keys := range []string{"z*", "0*", "_*", "a/*", "b/*"} { // Each of these statements allows the other keys.
		policy := "[" + deny(`"s3:*"`, `"arn:aws:s3:::bucket-id"`) + "," + deny(`"s3:*"`, `"arn:aws:s3:::bucket-id/`+keys+`"`) + "]"
		require.True(t, Finds(t, tlsOnly, bucketWithPolicy(policy)), keys)
	}
	for name, want := range map[string]bool{"*": false, "arn:aws:s3:::*": false, "arn:aws:s3:::bucket-id*": false, "arn:x": true} {
		require.Equal(t, want, Finds(t, tlsOnly, bucketWithPolicy(deny(`"s3:*"`, `"`+name+`"`))), name)
	}
	for name, want := range map[string]bool{"events": false, "ev*": false, "other*": true} {
		example := bucketWithPolicy(deny(`"s3:*"`, `["arn:aws:s3:::`+name+`","arn:aws:s3:::`+name+`/*"]`))
		example[0] = R(aws.Bucket, "bucket", Props{"bucket": "events"})
		require.Equal(t, want, Finds(t, tlsOnly, example), name)
	}
	require.True(t, Finds(t, tlsOnly, bucketWithPolicy(deny(`"s3:*"`, onObjects))))
}

// A statement for each action may cover only some keys.
func TestKeysWithoutTLS(t *testing.T) {
	deny := func(actions, resources string) string {
		return `{"Effect":"Deny","Principal":"*",` + actions + `,"Resource":` + resources + `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	}
	others := deny(`"NotAction":"s3:GetObject"`, `["arn:aws:s3:::bucket-id","arn:aws:s3:::bucket-id/*"]`)
	for keys, refused := range map[string]bool{"*": false, "a/*": true, "z*": true} {
		policy := "[" + others + "," + deny(`"Action":"s3:GetObject"`, `"arn:aws:s3:::bucket-id/`+keys+`"`) + "]"
		require.Equal(t, refused, Finds(t, tlsOnly, bucketWithPolicy(policy)), keys)
	}
}

// An unknown account may be another one.
func TestUnknownAccounts(t *testing.T) {
	policy := policyOf(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/r"},"Action":"s3:GetObject","Resource":"*"}`)
	policy[0].Props["arn"] = ""
	identity := R(originAccessIdentity, "identity", Props{"arn": "", "s3CanonicalUserId": "0123abcd"})
	findings := policyNoCrossAccount.CheckStack(Build(t, append(policy, identity), rule.DefaultSettings(rule.Prod)))
	require.Len(t, findings, 1)
	require.Equal(t, rule.Undecided, findings[0].Kind)
	require.Equal(t, "policy", findings[0].Property)
}

// Findings name the property to change.
func TestPropertiesOfFindings(t *testing.T) {
	for property, found := range map[string][]struct {
		rule    rule.Rule
		example []Res
	}{
		"bucket": {
			{aclsDisabled, []Res{R(aws.BucketACL, "acl", Props{"bucket": "x"})}}, {noWebsite, []Res{R(aws.BucketWebsite, "website", Props{"bucket": "x"})}},
			{publicAccessBlockPresent, append(with(aws.BucketPublicAccess, "a", Props{}), R(aws.BucketPublicAccess, "b", Props{"bucket": Ref("bucket")}))},
		},
		"targetBucket": {{logTargetSeparate, with(aws.BucketLogging, "logging", Props{"targetBucket": Ref("bucket"), "targetPrefix": "x/"})}},
	} {
		for _, f := range found {
			findings := f.rule.CheckStack(Build(t, f.example, rule.DefaultSettings(rule.Prod)))
			require.Len(t, findings, 1, f.rule.ID)
			require.Equal(t, property, findings[0].Property, f.rule.ID)
		}
	}
}

// A Deny of everyone must leave administrators access by TLS, or by a condition that they can meet.
func TestLockouts(t *testing.T) {
	for statement, want := range map[string]bool{
		`"Effect":"Deny","Principal":"*","Action":"s3:*"`:                                                          true,
		`"Effect":"Allow","Principal":"*","Action":"s3:*"`:                                                         false,
		`"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:role/r"},"Action":"s3:*"`:                   false,
		`"Effect":"Deny","Principal":"*","Action":"s3:GetObject"`:                                                  false,
		`"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`:      true,
		`"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`:     false,
		`"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}`:        false,
		`"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"StringLike":{"aws:PrincipalArn":"*"}}`:      true,
		`"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"StringLike":{"aws:PrincipalArn":"arn:*"}}`:  false,
		`"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"StringNotEquals":{"aws:PrincipalArn":"*"}}`: false,
	} {
		require.Equal(t, want, Finds(t, policyNoLockout, policyOf("{"+statement+`,"Resource":"*"}`)), statement)
	}
}

func TestObjectsWithOtherEncryption(t *testing.T) {
	key := R(aws.Key, "key", Props{})
	for encryption, want := range map[string]bool{"": false, "aws:kms": false, "aws:kms:dsse": false, "AES256": true} {
		require.Equal(t, want, Finds(t, encryptionCMK, []Res{key, R(aws.BucketObject, "object", Props{"serverSideEncryption": encryption, "kmsKeyId": Arn("key")})}), encryption)
	}
	require.True(t, Finds(t, encryptionCMK, []Res{key, R(aws.BucketObject, "object", Props{"kmsKeyId": "arn:aws:kms:eu-west-1:1:key/x"})}))
	require.False(t, Finds(t, encryptionCMK, []Res{key, R(aws.BucketObject, "object", Props{})}))
	for algorithm, want := range map[string]bool{"AES256": false, "aws:kms": false, "aws:kms:dsse": false, "none": true} {
		require.Equal(t, want, Finds(t, encryptionPresent, encryption(Props{"applyServerSideEncryptionByDefault": Props{"sseAlgorithm": algorithm}})), algorithm)
	}
}

func TestCoverageOfLifecycleRules(t *testing.T) {
	abort := func(days int, more Props) []Res {
		more["status"], more["abortIncompleteMultipartUpload"] = "Enabled", Props{"daysAfterInitiation": days}
		return lifecycle(more)
	}
	require.False(t, Finds(t, lifecycleAbortMultipart, abort(7, Props{})))
	require.True(t, Finds(t, lifecycleAbortMultipart, abort(8, Props{})))
	for _, part := range []Props{{"prefix": "raw/"}, {"filter": Props{"prefix": "raw/"}}, {"filter": Props{"tag": Props{"key": "a"}}}, {"filter": Props{"and": Props{"prefix": "a"}}}} {
		require.True(t, Finds(t, lifecycleAbortMultipart, abort(7, part)), part)
	}
	old := func(days int, versions string, more ...any) []Res {
		rules := append([]any{Props{"status": "Enabled", "noncurrentVersionExpiration": Props{"noncurrentDays": days}}}, more...)
		return append(lifecycle(rules...), R(aws.BucketVersioning, "versioning", Props{"bucket": Ref("bucket"), "versioningConfiguration": Props{"status": versions}}))
	}
	for days, want := range map[int]bool{7: false, 6: true, 1: true, 0: true} {
		require.Equal(t, want, Finds(t, lifecycleNoncurrentExpiry, old(days, "Enabled")), days)
		require.False(t, Finds(t, lifecycleNoncurrentExpiry, old(days, "Suspended")), days)
	}
	for days, want := range map[int]bool{7: false, 6: true, 1: true, 0: false} {
		of := func(more Props) []Res {
			more["status"], more["expiration"] = "Enabled", Props{"days": days}
			return old(30, "Enabled", more)
		}
		require.Equal(t, want, Finds(t, lifecycleNoncurrentExpiry, of(Props{})), days)
		require.False(t, Finds(t, lifecycleNoncurrentExpiry, of(Props{"prefix": "tmp/"})), "a part of the bucket only")
	}
	require.True(t, Finds(t, lifecycleNoncurrentExpiry, old(30, "Enabled", Props{"status": "Enabled", "expiration": Props{"date": "2030-01-01"}})))
	require.True(t, Finds(t, lifecycleNoncurrentExpiry, old(30, "Enabled", Props{"status": "Disabled", "noncurrentVersionExpiration": Props{"noncurrentDays": 6}})))
	results := func(days int, status, location string, filter Props) []Res {
		filter["status"], filter["expiration"] = status, Props{"days": days}
		return append(lifecycle(filter),
			R(aws.AthenaWorkgroup, "workgroup", Props{"configuration": Props{"resultConfiguration": Props{"outputLocation": location}}}))
	}
	for days, want := range map[int]bool{30: false, 31: true, 1: false, 0: true} {
		require.Equal(t, want, Finds(t, lifecycleQueryResultsExpire, results(days, "Enabled", "s3://bucket-id/results/", Props{})), days)
	}
	require.True(t, Finds(t, lifecycleQueryResultsExpire, results(30, "Disabled", "s3://bucket-id/results/", Props{})))
	require.True(t, Finds(t, lifecycleQueryResultsExpire, results(30, "Enabled", "s3://bucket-id/results/", Props{"prefix": "raw/"})))
	require.False(t, Finds(t, lifecycleQueryResultsExpire, results(30, "Enabled", "s3://bucket-id/results/", Props{"prefix": "res"})))
	require.False(t, Finds(t, lifecycleQueryResultsExpire, results(90, "Enabled", "s3://other/results/", Props{})), "the bucket of another stack")
	require.False(t, Finds(t, lifecycleQueryResultsExpire, results(90, "Enabled", "", Props{})), "no location")
	without := results(90, "Enabled", "s3://bucket-id/results/", Props{})
	require.True(t, Finds(t, lifecycleQueryResultsExpire, []Res{without[0], without[2]}), "no lifecycle configuration")
}

func TestPublicAccessBlocks(t *testing.T) {
	block := func(name string) Res { return R(aws.BucketPublicAccess, name, Props{"bucket": Ref("bucket")}) }
	require.False(t, Finds(t, publicAccessBlockPresent, []Res{bucket, block("a")}))
	require.True(t, Finds(t, publicAccessBlockPresent, []Res{bucket, block("a"), block("b")}))
	names := strings.Fields("blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets")
	for _, off := range names {
		props := Props{"bucket": "b"}
		for _, name := range names {
			props[name] = name != off
		}
		require.True(t, Finds(t, publicAccessBlockComplete, []Res{R(aws.BucketPublicAccess, "block", props)}), off)
		s := Build(t, []Res{R(aws.BucketPublicAccess, "block", props)}, rule.DefaultSettings(rule.Prod))
		require.Equal(t, map[string]property.Value{off: property.New(true)}, publicAccessBlockComplete.Remediate(s.Resources[0]), off)
	}
	unread := Build(t, []Res{R(aws.BucketPublicAccess, "block", Props{names[0]: "odd", names[1]: true, names[2]: true, names[3]: true})}, rule.DefaultSettings(rule.Prod))
	require.Empty(t, publicAccessBlockComplete.Remediate(unread.Resources[0]), "unreadable values are not changed")
}

func TestTargetsOfTheStack(t *testing.T) {
	example := func(list, property, kind string) []Res {
		return append(with(aws.BucketNotification, "notification", Props{list: List{Props{property: Arn("target")}}}), R(kind, "target", Props{}))
	}
	require.False(t, Finds(t, notificationsOwn, example("lambdaFunctions", "lambdaFunctionArn", aws.Function)))
	require.False(t, Finds(t, notificationsOwn, example("queues", "queueArn", aws.Queue)))
	require.False(t, Finds(t, notificationsOwn, example("topics", "topicArn", aws.Topic)))
	require.False(t, Finds(t, objectNoSecretScript, with(aws.BucketObject, "object", Props{})))
	require.True(t, Finds(t, objectNoSecretScript, []Res{R(aws.BucketObject, "object", Props{"bucket": "others"})}))
}

func TestFilesWithCredentials(t *testing.T) {
	const credential = "AKIAIOSFODNN7EXAMPLE" //nolint:gosec // The example of AWS's documentation.
	object := func(content string) []Res {
		path := filepath.Join(t.TempDir(), "script")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		file, err := asset.FromPath(path)
		require.NoError(t, err)
		return []Res{R(aws.BucketObject, "object", Props{"source": property.New(file)})}
	}
	require.False(t, Finds(t, objectNoSecretScript, object("print()")))
	require.True(t, Finds(t, objectNoSecretScript, object(strings.Repeat(" ", 1<<20-len(credential))+credential)))
	require.False(t, Finds(t, objectNoSecretScript, object(strings.Repeat(" ", 1<<20+1-len(credential))+credential)), "a data file")
	path := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	gone, err := asset.FromPath(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	require.False(t, Finds(t, objectNoSecretScript, []Res{R(aws.BucketObject, "object", Props{"source": property.New(gone)})}))
	text := Build(t, []Res{R(aws.BucketObject, "object", Props{"source": "text"})}, rule.Settings{}).Resources[0]
	require.Equal(t, []rule.Finding{{Kind: rule.Failed, Property: "source", Message: "source is something else, expected an asset"}}, checkObject(text))
}
