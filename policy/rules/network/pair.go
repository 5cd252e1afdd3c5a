package network

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var rdsIngressKnownGroups = rule.Rule{
	ID:       "sg-rds-ingress-known-groups",
	Title:    "Databases allow ingress only from security groups of this stack, on the database port",
	Why:      "An address block allows ingress from every resource with an address in it.",
	Fix:      "Add one ingress rule for each client to the database's security group, with ReferencedSecurityGroupId and the database port.",
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
			return rule.Violate(block, "ingress from an address block is allowed")
		}
	}
	return nil
}

func requireNoList(p permission) []rule.Finding {
	for _, list := range p.prefixLists() {
		if !matcher.Missing(list) {
			return rule.Violate(list, "ingress from a prefix list is allowed")
		}
	}
	return nil
}

func requireFewPorts(p permission) []rule.Finding {
	of, err := p.portsOf()
	if err == nil && of.to-of.from >= mostPorts {
		return rule.Violate(p.protocol(), "ingress to more than 1000 ports is allowed")
	}
	return rule.Unreadable(err)
}

func requireKnownGroups(s rule.Stack, p permission) []rule.Finding {
	var findings []rule.Finding
	for _, group := range p.groups() {
		if !matcher.Missing(group) {
			findings = append(findings, s.RequireReference(p.of, group, "ingress from a security group outside this stack is allowed", aws.SecurityGroup)...)
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
	return rule.Require(p.at, only, "ingress to ports other than the database's is allowed")
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
	Title:    "Security groups of databases have no egress rules",
	Why:      "A database only responds: an outgoing connection is a sign of an attack.",
	Fix:      "Remove the egress rules of the database's security group.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    append(groupTypes(egress), aws.DBInstance),
	Stack: func(s rule.Stack) []rule.Finding {
		return eachDatabaseGroup(s, func(_, group rule.Resource) []rule.Finding {
			for _, p := range permissionsOf(s, group, egress) {
				return rule.On(p.of, rule.Violate(p.at, "the database's security group has an egress rule"))
			}
			return nil
		})
	},
}

var glueSelfRulePresent = rule.Rule{
	ID:       "sg-glue-self-rule-present",
	Title:    "Each Glue connection has a security group that allows ingress from itself on all TCP ports",
	Why:      "Glue requires this rule, because the driver and executors of a job use all ports.",
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
			return rule.Violate(property, "no security group of the connection allows ingress from itself on all TCP ports")
		})
	},
}

var glueSelfRuleOnlySelf = rule.Rule{
	ID:       "sg-glue-self-rule-only-self",
	Title:    "Security groups of Glue connections allow all ports only from themselves, and no database uses them",
	Why:      "The ports between driver and executors need no password: whoever reaches them runs code with the job's role.",
	Fix:      "Limit the rule for all ports to the security group itself, and use another security group for databases.",
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
					findings = append(findings, rule.On(db, rule.Violate(db.Get("vpcSecurityGroupIds"), "the database uses the security group of a Glue connection"))...)
				}
			}
			return findings
		})
	},
}
