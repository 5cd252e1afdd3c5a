package gateway

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/beevik/etree"
)

const ruleRecords = "ec2-prefix-list-rules"

// prefixRule is the target of a security group rule, which the emulator neither reads from a request nor shows.
type prefixRule struct{ PrefixListID, Description string }

func (s *ec2) ruleHandlers() map[string]queryHandler {
	return map[string]queryHandler{
		"ec2:AuthorizeSecurityGroupIngress": s.authorize,
		"ec2:AuthorizeSecurityGroupEgress":  s.authorize,
		"ec2:RevokeSecurityGroupIngress":    revoke,
		"ec2:RevokeSecurityGroupEgress":     revoke,
		"ec2:DescribeSecurityGroupRules":    s.describeRules,
	}
}

func (s *ec2) authorize(ctx context.Context, x *exchange) (*answer, error) {
	forgetPorts(x)
	rules := prefixRules(x)
	a, err := x.send(ctx)
	if err != nil || len(rules) == 0 {
		return a, err
	}
	return a, a.edit(func(root *etree.Element) error {
		for _, item := range root.FindElements("securityGroupRuleSet/item") {
			if hasTarget(item) || len(rules) == 0 {
				continue
			}
			// Rules come in the order of the request.
			if err := s.target(ctx, x, item, rules[0]); err != nil {
				return err
			}
			rules = rules[1:]
		}
		return nil
	})
}

// revoke has the emulator find the rules: the provider revokes the rule to
// everywhere that a new group has by ports 0 to 0.
func revoke(ctx context.Context, x *exchange) (*answer, error) {
	forgetPorts(x)
	return x.send(ctx)
}

// forgetPorts drops the ports of permissions for every protocol, which EC2
// ignores and the emulator does not:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func forgetPorts(x *exchange) {
	for i := 1; x.form.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
		prefix := fmt.Sprintf("IpPermissions.%d.", i)
		if x.get(prefix+"IpProtocol") == "-1" {
			x.form.Del(prefix + "FromPort")
			x.form.Del(prefix + "ToPort")
		}
	}
}

// target adds the prefix list to the emulator's rule.
func (s *ec2) target(ctx context.Context, x *exchange, item *etree.Element, r prefixRule) error {
	id := text(item, "securityGroupRuleId")
	const rule = "SecurityGroupRule.1.SecurityGroupRule."
	change := url.Values{"GroupId": {text(item, "groupId")}, "SecurityGroupRule.1.SecurityGroupRuleId": {id}, rule + "PrefixListId": {r.PrefixListID}}
	if r.Description != "" {
		change.Set(rule+"Description", r.Description)
	}
	if _, err := x.ask(ctx, "ModifySecurityGroupRules", change); err != nil {
		return err
	}
	r.correct(item)
	return s.store.Put(ruleRecords, id, r)
}

func (s *ec2) describeRules(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.edit(func(root *etree.Element) error {
		items := slices.DeleteFunc(root.FindElements("securityGroupRuleSet/item"), hasTarget)
		return correctRecorded(s.store, ruleRecords, items, "securityGroupRuleId", (*prefixRule).correct)
	})
}

func (r prefixRule) correct(item *etree.Element) {
	set(item, "prefixListId", r.PrefixListID)
	if text(item, "description") == "" && r.Description != "" {
		set(item, "description", r.Description)
	}
}

func hasTarget(item *etree.Element) bool {
	for _, name := range []string{"cidrIpv4", "cidrIpv6", "referencedGroupInfo"} {
		if item.SelectElement(name) != nil {
			return true
		}
	}
	return false
}

// prefixRules returns the request's permissions to a prefix list.
func prefixRules(x *exchange) []prefixRule {
	var rules []prefixRule
	for i := 1; x.form.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
		prefix := fmt.Sprintf("IpPermissions.%d.PrefixListIds.1.", i)
		if id := x.get(prefix + "PrefixListId"); id != "" {
			rules = append(rules, prefixRule{PrefixListID: id, Description: x.get(prefix + "Description")})
		}
	}
	return rules
}
