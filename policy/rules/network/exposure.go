package network

import (
	"regexp"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var noWorldIngress = rule.Rule{
	ID:       "sg-no-world-ingress",
	Title:    "Security groups do not allow ingress from the internet",
	Why:      "Nothing in the pipeline serves the public; scanners find an open port within minutes.",
	Fix:      "Replace the address block with the security group of the caller.",
	Sources:  "FSBP EC2.18; cdk-nag AwsSolutions-EC23; cdk-nag AwsSolutions-RDS8; checkov CKV_AWS_260; checkov CKV_AWS_277; pulumi aws-ec2-securitygroup-disallow-public-internet-ingress; pulumi aws-ec2-securitygroup-disallow-inbound-http-traffic; trivy aws-ec2-no-public-ingress-sgr",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    groupTypes(ingress),
	Resource: eachPermission(ingress, func(p permission) []rule.Finding {
		return requireEachBlock(p, matcher.Not(world), "ingress from the internet is allowed")
	}),
}

// adminPorts are the ports of remote access, databases and tools in FSBP EC2.19.
var adminPorts = []float64{
	20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 1521, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
}

var noWorldAdminPort = rule.Rule{
	ID:           "sg-no-world-admin-or-db-port",
	Title:        "Security groups do not allow ingress from the internet to administration or database ports",
	Why:          "These ports are attacked constantly. The rule applies even if another rule has an exception for the port.",
	Fix:          "Use Session Manager to reach instances, and allow ingress to databases only from security groups.",
	NoExceptions: true,
	Sources:      "FSBP EC2.19; SecHub EC2.13; SecHub EC2.14; SecHub EC2.53; SecHub EC2.54; cdk-nag NIST.800.53.R5-EC2RestrictedSSH; cdk-nag NIST.800.53.R5-EC2RestrictedCommonPorts; checkov CKV_AWS_24; checkov CKV_AWS_25",
	Severity:     rule.Critical,
	Levels:       rule.Always,
	Types:        groupTypes(ingress),
	Resource: eachPermission(ingress, func(p permission) []rule.Finding {
		reachesOne := func(value.Value) (bool, error) { return p.coversPort(adminPorts...) }
		return requireEachBlock(p, matcher.Not(matcher.AllOf(world, reachesOne)), "ingress from the internet to an administration or database port is allowed")
	}),
}

// loginPorts are the adminPorts with logins: remote access and databases.
var loginPorts = []float64{21, 22, 23, 445, 1433, 1434, 1521, 3306, 3389, 5432, 5439, 5985, 5986, 6379, 9200, 27017}

var noPublicLogin = rule.Rule{
	ID:       "sg-no-public-login",
	Title:    "Security groups do not allow ingress from public addresses to remote access or database ports",
	Why:      "A public address belongs to an office, a laptop or a provider's gateway: whoever shares it, or gets it next, can try to log in.",
	Fix:      "Use Session Manager to reach instances, and allow ingress to databases only from security groups or private addresses.",
	Sources:  "FSBP EC2.13; FSBP EC2.14; project",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Types:    append(groupTypes(ingress), aws.Vpc, aws.PrefixList, aws.PrefixListEntry),
	Stack: func(s rule.Stack) []rule.Finding {
		outside := outsideOf(s.Of(aws.Vpc))
		var findings []rule.Finding
		for _, r := range s.Of(groupTypes(ingress)...) {
			findings = append(findings, rule.On(r, eachPermission(ingress, func(p permission) []rule.Finding {
				reachesOne := func(value.Value) (bool, error) { return p.coversPort(loginPorts...) }
				var blocks []rule.Finding
				for _, v := range append(p.cidrs(), p.listedBlocks(s)...) {
					blocks = append(blocks, rule.Require(v, matcher.Not(matcher.AllOf(outside, matcher.Not(world), reachesOne)),
						"ingress from a public address to a remote access or database port is allowed")...)
				}
				return blocks
			})(r))...)
		}
		return findings
	},
}

// outsideOf accepts blocks with internet addresses outside the VPCs, which may have public addresses of their owner.
// Another rule checks blocks that are the internet itself.
func outsideOf(vpcs []rule.Resource) rule.Test {
	return func(v value.Value) (bool, error) {
		block, ok, err := readBlock(v)
		if err != nil || !ok || public(block) == 0 {
			return false, err
		}
		return !slices.ContainsFunc(vpcs, func(vpc rule.Resource) bool {
			whole, ok, err := readBlock(vpc.Get("cidrBlock"))
			return ok && err == nil && contains(whole, block)
		}), nil
	}
}

var noOpenEgress = rule.Rule{
	ID:       "sg-no-open-egress",
	Title:    "Security groups allow egress to the internet only on port 443, and only to known prefix lists",
	Why:      "Compromised code sends data out through any open port.",
	Fix:      "Allow port 443 to the S3 prefix list and to endpoints, and the database port to the database's security group.",
	Sources:  "checkov CKV_AWS_382; trivy aws-ec2-no-public-egress-sgr",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    append(groupTypes(egress), aws.PrefixList, aws.VpcEndpoint),
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Of(groupTypes(egress)...) {
			findings = append(findings, rule.On(r, eachPermission(egress, func(p permission) []rule.Finding {
				return rule.All(requireLimitedEgress(p), requireKnownEgressLists(s, p))
			})(r))...)
		}
		return findings
	},
}

func requireLimitedEgress(p permission) []rule.Finding {
	onlyHTTPS := func(value.Value) (bool, error) { return p.onlyHTTPS() }
	open := matcher.AllOf(world, matcher.Not(onlyHTTPS))
	return requireEachBlock(p, matcher.Not(open), "egress to the internet is not limited to port 443")
}

// longList matches the ID of a prefix list that a customer may have created. Most of AWS's lists, such as S3's, have
// shorter IDs.
var longList = regexp.MustCompile(`^pl-[0-9a-f]{17}$`)

// requireKnownEgressLists accepts the lists of this stack, of its endpoints, and of AWS.
func requireKnownEgressLists(s rule.Stack, p permission) []rule.Finding {
	var findings []rule.Finding
	for _, list := range p.prefixLists() {
		text, err := list.Text()
		if err == nil && longList.MatchString(text) && !ofEndpoint(s, text) {
			findings = append(findings, s.RequireReference(p.of, list,
				"the prefix list belongs to neither this stack nor AWS", aws.PrefixList)...)
		}
	}
	return findings
}

// ofEndpoint reports whether a prefix list is AWS's list for a gateway endpoint of the stack.
func ofEndpoint(s rule.Stack, list string) bool {
	return slices.ContainsFunc(s.Of(aws.VpcEndpoint), func(endpoint rule.Resource) bool {
		text, err := value.Of(endpoint.Outputs).Get("prefixListId").Text()
		return err == nil && text == list
	})
}

func requireEachBlock(p permission, holds rule.Test, message string) []rule.Finding {
	var findings []rule.Finding
	for _, block := range p.cidrs() {
		findings = append(findings, rule.Require(block, holds, message)...)
	}
	return findings
}
