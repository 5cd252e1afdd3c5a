package compute

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var volumesEncrypted = rule.Rule{
	ID:       "ec2-ebs-encrypted",
	Title:    "EBS volumes of EC2 instances are encrypted",
	Why:      "Anyone who obtains the storage medium or a snapshot of an unencrypted volume can read the data.",
	Fix:      "Set Encrypted: pulumi.Bool(true) in RootBlockDevice and every EbsBlockDevice.",
	Sources:  "FSBP EC2.3; FSBP EC2.7; cdk-nag AwsSolutions-EC26; checkov CKV_AWS_8; pulumi aws-ec2-instance-disallow-unencrypted-root-block-device; pulumi aws-ec2-instance-disallow-unencrypted-block-device; trivy aws-ec2-enable-at-rest-encryption",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: eachVolume(func(volume value.Value) []rule.Finding {
		return rule.Require(volume.Get("encrypted"), matcher.True, "the volume is not encrypted")
	}),
}

var volumesCMK = rule.Rule{
	ID:       "ec2-ebs-cmk",
	Title:    "EBS volumes of EC2 instances are encrypted with a customer managed key",
	Why:      "Only a customer managed key lets you revoke access to the data and audit its use.",
	Fix:      "Set KmsKeyId in RootBlockDevice and every EbsBlockDevice.",
	Sources:  "trivy aws-ec2-volume-encryption-customer-key",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.Instance},
	Resource: eachVolume(func(volume value.Value) []rule.Finding {
		return rule.RequireGiven(volume.Get("kmsKeyId"), "the volume has no customer managed key")
	}),
}

func eachVolume(checkIt func(value.Value) []rule.Finding) func(rule.Resource) []rule.Finding {
	return func(r rule.Resource) []rule.Finding {
		return append(checkIt(r.Get("rootBlockDevice")), rule.Each(r.Get("ebsBlockDevices"), checkIt)...)
	}
}

var detailedMonitoring = rule.Rule{
	ID:       "ec2-detailed-monitoring",
	Title:    "EC2 instances use detailed monitoring",
	Why:      "Basic monitoring reports metrics every five minutes and misses short peaks.",
	Fix:      "Set Monitoring: pulumi.Bool(true) on the ec2.Instance.",
	Sources:  "cdk-nag AwsSolutions-EC28; checkov CKV_AWS_126",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Instance},
	Resource: rule.Property("monitoring", matcher.True, "detailed monitoring is off"),
}

var ebsOptimized = rule.Rule{
	ID:       "ec2-ebs-optimized",
	Title:    "EC2 instances are EBS-optimized",
	Why:      "Otherwise volume and network traffic share bandwidth and slow each other down.",
	Fix:      "Set EbsOptimized: pulumi.Bool(true); instance types since t3 are EBS-optimized by default.",
	Sources:  "checkov CKV_AWS_135; cdk-nag NIST.800.53.R5-EC2EBSOptimizedInstance",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.Instance},
	Resource: rule.Property("ebsOptimized", matcher.True, "EbsOptimized is not set to true"),
}

var typeAllowed = rule.Rule{
	ID:       "ec2-instance-type-allowed",
	Title:    "EC2 instances use a type allowed in the environment",
	Why:      "Old instance types are slower and cost more; large ones are billed even while idle.",
	Fix:      "Set InstanceType to a type allowed in this environment.",
	Sources:  "FSBP EC2.24; project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Options: []rule.Option{
		rule.Texts("types", "allowed instance types; * is a wildcard", func(s *rule.Settings) *[]string { return &s.InstanceTypes }),
	},
	Types: []string{aws.Instance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("instanceType"), matcher.Like(r.Settings.InstanceTypes...), "the instance type is not allowed in this environment")
	},
}
