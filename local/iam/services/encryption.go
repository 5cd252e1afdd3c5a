package services

import "store-events/local/iam/policy"

// via is the context of a key's use that a service makes for the caller.
func (p Place) via(service string) policy.Context {
	return keys("kms:ViaService", service+"."+p.Region+".amazonaws.com", "kms:CallerAccount", p.Account)
}

// ObjectKey is what S3 asks for the caller when an object is encrypted by a
// key: reading decrypts the object's data key, writing makes one, and the parts
// of an upload need both. The encryption context is the object, or the bucket
// where the bucket has a key of its own.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
func (p Place) ObjectKey(caller policy.Principal, s3Action, object, bucketKeyOf, key string) []policy.Request {
	context := p.via("s3")
	source := object
	if bucketKeyOf != "" {
		source = p.bucket(bucketKeyOf)
	}
	context.Set("kms:EncryptionContext:aws:s3:arn", source)
	context.Set("kms:EncryptionContextKeys", "aws:s3:arn")
	switch s3Action {
	case "s3:GetObject", "s3:GetObjectVersion":
		return as(caller, each(key, context, "kms:Decrypt")...)
	case "s3:PutObject":
		return as(caller, each(key, context, "kms:GenerateDataKey")...)
	default:
		return nil
	}
}

// SecretKey is what Secrets Manager asks for the caller when a secret is
// encrypted by a key other than its own.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
func (p Place) SecretKey(caller policy.Principal, action, secret, key string) []policy.Request {
	context := p.via("secretsmanager")
	context.Set("kms:EncryptionContext:SecretARN", secret)
	context.Set("kms:EncryptionContextKeys", "SecretARN", "SecretVersionId")
	switch action {
	case "secretsmanager:GetSecretValue":
		return as(caller, each(key, context, "kms:Decrypt")...)
	case "secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret":
		return as(caller, each(key, context, "kms:GenerateDataKey", "kms:Decrypt")...)
	default:
		return nil
	}
}
