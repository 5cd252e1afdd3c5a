package compute

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

var imdsV2 = rule.Rule{
	ID:       "ec2-imdsv2",
	Title:    "EC2 instances require Instance Metadata Service Version 2 (IMDSv2)",
	Why:      "With IMDSv1, a single server-side request forgery exposes the role's credentials.",
	Fix:      "Set MetadataOptions.HttpTokens to required.",
	Sources:  "FSBP EC2.8; cdk-nag NIST.800.53.R5-EC2IMDSv2Enabled; checkov CKV_AWS_79; trivy aws-ec2-enforce-http-token-imds",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: func(r rule.Resource) []rule.Finding {
		options := r.Get("metadataOptions")
		if off, err := matcher.OneOf("disabled")(options.Get("httpEndpoint")); off && err == nil {
			return nil // The endpoint is off.
		}
		return rule.Require(options.Get("httpTokens"), matcher.OneOf("required"), "IMDSv1 is enabled")
	},
}

var imdsHopLimit = rule.Rule{
	ID:       "ec2-imds-hop-limit",
	Title:    "The instance metadata service responds only to the instance itself",
	Why:      "With a hop limit above 1, containers and proxies on the instance can also read its credentials.",
	Fix:      "Remove MetadataOptions.HttpPutResponseHopLimit, or set it to 1.",
	Sources:  "project; SecHub AutoScaling.4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: rule.Property("metadataOptions.httpPutResponseHopLimit", matcher.MissingOr(matcher.AtMost(1)), "the hop limit is above 1"),
}

var noPublicIP = rule.Rule{
	ID:       "ec2-no-public-ip",
	Title:    "EC2 instances other than NAT instances have no public IP address",
	Why:      "Session Manager works without a public IP address, which only exposes the instance.",
	Fix:      "Set AssociatePublicIpAddress: pulumi.Bool(false) on the ec2.Instance, and remove its ec2.Eip, IPv6 addresses and NetworkInterfaces.",
	Sources:  "FSBP EC2.9; cdk-nag NIST.800.53.R5-EC2InstanceNoPublicIp; checkov CKV_AWS_88; pulumi aws-ec2-instance-disallow-public-ip; trivy aws-ec2-no-public-ip",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.Eip, aws.EipAssociation, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.Instance, func(i rule.Resource) []rule.Finding {
				return rule.All(
					unlessNAT(s, i, rule.Require(i.Get("associatePublicIpAddress"), matcher.False, "the instance may get a public IP address")),
					rule.Require(i.Get("ipv6AddressCount"), matcher.MissingOr(matcher.AtMost(0)), "the instance has an IPv6 address"),
					rule.Require(i.Get("ipv6Addresses"), matcher.Empty, "the instance has an IPv6 address"),
					rule.Require(i.Get("networkInterfaces"), matcher.Empty, "an attached network interface may have a public IP address"),
				)
			}),
			forbidAddresses(s),
		)
	},
}

// unlessNAT drops findings about settings that a NAT instance needs: its security group and its
// firewall limit who can reach it.
func unlessNAT(s rule.Stack, instance rule.Resource, findings []rule.Finding) []rule.Finding {
	if vpcgraph.IsNATInstance(s, instance) {
		return nil
	}
	return findings
}

// forbidAddresses reports Elastic IP addresses of instances and network interfaces; those of NAT gateways set none of
// these properties.
func forbidAddresses(s rule.Stack) []rule.Finding {
	var findings []rule.Finding
	for _, r := range s.Of(aws.Eip, aws.EipAssociation) {
		for _, key := range []string{"instance", "networkInterface", "instanceId", "networkInterfaceId"} {
			if !matcher.Missing(r.Get(key)) {
				findings = append(findings, rule.On(r, rule.Violate(r.Get(key), "the Elastic IP address belongs to an instance or network interface"))...)
			}
		}
	}
	return findings
}

var privateSubnet = rule.Rule{
	ID:       "ec2-private-subnet",
	Title:    "EC2 instances other than NAT instances are in subnets without a route to an internet gateway",
	Why:      "With such a route, a public IP address alone exposes the instance to the internet.",
	Fix:      "Set SubnetId on the ec2.Instance to a private subnet of the stack.",
	Sources:  "cdk-nag NIST.800.53.R5-EC2InstancesInVPC; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.Subnet, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Instance, func(i rule.Resource) []rule.Finding {
			return unlessNAT(s, i, vpcgraph.RequirePrivate(s, i, i.Get("subnetId")))
		})
	},
}

var instanceProfile = rule.Rule{
	ID:       "ec2-instance-profile",
	Title:    "EC2 instances other than NAT instances have an instance profile and role of this stack",
	Why:      "Without a role, programs on the instance need access keys, which do not expire.",
	Fix:      "Set IamInstanceProfile to the name of an iam.InstanceProfile of the stack.",
	Sources:  "checkov CKV2_AWS_41; cdk-nag NIST.800.53.R5-EC2InstanceProfileAttached",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.InstanceProfile, aws.Role, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return append(
			s.Each(aws.Instance, func(i rule.Resource) []rule.Finding {
				// A NAT instance calls no APIs, so it needs no role, whose credentials could be stolen.
				return unlessNAT(s, i, s.RequireReference(i, i.Get("iamInstanceProfile"), "the instance has no instance profile of this stack", aws.InstanceProfile))
			}),
			s.Each(aws.InstanceProfile, func(p rule.Resource) []rule.Finding {
				if matcher.Missing(p.Get("role")) {
					return nil
				}
				return s.RequireReference(p, p.Get("role"), "the role is not in this stack", aws.Role)
			})...)
	},
}

var noKeyPair = rule.Rule{
	ID:       "ec2-no-key-pair",
	Title:    "EC2 instances have no SSH key pair",
	Why:      "Private keys are easily copied and never expire; Session Manager identifies and logs each user.",
	Fix:      "Remove KeyName.",
	Sources:  "project; FSBP SSM.1",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: rule.Property("keyName", matcher.Absent, "an SSH key pair is set"),
}

var singleInterface = rule.Rule{
	ID:       "ec2-single-eni-source-check",
	Title:    "EC2 instances have one network interface; all but NAT instances check source and destination",
	Why:      "An instance with interfaces in two networks, or one that forwards traffic, bypasses the security groups between them.",
	Fix:      "Remove NetworkInterfaces and SourceDestCheck.",
	Sources:  "FSBP EC2.17; FSBP EC2.180",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Instance, func(r rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(r.Get("networkInterfaces"), atMostOne, "the instance has more than one network interface"),
				unlessNAT(s, r, rule.Require(r.Get("sourceDestCheck"), matcher.NotFalse, "source/destination checking is off")),
			)
		})
	},
}

func atMostOne(v value.Value) (bool, error) {
	elements := v.Elements()
	for _, e := range elements {
		if err := e.Err(); err != nil {
			return false, err
		}
	}
	return len(elements) <= 1, nil
}
