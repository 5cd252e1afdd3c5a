package mutation

import "store-events/policy/aws"

var eventsBucket = to(aws.Bucket, "events", "bucket")

func bucketStatement(statement object) Change {
	return state(aws.BucketPolicy, "events-policy", "policy", statement)
}

var s3 = []Mutation{
	{Rule: "s3-encryption-present", Change: remove(aws.BucketEncryption, "events-encryption")},
	{Rule: "s3-public-access-block-complete", Change: set(aws.BucketPublicAccess, "events-private", "blockPublicPolicy", false)},
	{Rule: "s3-encryption-cmk", Change: set(aws.BucketEncryption, "events-encryption", "rules[0].applyServerSideEncryptionByDefault", object{"sseAlgorithm": "AES256"})},
	{Rule: "s3-bucket-key-enabled", Change: set(aws.BucketEncryption, "events-encryption", "rules[0].bucketKeyEnabled", false)},
	{Rule: "s3-public-access-block-present", Change: remove(aws.BucketPublicAccess, "logs-private")},
	{Rule: "s3-no-public-acl", Also: []string{"s3-acls-disabled"}, Change: add(aws.BucketACL, "open", object{"bucket": eventsBucket, "acl": "public-read"})},
	{Rule: "s3-acls-disabled", Change: set(aws.BucketOwnership, "events-ownership", "rule.objectOwnership", "ObjectWriter")},
	{Rule: "s3-no-website", Change: set(aws.Bucket, "events", "websites", list{object{"indexDocument": "index.html"}})},
	{Rule: "s3-versioning-enabled", Change: set(aws.BucketVersioning, "events-versions", "versioningConfiguration.status", "Suspended")},
	{Rule: "s3-force-destroy-off", Change: set(aws.Bucket, "events", "forceDestroy", true)},
	{Rule: "s3-lifecycle-present", Change: remove(aws.BucketLifecycle, "logs-lifecycle")},
	{Rule: "s3-lifecycle-abort-multipart", Change: unset(aws.BucketLifecycle, "events-lifecycle", "rules[0].abortIncompleteMultipartUpload")},
	{Rule: "s3-lifecycle-noncurrent-expiry", Change: unset(aws.BucketLifecycle, "events-lifecycle", "rules[0].noncurrentVersionExpiration")},
	{Rule: "s3-lifecycle-query-results-expire", Change: set(aws.BucketLifecycle, "events-lifecycle", "rules[1].expiration.days", 365)},
	{Rule: "s3-access-logging", Also: []string{"s3-encryption-cmk"}, Change: remove(aws.BucketLogging, "events-logging")},
	{Rule: "s3-log-target-separate", Change: set(aws.BucketLogging, "events-logging", "targetPrefix", "")},
	{Rule: "s3-log-bucket-policy-scoped", Change: edit(aws.BucketPolicy, "logs-policy", "policy", "aws:SourceAccount", "s3:x-amz-acl")},
	{Rule: "s3-tls-only", Change: edit(aws.BucketPolicy, "events-policy", "policy", "aws:SecureTransport", "aws:ViaAWSService")},
	{Rule: "s3-policy-no-public-allow", Change: bucketStatement(object{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + eventsBucket + "/*"})},
	{Rule: "s3-policy-no-cross-account", Change: bucketStatement(object{"Effect": "Allow", "Principal": object{"AWS": "arn:aws:iam::999999999999:root"}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::" + eventsBucket})},
	{Rule: "s3-policy-no-lockout", Change: bucketStatement(object{"Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::" + eventsBucket})},
	{Rule: "s3-notifications-own", Also: []string{"own-account-only"}, Change: set(aws.BucketNotification, "events-notification", "topics", list{object{"topicArn": "arn:aws:sns:us-east-1:999999999999:elsewhere", "events": list{"s3:ObjectCreated:*"}}})},
	{Rule: "s3-object-no-secret-script", Also: []string{"no-literal-credential"}, Change: add(aws.BucketObject, "login.py", object{"bucket": eventsBucket, "key": "scripts/login.py", "content": `password = "correct-horse-7"`})},
}
