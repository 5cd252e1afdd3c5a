package ec2

import (
	"context"
	"fmt"
	"localaws/gateway/query"
	"net/url"
	"slices"

	"github.com/beevik/etree"
)

const ruleRecords = "ec2-prefix-list-rules"

// prefixRule is a prefix list as the target of a security group rule, which the emulator ignores.
type prefixRule struct{ PrefixListID, Description string }

func (s *Service) ruleHandlers() query.Handlers {
	return query.Handlers{
		"ec2:AuthorizeSecurityGroupIngress": s.authorize,
		"ec2:AuthorizeSecurityGroupEgress":  s.authorize,
		"ec2:RevokeSecurityGroupIngress":    revoke,
		"ec2:RevokeSecurityGroupEgress":     revoke,
		"ec2:DescribeSecurityGroupRules":    s.describeRules,
	}
}

func (s *Service) authorize(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	dropPorts(x)
	rules := prefixRules(x)
	a, err := x.Send(ctx)
	if err != nil || len(rules) == 0 {
		return a, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		for _, item := range root.FindElements("securityGroupRuleSet/item") {
			if hasTarget(item) || len(rules) == 0 {
				continue
			}
			// The emulator returns rules in the order of the request.
			if err := s.setTarget(ctx, x, item, rules[0]); err != nil {
				return err
			}
			rules = rules[1:]
		}
		return nil
	})
}

// revoke drops ignored ports, so that the emulator finds the rule: the provider revokes a new group's default egress
// rule with ports 0 to 0.
func revoke(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	dropPorts(x)
	return x.Send(ctx)
}

// dropPorts removes the ports of permissions for all protocols. EC2 ignores these ports, but the emulator does not:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func dropPorts(x *query.Exchange) {
	for i := 1; x.Form.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
		prefix := fmt.Sprintf("IpPermissions.%d.", i)
		if x.Get(prefix+"IpProtocol") == "-1" {
			x.Form.Del(prefix + "FromPort")
			x.Form.Del(prefix + "ToPort")
		}
	}
}

// setTarget adds the prefix list to the emulator's rule.
func (s *Service) setTarget(ctx context.Context, x *query.Exchange, item *etree.Element, r prefixRule) error {
	id := query.Text(item, "securityGroupRuleId")
	const rule = "SecurityGroupRule.1.SecurityGroupRule."
	change := url.Values{"GroupId": {query.Text(item, "groupId")}, "SecurityGroupRule.1.SecurityGroupRuleId": {id}, rule + "PrefixListId": {r.PrefixListID}}
	if r.Description != "" {
		change.Set(rule+"Description", r.Description)
	}
	if _, err := x.Call(ctx, "ModifySecurityGroupRules", change); err != nil {
		return err
	}
	r.correct(item)
	return s.Store.Put(ruleRecords, id, r)
}

func (s *Service) describeRules(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		items := slices.DeleteFunc(root.FindElements("securityGroupRuleSet/item"), hasTarget)
		return correctRecorded(s.Store, ruleRecords, items, "securityGroupRuleId", (*prefixRule).correct)
	})
}

func (r prefixRule) correct(item *etree.Element) {
	query.Set(item, "prefixListId", r.PrefixListID)
	if query.Text(item, "description") == "" && r.Description != "" {
		query.Set(item, "description", r.Description)
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

// prefixRules returns the request's permissions with a prefix list.
func prefixRules(x *query.Exchange) []prefixRule {
	var rules []prefixRule
	for i := 1; x.Form.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
		prefix := fmt.Sprintf("IpPermissions.%d.PrefixListIds.1.", i)
		if id := x.Get(prefix + "PrefixListId"); id != "" {
			rules = append(rules, prefixRule{PrefixListID: id, Description: x.Get(prefix + "Description")})
		}
	}
	return rules
}
