package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// metadataBySession requires IMDSv2 for an instance's metadata, out of reach of containers and
// proxies on it:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
func metadataBySession() ec2.InstanceMetadataOptionsArgs {
	return ec2.InstanceMetadataOptionsArgs{
		HttpEndpoint:            pulumi.String("enabled"),
		HttpTokens:              pulumi.String("required"),
		HttpPutResponseHopLimit: pulumi.Int(1),
	}
}

// encryptedDisk returns an encrypted root volume.
func encryptedDisk(gib int, key pulumi.StringInput) ec2.InstanceRootBlockDeviceArgs {
	return ec2.InstanceRootBlockDeviceArgs{
		VolumeType: pulumi.String("gp3"),
		VolumeSize: pulumi.Int(gib),
		Encrypted:  pulumi.Bool(true),
		KmsKeyId:   key,
	}
}
