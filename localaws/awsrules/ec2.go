package awsrules

import (
	"regexp"
	"strings"
)

var ec2Rules = map[string]rule{
	"ec2:CreateSecurityGroup":                        securityGroup,
	"ec2:AuthorizeSecurityGroupIngress":              permissions,
	"ec2:AuthorizeSecurityGroupEgress":               permissions,
	"ec2:UpdateSecurityGroupRuleDescriptionsIngress": permissions,
	"ec2:UpdateSecurityGroupRuleDescriptionsEgress":  permissions,
	"ec2:ModifySecurityGroupRules":                   changedRules,
}

const descriptionSet = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"

// descriptionText matches the names and descriptions that EC2 accepts for security groups in a VPC, and the
// descriptions of their rules:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
var descriptionText = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}$`)

func securityGroup(p params) error {
	// The model's name for GroupDescription is Description.
	return first(ascii("GroupName", p.text("GroupName")), groupName(p.text("GroupName")),
		ascii("GroupDescription", p.text("Description")), groupDescription(p.text("Description")), tagSpecifications(p))
}

func ascii(name, value string) error {
	for _, c := range value {
		if c > 127 {
			return refuse("InvalidParameterValue", "Value (%s) for parameter %s is invalid. Character sets beyond ASCII are not supported.", value, name)
		}
	}
	return nil
}

func groupName(name string) error {
	if strings.HasPrefix(name, "sg-") {
		return refuse("InvalidParameterValue", "Invalid value '%s' for groupName. Group names may not be in the format sg-*", name)
	}
	if name == "" || !descriptionText.MatchString(name) {
		return refuse("InvalidParameterValue", "Invalid security group name. Valid names are non-empty strings less than 256 characters from the following set:  %s", descriptionSet)
	}
	return nil
}

func groupDescription(text string) error {
	if text == "" || !descriptionText.MatchString(text) {
		return refuse("InvalidParameterValue", "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  %s", descriptionSet)
	}
	return nil
}

func ruleDescription(text string) error {
	if !descriptionText.MatchString(text) {
		return refuse("InvalidParameterValue", "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  %s", descriptionSet)
	}
	return nil
}

func permissions(p params) error {
	for _, permission := range p.objects("IpPermissions") {
		for _, kind := range []string{"IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"} {
			for _, target := range permission.objects(kind) {
				if err := ruleDescription(target.text("Description")); err != nil {
					return err
				}
			}
		}
	}
	for _, description := range p.objects("SecurityGroupRuleDescriptions") {
		if err := ruleDescription(description.text("Description")); err != nil {
			return err
		}
	}
	return tagSpecifications(p)
}

func changedRules(p params) error {
	for _, change := range p.objects("SecurityGroupRules") {
		if err := ruleDescription(change.object("SecurityGroupRule").text("Description")); err != nil {
			return err
		}
	}
	return nil
}

// tagSpecifications checks tags in a creating request:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
func tagSpecifications(p params) error {
	for _, specification := range p.objects("TagSpecifications") {
		tags := specification.objects("Tags")
		if len(tags) > 50 {
			return refuse("TagLimitExceeded", "The maximum number of tags for a resource is 50")
		}
		for _, tag := range tags {
			if len([]rune(tag.text("Key"))) > 127 {
				return refuse("InvalidParameterValue", "Tag key exceeds the maximum length of 127 characters")
			}
			if len([]rune(tag.text("Value"))) > 255 {
				return refuse("InvalidParameterValue", "Tag value exceeds the maximum length of 255 characters")
			}
			if strings.HasPrefix(strings.ToLower(tag.text("Key")), "aws:") {
				return refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
			}
		}
	}
	return nil
}
