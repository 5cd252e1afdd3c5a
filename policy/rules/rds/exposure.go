package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/vpcgraph"
)

var notPublic = rule.Rule{
	ID:       "rds-not-public",
	Title:    "A database instance has no public address, and its snapshots are shared with nobody",
	Why:      "A public address puts the login prompt of the database on the internet; protected only by security groups. Whoever a snapshot is shared with has all rows.",
	Fix:      "Set PubliclyAccessible: pulumi.Bool(false) on the rds.Instance and place it in private subnets. Leave SharedAccounts out of an rds.Snapshot.",
	Sources:  "FSBP RDS.2; cdk-nag NIST.800.53.R5-RDSInstancePublicAccess; checkov CKV_AWS_17; pulumi aws-rds-instance-disallow-public-access; trivy aws-rds-enable-public-access",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.DBSnapshot},
	Resource: func(r rule.Resource) []rule.Finding {
		if r.Type == aws.DBSnapshot {
			return rule.Require(r.Get("sharedAccounts"), matcher.Empty, "the snapshot is shared")
		}
		return rule.Require(r.Get("publiclyAccessible"), matcher.NotTrue, "the instance has a public address")
	},
}

var privateSubnets = rule.Rule{
	ID:       "rds-private-subnets",
	Title:    "A database instance is in subnets without a route to the internet",
	Why:      "A subnet with an internet gateway makes the database reachable as soon as someone gives it a public address.",
	Fix:      "Set DbSubnetGroupName to an rds.SubnetGroup of the stack over subnets whose route tables have no internet gateway.",
	Sources:  "FSBP RDS.46; SecHub RDS.18",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.DBSubnetGroup, aws.Subnet, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			name := db.Get("dbSubnetGroupName")
			findings := s.RequireReference(db, name, "names no subnet group of this stack", aws.DBSubnetGroup)
			groups, _ := s.Referred(db, name, aws.DBSubnetGroup)
			for _, g := range groups {
				findings = append(findings, rule.On(g, vpcgraph.RequirePrivate(s, g, g.Get("subnetIds")))...)
			}
			return findings
		})
	},
}

var subnetGroupMultiAZ = rule.Rule{
	ID:       "rds-subnet-group-multi-az",
	Title:    "A subnet group spans two availability zones",
	Why:      "A database in a group of one zone cannot fail over, nor be made multi-AZ later.",
	Fix:      "Give SubnetIds of the rds.SubnetGroup one subnet in each of two zones.",
	Sources:  "FSBP RDS.5; project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.DBSubnetGroup, aws.Subnet},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBSubnetGroup, func(g rule.Resource) []rule.Finding {
			return vpcgraph.RequireTwoZones(s, g, g.Get("subnetIds"))
		})
	},
}

var nonDefaultPort = rule.Rule{
	ID:       "rds-non-default-port",
	Title:    "A database instance does not listen on the default port",
	Why:      "Scanners try the default port first; another one keeps noise out of the logs, though it stops nobody.",
	Fix:      "Set Port on the rds.Instance to another port and use it in the security group and the secret.",
	Sources:  "FSBP RDS.23; cdk-nag AwsSolutions-RDS11",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("port", matcher.NoneOf("", "3306", "5432", "1433", "1521"), "it listens on the default port"),
}
