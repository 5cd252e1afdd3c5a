package services

import "localaws/iam/policy"

// via returns the context of a KMS request that a service makes for the caller.
func (p Place) via(service string) policy.Context {
	return keys("kms:ViaService", service+"."+p.Region+".amazonaws.com", "kms:CallerAccount", p.Account)
}

// UploadPart is s3:PutObject for a part of an upload, which uses the key differently.
const UploadPart = "s3:PutObject of a part"

// ObjectKey returns the KMS requests that S3 makes for the caller: reading decrypts the object's data key, writing and
// starting an upload create a data key, and each part of the upload decrypts it. The encryption context is the object,
// or the bucket if it has a bucket key.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
func (p Place) ObjectKey(caller policy.Principal, s3Action, object, bucketKeyOf, key string) []policy.Request {
	context := p.via("s3")
	source := object
	if bucketKeyOf != "" {
		source = p.bucket(bucketKeyOf)
	}
	context.Set("kms:EncryptionContext:aws:s3:arn", source)
	context.Set("kms:EncryptionContextKeys", "aws:s3:arn")
	switch s3Action {
	case "s3:GetObject", "s3:GetObjectVersion", UploadPart:
		return as(caller, each(key, context, "kms:Decrypt")...)
	case "s3:PutObject":
		return as(caller, each(key, context, "kms:GenerateDataKey")...)
	default:
		return nil
	}
}

// SecretKey returns the KMS requests that Secrets Manager makes for the caller if a customer key encrypts a secret.
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
