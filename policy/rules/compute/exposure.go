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
	Title:    "The metadata service of an instance requires session tokens",
	Why:      "With version 1 of the metadata service, one forged request from inside reads the role's credentials.",
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
		return rule.Require(options.Get("httpTokens"), matcher.OneOf("required"), "version 1 of the metadata service is on")
	},
}

var imdsHopLimit = rule.Rule{
	ID:       "ec2-imds-hop-limit",
	Title:    "Credentials of an instance do not leave it",
	Why:      "With more than one hop, containers and proxies on the machine read them too.",
	Fix:      "Leave MetadataOptions.HttpPutResponseHopLimit out, or set it to 1.",
	Sources:  "project; SecHub AutoScaling.4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: rule.Property("metadataOptions.httpPutResponseHopLimit", matcher.MissingOr(matcher.AtMost(1)), "the answer may go further than the instance"),
}

var noPublicIP = rule.Rule{
	ID:       "ec2-no-public-ip",
	Title:    "An instance has no public address",
	Why:      "Session Manager reaches it: a public address only adds a way in.",
	Fix:      "Set AssociatePublicIpAddress: pulumi.Bool(false) on the ec2.Instance and give it no ec2.Eip.",
	Sources:  "FSBP EC2.9; cdk-nag NIST.800.53.R5-EC2InstanceNoPublicIp; checkov CKV_AWS_88; pulumi aws-ec2-instance-disallow-public-ip; trivy aws-ec2-no-public-ip",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.Eip, aws.EipAssociation, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.Instance, func(i rule.Resource) []rule.Finding {
				return rule.All(
					unlessNAT(s, i, rule.Require(i.Get("associatePublicIpAddress"), matcher.False, "a public address is not ruled out")),
					rule.Require(i.Get("ipv6AddressCount"), matcher.MissingOr(matcher.AtMost(0)), "the instance has an IPv6 address"),
					rule.Require(i.Get("ipv6Addresses"), matcher.Empty, "the instance has an IPv6 address"),
					rule.Require(i.Get("networkInterfaces"), matcher.Empty, "an interface from outside the stack brings its own address"),
				)
			}),
			forbidAddresses(s),
		)
	},
}

// unlessNAT drops findings about settings that a NAT instance needs: its group and its
// firewall limit who can reach it.
func unlessNAT(s rule.Stack, instance rule.Resource, findings []rule.Finding) []rule.Finding {
	if vpcgraph.IsNATInstance(s, instance) {
		return nil
	}
	return findings
}

// forbidAddresses reports public addresses of machines; addresses of NAT gateways have neither property.
func forbidAddresses(s rule.Stack) []rule.Finding {
	var findings []rule.Finding
	for _, r := range s.Of(aws.Eip, aws.EipAssociation) {
		for _, key := range []string{"instance", "networkInterface", "instanceId", "networkInterfaceId"} {
			if !matcher.Missing(r.Get(key)) {
				findings = append(findings, rule.On(r, rule.Violate(r.Get(key), "a machine is given a public address"))...)
			}
		}
	}
	return findings
}

var privateSubnet = rule.Rule{
	ID:       "ec2-private-subnet",
	Title:    "An instance is in a subnet without a route to an internet gateway",
	Why:      "With such a route, the instance needs only a public address to be on the internet.",
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
	Title:    "An instance has a role of this stack",
	Why:      "Without one, somebody puts access keys on it.",
	Fix:      "Set IamInstanceProfile to the name of an iam.InstanceProfile of the stack.",
	Sources:  "checkov CKV2_AWS_41; cdk-nag NIST.800.53.R5-EC2InstanceProfileAttached",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.InstanceProfile, aws.Role, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return append(
			s.Each(aws.Instance, func(i rule.Resource) []rule.Finding {
				// A NAT instance calls no APIs, so it needs no role, whose credentials could be stolen.
				return unlessNAT(s, i, s.RequireReference(i, i.Get("iamInstanceProfile"), "the instance has no profile of this stack", aws.InstanceProfile))
			}),
			s.Each(aws.InstanceProfile, func(p rule.Resource) []rule.Finding {
				if matcher.Missing(p.Get("role")) {
					return nil
				}
				return s.RequireReference(p, p.Get("role"), "the role is not one of this stack", aws.Role)
			})...)
	},
}

var noKeyPair = rule.Rule{
	ID:       "ec2-no-key-pair",
	Title:    "An instance has no SSH key",
	Why:      "A key is copied and never expires; Session Manager identifies and records each user.",
	Fix:      "Leave KeyName out.",
	Sources:  "project; FSBP SSM.1",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: rule.Property("keyName", matcher.Absent, "an SSH key is given"),
}

var singleInterface = rule.Rule{
	ID:       "ec2-single-eni-source-check",
	Title:    "An instance has one network interface, and forwards nothing",
	Why:      "An instance in two networks, or one that forwards traffic, bypasses the security groups between them.",
	Fix:      "Leave NetworkInterfaces and SourceDestCheck out.",
	Sources:  "FSBP EC2.17; FSBP EC2.180",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Instance, func(r rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(r.Get("networkInterfaces"), atMostOne, "the instance has more than one interface"),
				unlessNAT(s, r, rule.Require(r.Get("sourceDestCheck"), matcher.NotFalse, "the instance forwards what is not meant for it")),
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
