package compute

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var volumesEncrypted = rule.Rule{
	ID:       "ec2-ebs-encrypted",
	Title:    "The volumes of an instance are encrypted",
	Why:      "Unencrypted volumes and their snapshots are readable to whoever gets the medium or the snapshot.",
	Fix:      "Set RootBlockDevice.Encrypted: pulumi.Bool(true), and so for every EbsBlockDevice.",
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
	Title:    "The volumes of an instance are encrypted with a customer managed key",
	Why:      "Only a customer managed key lets you revoke access to the data and see its use.",
	Fix:      "Set RootBlockDevice.KmsKeyId, and so for every EbsBlockDevice.",
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
	Title:    "An instance reports its metrics every minute",
	Why:      "Metrics every five minutes miss short peaks.",
	Fix:      "Set Monitoring: pulumi.Bool(true) on the ec2.Instance.",
	Sources:  "cdk-nag AwsSolutions-EC28; checkov CKV_AWS_126",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.Instance},
	Resource: rule.Property("monitoring", matcher.True, "detailed monitoring is off"),
}

var ebsOptimized = rule.Rule{
	ID:       "ec2-ebs-optimized",
	Title:    "An instance has dedicated bandwidth to its volumes",
	Why:      "Otherwise traffic to volumes and to the network slow each other down.",
	Fix:      "Set EbsOptimized: pulumi.Bool(true); types from t3 on have it anyway.",
	Sources:  "checkov CKV_AWS_135; cdk-nag NIST.800.53.R5-EC2EBSOptimizedInstance",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.Instance},
	Resource: rule.Property("ebsOptimized", matcher.True, "it is not said"),
}

var typeAllowed = rule.Rule{
	ID:       "ec2-instance-type-allowed",
	Title:    "An instance has a current type, and a size allowed in its environment",
	Why:      "Old types cost more and are slower; a large one is billed even while idle.",
	Fix:      "Set InstanceType to a type allowed in this environment.",
	Sources:  "FSBP EC2.24; project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Options: []rule.Option{
		rule.Texts("types", "instance types allowed, * as wildcard", func(s *rule.Settings) *[]string { return &s.InstanceTypes }),
	},
	Types: []string{aws.Instance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("instanceType"), matcher.Like(r.Settings.InstanceTypes...), "the type is not one for this environment")
	},
}
