// Package aws names the resource types that the rules judge, each spelled once, as pulumi-aws v6 does.
package aws

// Resource types.
const (
	Instance           = "aws:ec2/instance:Instance"
	Bucket             = "aws:s3/bucketV2:BucketV2"
	BucketACL          = "aws:s3/bucketAclV2:BucketAclV2"
	BucketEncryption   = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	BucketLifecycle    = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	BucketLogging      = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	BucketObject       = "aws:s3/bucketObjectv2:BucketObjectv2"
	BucketOwnership    = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	BucketPolicy       = "aws:s3/bucketPolicy:BucketPolicy"
	BucketPublicAccess = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	BucketVersioning   = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	BucketWebsite      = "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2"
	Key                = "aws:kms/key:Key"
	DBInstance         = "aws:rds/instance:Instance"
	DBParameterGroup   = "aws:rds/parameterGroup:ParameterGroup"
	DBSubnetGroup      = "aws:rds/subnetGroup:SubnetGroup"
	GlueConnection     = "aws:glue/connection:Connection"
	Secret             = "aws:secretsmanager/secret:Secret"
)
