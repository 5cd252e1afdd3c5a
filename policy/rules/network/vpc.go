package network

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var flowLogs = rule.Rule{
	ID:       "vpc-flow-logs",
	Title:    "VPCs have flow logs of all traffic",
	Why:      "Only flow logs show what connected to what, and why a connection failed.",
	Fix:      "Add an ec2.FlowLog with VpcId of the VPC and TrafficType ALL.",
	Sources:  "FSBP EC2.6; cdk-nag AwsSolutions-VPC7; checkov CKV2_AWS_11; trivy aws-ec2-require-vpc-flow-logs-for-all-vpcs",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Vpc, aws.FlowLog},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Vpc, func(vpc rule.Resource) []rule.Finding {
			logs, findings := s.RequireReferrer(vpc, aws.FlowLog, "vpcId", "the VPC has no flow log")
			for _, l := range logs {
				findings = append(findings, rule.On(l, rule.Require(l.Get("trafficType"), matcher.OneOf("ALL"), "some traffic is not logged"))...)
			}
			return findings
		})
	},
}

var flowLogDestination = rule.Rule{
	ID:       "vpc-flow-log-destination",
	Title:    "Flow logs go to a log group or bucket of this stack",
	Why:      "Outside the stack, they may have no retention, key or owner.",
	Fix:      "Set LogDestination to a cloudwatch.LogGroup of the stack, and IamRoleArn to a role of the stack.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.FlowLog, aws.LogGroup, aws.Bucket, aws.Role},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.FlowLog, func(l rule.Resource) []rule.Finding {
			destination := requireDestination(s, l)
			destination = append(destination, rule.Require(l.Get("deliverCrossAccountRole"), matcher.Absent,
				"the logs are delivered to another account")...)
			return append(destination, rule.When(l.Get("logDestinationType"), matcher.OneOf("", "cloud-watch-logs"), func() []rule.Finding {
				return s.RequireReference(l, l.Get("iamRoleArn"), "the role is not in this stack", aws.Role)
			})...)
		})
	},
}

// requireDestination requires a log group or bucket of the stack. In the ARN of a bucket, a folder follows the first
// slash.
func requireDestination(s rule.Stack, log rule.Resource) []rule.Finding {
	destination := log.Get("logDestination")
	text, err := destination.Text()
	bucket, _, _ := strings.Cut(text, "/")
	if err == nil && len(s.Identified(bucket, aws.Bucket)) > 0 {
		return nil
	}
	return s.RequireReference(log, destination, "the destination is not in this stack", aws.LogGroup, aws.Bucket)
}

var defaultGroupClosed = rule.Rule{
	ID:       "vpc-default-sg-closed",
	Title:    "The default security groups of VPCs allow no traffic",
	Why:      "A resource without a security group gets the default one, which allows connections between its members and to the internet.",
	Fix:      "Add an ec2.DefaultSecurityGroup for the VPC without Ingress and Egress.",
	Sources:  "FSBP EC2.2; cdk-nag NIST.800.53.R5-VPCDefaultSecurityGroupClosed; checkov CKV2_AWS_12; trivy aws-ec2-restrict-all-in-default-sg",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append(bothDirections(), aws.Vpc),
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.Vpc, func(vpc rule.Resource) []rule.Finding {
				_, findings := s.RequireReferrer(vpc, aws.DefaultSecurityGroup, "vpcId",
					"the default security group of the VPC has the rules that AWS creates")
				return findings
			}),
			s.Each(aws.DefaultSecurityGroup, func(g rule.Resource) []rule.Finding {
				return rule.All(
					rule.Require(g.Get("ingress"), matcher.Empty, "the default security group allows ingress"),
					rule.Require(g.Get("egress"), matcher.Empty, "the default security group allows egress"),
				)
			}),
			forbidRulesOfDefaultGroups(s),
		)
	},
}

// forbidRulesOfDefaultGroups reports separate rules of a default group, which is a resource or an output of its
// VPC.
func forbidRulesOfDefaultGroups(s rule.Stack) []rule.Finding {
	var findings []rule.Finding
	for _, r := range s.Of(aws.SecurityGroupRule, aws.SecurityGroupIngress, aws.SecurityGroupEgress) {
		id := r.Get("securityGroupId")
		groups, _ := s.Referred(r, id, aws.DefaultSecurityGroup)
		ofVpc := slices.ContainsFunc(s.Of(aws.Vpc), func(vpc rule.Resource) bool { return r.DependsOn(id.Path(), vpc) })
		if len(groups) > 0 || ofVpc {
			findings = append(findings, rule.On(r, rule.Violate(id, "the rule opens the default security group of a VPC"))...)
		}
	}
	return findings
}

var noDefaultVpc = rule.Rule{
	ID:       "vpc-no-default-vpc",
	Title:    "The stack does not use the default VPC",
	Why:      "Every subnet of the default VPC is public.",
	Fix:      "Use the stack's own ec2.Vpc and ec2.Subnet.",
	Sources:  "trivy aws-ec2-no-default-vpc",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DefaultVpc, aws.DefaultSubnet},
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Of(aws.DefaultVpc, aws.DefaultSubnet) {
			findings = append(findings, rule.On(r, rule.Violate(r.Get(), "the default VPC is used"))...)
		}
		return findings
	},
}

var dnsEnabled = rule.Rule{
	ID:       "vpc-dns-enabled",
	Title:    "VPCs have DNS resolution and DNS hostnames enabled",
	Why:      "The private names of endpoints and the name of the database require both.",
	Fix:      "Set EnableDnsSupport and EnableDnsHostnames to pulumi.Bool(true) on the ec2.Vpc.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Vpc},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("enableDnsSupport"), matcher.NotFalse, "DNS resolution is off"), // On by default.
			rule.Require(r.Get("enableDnsHostnames"), matcher.True, "DNS hostnames are off"),
		)
	},
}

var noAutoPublicIP = rule.Rule{
	ID:       "subnet-no-auto-public-ip",
	Title:    "Subnets do not assign public addresses automatically",
	Why:      "Otherwise, instances started in the subnet are on the internet by accident.",
	Fix:      "Remove MapPublicIpOnLaunch and AssignIpv6AddressOnCreation; a NAT gateway uses a separate address.",
	Sources:  "FSBP EC2.15; cdk-nag NIST.800.53.R5-VPCSubnetAutoAssignPublicIpDisabled; checkov CKV_AWS_130; trivy aws-ec2-no-public-ip-subnet",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Subnet},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("mapPublicIpOnLaunch"), matcher.NotTrue, "the subnet assigns public addresses"),
			rule.Require(r.Get("assignIpv6AddressOnCreation"), matcher.NotTrue, "the subnet assigns public IPv6 addresses"),
		)
	},
}
