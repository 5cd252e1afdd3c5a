package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/vpcgraph"
)

var notPublic = rule.Rule{
	ID:       "rds-not-public",
	Title:    "RDS instances are not publicly accessible, and their snapshots are not shared",
	Why:      "With a public address, only security groups protect the database from the internet. Other accounts can restore a shared snapshot and read all rows.",
	Fix:      "Set PubliclyAccessible: pulumi.Bool(false) on the rds.Instance and place it in private subnets. Remove SharedAccounts from the rds.Snapshot.",
	Sources:  "FSBP RDS.2; cdk-nag NIST.800.53.R5-RDSInstancePublicAccess; checkov CKV_AWS_17; pulumi aws-rds-instance-disallow-public-access; trivy aws-rds-enable-public-access",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.DBSnapshot},
	Resource: func(r rule.Resource) []rule.Finding {
		if r.Type == aws.DBSnapshot {
			return rule.Require(r.Get("sharedAccounts"), matcher.Empty, "the snapshot is shared")
		}
		return rule.Require(r.Get("publiclyAccessible"), matcher.NotTrue, "the instance is publicly accessible")
	},
}

var privateSubnets = rule.Rule{
	ID:       "rds-private-subnets",
	Title:    "RDS instances are in subnets without a route to an internet gateway",
	Why:      "With such a route, the database is on the internet as soon as someone gives it a public address.",
	Fix:      "Set DbSubnetGroupName to an rds.SubnetGroup of the stack with subnets whose route tables have no internet gateway.",
	Sources:  "FSBP RDS.46; SecHub RDS.18",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.DBSubnetGroup, aws.Subnet, aws.Route},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			name := db.Get("dbSubnetGroupName")
			findings := s.RequireReference(db, name, "the subnet group is not in this stack", aws.DBSubnetGroup)
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
	Title:    "DB subnet groups have subnets in at least two availability zones",
	Why:      "With one availability zone, a database can neither fail over nor become multi-AZ later.",
	Fix:      "Set SubnetIds of the rds.SubnetGroup to one subnet in each of two availability zones.",
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
	Title:    "RDS instances do not use the default port",
	Why:      "Scanners try the default port first; another one keeps noise out of the logs, but stops no attack.",
	Fix:      "Set Port on the rds.Instance to another port and use it in the security group and the secret.",
	Sources:  "FSBP RDS.23; cdk-nag AwsSolutions-RDS11",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("port", matcher.NoneOf("", "3306", "5432", "1433", "1521"), "the instance uses the default port"),
}
