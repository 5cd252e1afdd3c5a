package original

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// storage is a bucket with versions only: no encryption, no public access block, no policy.
func storage(ctx *pulumi.Context) {
	bucket := must(s3.NewBucketV2(ctx, name, &s3.BucketV2Args{Bucket: pulumi.String(bucketName)}))
	must(s3.NewBucketVersioningV2(ctx, name, &s3.BucketVersioningV2Args{
		Bucket:                  bucket.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}))
}

// database is large, not encrypted, open to the whole VPC, and does not require TLS, because it has no parameter
// group. The secret contains its login.
func database(ctx *pulumi.Context, n network) *secretsmanager.Secret {
	password := must(random.NewRandomPassword(ctx, name, &random.RandomPasswordArgs{Length: pulumi.Int(32), Special: pulumi.Bool(false)}))
	secret := must(secretsmanager.NewSecret(ctx, name, &secretsmanager.SecretArgs{}))
	must(secretsmanager.NewSecretVersion(ctx, name, &secretsmanager.SecretVersionArgs{
		SecretId:     secret.ID(),
		SecretString: pulumi.Sprintf(`{"username":%q,"password":%q}`, databaseUser, password.Result),
	}))
	group := n.group(ctx, "database", ec2.SecurityGroupIngressArgs{
		Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(3306), ToPort: pulumi.Int(3306), CidrBlocks: pulumi.ToStringArray([]string{vpcBlock}),
	})
	subnets := must(rds.NewSubnetGroup(ctx, name, &rds.SubnetGroupArgs{SubnetIds: pulumi.StringArray{n.app[0].ID(), n.app[1].ID()}}))
	must(rds.NewInstance(ctx, name, &rds.InstanceArgs{
		Engine: pulumi.String("mysql"), EngineVersion: pulumi.String("5.7"), InstanceClass: pulumi.String("db.r5.large"),
		AllocatedStorage: pulumi.Int(100), DbName: pulumi.String(databaseName),
		Username: pulumi.String(databaseUser), Password: password.Result,
		DbSubnetGroupName: subnets.Name, VpcSecurityGroupIds: pulumi.StringArray{group.ID()},
		SkipFinalSnapshot: pulumi.Bool(true),
	}))
	return secret
}
