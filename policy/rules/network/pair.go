package network

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var rdsIngressKnownGroups = rule.Rule{
	ID:       "sg-rds-ingress-known-groups",
	Title:    "A database admits only groups of this stack, on its port",
	Why:      "An address block admits every machine with an address in it.",
	Fix:      "Give the database's group one ingress rule for each client with ReferencedSecurityGroupId and the database's port.",
	Sources:  "project; cdk-nag AwsSolutions-RDS8",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append(groupTypes(ingress), aws.DBInstance),
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
				groups, maybe := s.Referred(db, db.Get("vpcSecurityGroupIds"), aws.SecurityGroup)
				if len(groups) == 0 && !maybe {
					return rule.Violate(db.Get("vpcSecurityGroupIds"), "the database has no security group of this stack")
				}
				return nil
			}),
			eachDatabaseGroup(s, func(db, group rule.Resource) []rule.Finding {
				var findings []rule.Finding
				for _, p := range permissionsOf(s, group, ingress) {
					findings = append(findings, rule.On(p.of, rule.All(
						requireNoBlock(p), requireKnownGroups(s, p), requireDatabasePort(p, db),
						requireNoList(p),
					))...)
				}
				return findings
			}),
		)
	},
}

func requireNoBlock(p permission) []rule.Finding {
	for _, block := range p.cidrs() {
		if !matcher.Missing(block) {
			return rule.Violate(block, "an address block is let in")
		}
	}
	return nil
}

func requireNoList(p permission) []rule.Finding {
	for _, list := range p.prefixLists() {
		if !matcher.Missing(list) {
			return rule.Violate(list, "a list of address blocks is let in")
		}
	}
	return nil
}

func requireFewPorts(p permission) []rule.Finding {
	of, err := p.portsOf()
	if err == nil && of.to-of.from >= mostPorts {
		return rule.Violate(p.protocol(), "more ports than one service needs are let in")
	}
	return rule.Unreadable(err)
}

func requireKnownGroups(s rule.Stack, p permission) []rule.Finding {
	var findings []rule.Finding
	for _, group := range p.groups() {
		if !matcher.Missing(group) {
			findings = append(findings, s.RequireReference(p.of, group, "a group that is not of this stack is let in", aws.SecurityGroup)...)
		}
	}
	return findings
}

// defaultPorts are the ports of engines without a configured port.
var defaultPorts = map[string]float64{"mysql": 3306, "mariadb": 3306, "postgres": 5432}

func requireDatabasePort(p permission, db rule.Resource) []rule.Finding {
	port, err := db.Get("port").Number()
	engine, engineErr := db.Get("engine").Text()
	if port == 0 {
		port = defaultPorts[engine]
	}
	if err != nil || engineErr != nil || port == 0 {
		return rule.Unreadable(firstOf(err, engineErr))
	}
	only := matcher.AllOf(matcher.At("fromPort", matcher.AtLeast(port)), matcher.At("fromPort", matcher.AtMost(port)), matcher.At("toPort", matcher.AtMost(port)))
	return rule.Require(p.at, only, "other ports than the database's are let in")
}

func eachDatabaseGroup(s rule.Stack, checkIt func(db, group rule.Resource) []rule.Finding) []rule.Finding {
	return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
		groups, maybe := s.Referred(db, db.Get("vpcSecurityGroupIds"), aws.SecurityGroup)
		if len(groups) == 0 && maybe {
			return rule.Undecidable(db.Get("vpcSecurityGroupIds"), "not known yet")
		}
		var findings []rule.Finding
		for _, group := range groups {
			findings = append(findings, rule.On(group, checkIt(db, group))...)
		}
		return findings
	})
}

var rdsNoEgress = rule.Rule{
	ID:       "sg-rds-no-egress",
	Title:    "A database opens no connections",
	Why:      "A database only answers: an outgoing connection is a sign of an attack.",
	Fix:      "Give the database's group no egress rule.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    append(groupTypes(egress), aws.DBInstance),
	Stack: func(s rule.Stack) []rule.Finding {
		return eachDatabaseGroup(s, func(_, group rule.Resource) []rule.Finding {
			for _, p := range permissionsOf(s, group, egress) {
				return rule.On(p.of, rule.Violate(p.at, "the database may open connections"))
			}
			return nil
		})
	},
}

var glueSelfRulePresent = rule.Rule{
	ID:       "sg-glue-self-rule-present",
	Title:    "The workers of a Glue job reach each other",
	Why:      "Glue requires that the connection's group admits all TCP ports from itself: driver and executors use them all.",
	Fix:      "Add an ingress rule for TCP 0-65535 with ReferencedSecurityGroupId the group itself.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    append(groupTypes(ingress), aws.GlueConnection),
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueConnection, func(c rule.Resource) []rule.Finding {
			property := c.Get("physicalConnectionRequirements", "securityGroupIdLists")
			groups, maybe := s.Referred(c, property, aws.SecurityGroup)
			for _, group := range groups {
				if slices.ContainsFunc(permissionsOf(s, group, ingress), func(p permission) bool {
					all, err := p.allPorts()
					return all && err == nil && p.fromItself(group)
				}) {
					return nil
				}
			}
			if len(groups) == 0 && maybe {
				return rule.Undecidable(property, "not known yet")
			}
			return rule.Violate(property, "no group of the connection lets in all TCP ports from itself")
		})
	},
}

var glueSelfRuleOnlySelf = rule.Rule{
	ID:       "sg-glue-self-rule-only-self",
	Title:    "All ports of Glue's workers are open to themselves only",
	Why:      "The ports between driver and executors need no password: whoever reaches them runs code with the job's role.",
	Fix:      "Let the rule for all ports come from the group itself, and give databases another group.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append(groupTypes(ingress), aws.GlueConnection, aws.DBInstance),
	Stack: func(s rule.Stack) []rule.Finding {
		glue := glueGroups(s)
		return s.Each(aws.SecurityGroup, func(group rule.Resource) []rule.Finding {
			if _, ok := glue[group.URN]; !ok {
				return nil
			}
			var findings []rule.Finding
			for _, p := range permissionsOf(s, group, ingress) {
				if !p.onlyFromItself(group) {
					findings = append(findings, rule.On(p.of, requireFewPorts(p))...)
				}
			}
			for _, db := range s.Of(aws.DBInstance) {
				groups, _ := s.Referred(db, db.Get("vpcSecurityGroupIds"), aws.SecurityGroup)
				if slices.ContainsFunc(groups, func(g rule.Resource) bool { return g.URN == group.URN }) {
					findings = append(findings, rule.On(db, rule.Violate(db.Get("vpcSecurityGroupIds"), "the database shares the group of Glue's workers"))...)
				}
			}
			return findings
		})
	},
}
