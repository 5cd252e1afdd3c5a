package policy_test

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// resource is a resource of any type token, so that the test programs do not need a generated SDK.
type resource struct {
	pulumi.CustomResourceState
	Arn    pulumi.StringOutput `pulumi:"arn"`
	Result pulumi.StringOutput `pulumi:"result"`
}

// registry registers resources and keeps the first error.
type registry struct {
	ctx *pulumi.Context
	err error
}

func (p *registry) add(token, name string, inputs pulumi.Map) *resource {
	var r resource
	if err := p.ctx.RegisterResource(token, name, inputs, &r); err != nil && p.err == nil {
		p.err = err
	}
	return &r
}

// pipeline declares compliant resources. change may change their inputs by name; nil removes a resource.
func pipeline(change func(inputs map[string]pulumi.Map)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p := &registry{ctx: ctx}
		key := p.add("aws:kms/key:Key", "key", pulumi.Map{"description": pulumi.String("data"), "enableKeyRotation": pulumi.Bool(true)})
		bucket := p.add("aws:s3/bucketV2:BucketV2", "bucket", pulumi.Map{})
		password := p.add("random:index/randomPassword:RandomPassword", "password", pulumi.Map{"length": pulumi.Int(32)})
		secret := p.add("aws:secretsmanager/secret:Secret", "secret", pulumi.Map{"kmsKeyId": key.Arn})
		inputs := map[string]pulumi.Map{
			"block": {
				"bucket": bucket.ID(), "blockPublicAcls": pulumi.Bool(true), "blockPublicPolicy": pulumi.Bool(true),
				"ignorePublicAcls": pulumi.Bool(true), "restrictPublicBuckets": pulumi.Bool(true),
			},
			"encryption": {"bucket": bucket.ID(), "rules": pulumi.Array{pulumi.Map{
				"bucketKeyEnabled": pulumi.Bool(true),
				"applyServerSideEncryptionByDefault": pulumi.Map{
					"sseAlgorithm": pulumi.String("aws:kms"), "kmsMasterKeyId": key.Arn,
				},
			}}},
			"database": {
				"engine": pulumi.String("mysql"), "instanceClass": pulumi.String("db.t4g.micro"), "allocatedStorage": pulumi.Int(20),
				"username": pulumi.String("mystiquemaster"), "password": pulumi.ToSecret(password.Result),
				"storageEncrypted": pulumi.Bool(true), "publiclyAccessible": pulumi.Bool(false), "skipFinalSnapshot": pulumi.Bool(true),
			},
			"connection": {"connectionType": pulumi.String("JDBC"), "connectionProperties": pulumi.Map{
				"JDBC_CONNECTION_URL": pulumi.String("jdbc:mysql://db.example:3306/store_events"),
				"JDBC_ENFORCE_SSL":    pulumi.String("true"), "SECRET_ID": secret.Arn,
			}},
		}
		if change != nil {
			change(inputs)
		}
		for name, token := range map[string]string{
			"block":      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
			"encryption": "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
			"database":   "aws:rds/instance:Instance",
			"connection": "aws:glue/connection:Connection",
		} {
			if inputs[name] != nil {
				p.add(token, name, inputs[name])
			}
		}
		return p.err
	}
}
