package actions

import (
	"fmt"
	"slices"
	"strings"

	"localaws/iam/policy"
)

// ec2Kinds maps prefixes of IDs to resource types.
var ec2Kinds = map[string]string{
	"eni": "network-interface", "subnet": "subnet", "sg": "security-group", "sgr": "security-group-rule", "vpc": "vpc",
	"i": "instance", "vol": "volume", "vpce": "vpc-endpoint", "rtb": "route-table", "igw": "internet-gateway",
	"nat": "natgateway", "eipalloc": "elastic-ip", "fl": "vpc-flow-log", "acl": "network-acl", "lt": "launch-template",
	"pl": "prefix-list", "dopt": "dhcp-options", "ami": "image", "snap": "snapshot",
}

// ec2Resources returns the resources of CreateTags and DeleteTags, which can be of any type.
func (c *Call) ec2Resources() []string {
	if c.Operation != "CreateTags" && c.Operation != "DeleteTags" {
		return nil
	}
	return c.ec2ByID()
}

func (c *Call) ec2ByID() []string {
	var found []string
	for _, id := range c.params.get("ResourceId") {
		prefix, _, _ := strings.Cut(id, "-")
		kind, ok := ec2Kinds[prefix]
		if !ok {
			return []string{c.accountARN("ec2", "*/*")}
		}
		found = append(found, c.accountARN("ec2", kind+"/"+id))
	}
	return found
}

// optional returns requests for the operation's action on resources that are optional in the reference: new resources
// with tags, an instance's volume, and a flow log's source.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
func (c *Call) optional() []policy.Request {
	var found []string
	for _, kind := range c.tagged() {
		found = append(found, c.accountARN("ec2", kind+"/*"))
	}
	switch c.Operation {
	case "RunInstances":
		found = append(found, c.accountARN("ec2", "volume/*"))
	case "CreateFlowLogs":
		found = append(found, c.ec2ByID()...)
	}
	listed := c.resources()
	var needs []policy.Request
	for _, resource := range found {
		if !slices.Contains(listed, resource) {
			needs = append(needs, policy.Request{Action: "ec2:" + c.Operation, Resource: resource, Context: c.context()})
		}
	}
	return needs
}

// tagged returns the types of resources that a request creates with tags.
func (c *Call) tagged() []string {
	var kinds []string
	for i := 1; ; i++ {
		kind := first(c.params, fmt.Sprintf("TagSpecification.%d.ResourceType", i))
		if kind == "" {
			return kinds
		}
		kinds = append(kinds, kind)
	}
}

// privateZone returns the request to associate the VPC with AWS's hosted zone for an endpoint's private DNS names. EC2
// makes it when private DNS is enabled.
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
	// The zone is not known in advance, so only a star allows it.
	return []policy.Request{{Action: "route53:AssociateVPCWithHostedZone", Resource: "*", Context: policy.Context{}}}
}

// createTags returns the requests for tags in a creating request:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
func (c *Call) createTags() []policy.Request {
	var needs []policy.Request
	for i, kind := range c.tagged() {
		specific := c.tags(fmt.Sprintf("TagSpecification.%d.Tag", i+1))
		if len(specific) == 0 {
			continue
		}
		specific.Set("ec2:CreateAction", c.Operation)
		needs = append(needs, policy.Request{Action: "ec2:CreateTags", Resource: c.accountARN("ec2", kind+"/*"), Context: specific})
	}
	return needs
}

// tags returns the condition keys of the tags in a form's list.
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
