package actions

import (
	"fmt"
	"strings"

	"localaws/iam/policy"
)

// ec2Kinds are the resource types of the ids that workloads and deployments tag.
var ec2Kinds = map[string]string{
	"eni": "network-interface", "subnet": "subnet", "sg": "security-group", "sgr": "security-group-rule", "vpc": "vpc",
	"i": "instance", "vol": "volume", "vpce": "vpc-endpoint", "rtb": "route-table", "igw": "internet-gateway",
	"nat": "natgateway", "eipalloc": "elastic-ip", "fl": "vpc-flow-log", "acl": "network-acl", "lt": "launch-template",
	"pl": "prefix-list", "dopt": "dhcp-options", "ami": "image", "snap": "snapshot",
}

// ec2Resources: tags are put on resources of any type, known by their ids.
func (c *Call) ec2Resources() []string {
	if c.Operation != "CreateTags" && c.Operation != "DeleteTags" {
		return nil
	}
	var found []string
	for _, id := range c.params.get("ResourceId") {
		prefix, _, _ := strings.Cut(id, "-")
		kind, ok := ec2Kinds[prefix]
		if !ok {
			return []string{c.own("ec2", "*/*")}
		}
		found = append(found, c.own("ec2", kind+"/"+id))
	}
	return found
}

// privateZone is the permission to associate the VPC with the zone of AWS in which an endpoint's private names are. EC2
// checks it when it creates an endpoint with private names, or gives an endpoint such names.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func (c *Call) privateZone() []policy.Request {
	switch c.Operation {
	case "CreateVpcEndpoint", "ModifyVpcEndpoint":
	default:
		return nil
	}
	if first(c.params, "PrivateDnsEnabled") != "true" {
		return nil
	}
	// Nobody knows the zone beforehand, so that only a star allows it.
	return []policy.Request{{Action: "route53:AssociateVPCWithHostedZone", Resource: "*", Context: policy.Context{}}}
}

// createTags is the permission that tags in a creating request need:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
func (c *Call) createTags() []policy.Request {
	var needs []policy.Request
	for i := 1; ; i++ {
		kind := first(c.params, fmt.Sprintf("TagSpecification.%d.ResourceType", i))
		if kind == "" {
			return needs
		}
		specific := c.tags(fmt.Sprintf("TagSpecification.%d.Tag", i))
		if len(specific) == 0 {
			continue
		}
		specific.Set("ec2:CreateAction", c.Operation)
		needs = append(needs, policy.Request{Action: "ec2:CreateTags", Resource: c.own("ec2", kind+"/*"), Context: specific})
	}
}

// tags are the condition keys of the tags in a form's list.
func (c *Call) tags(list string) policy.Context {
	specific := policy.Context{}
	for i := 1; ; i++ {
		key := first(c.params, fmt.Sprintf("%s.%d.Key", list, i))
		if key == "" {
			return specific
		}
		specific.Set("aws:RequestTag/"+key, first(c.params, fmt.Sprintf("%s.%d.Value", list, i)))
		specific.Add("aws:TagKeys", key)
	}
}
