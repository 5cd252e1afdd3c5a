package iampolicy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A pattern is too broad because of what it matches, not because of its spelling. Canaries are resources that no
// stack names: a pattern that matches one reaches resources it was not meant for.

// canaryResources are the resource parts of ARNs, by service; %s is replaced with a name.
var canaryResources = map[string][]string{
	"athena":         {"workgroup/%s"},
	"dynamodb":       {"table/%s"},
	"ec2":            {"instance/%s", "snapshot/%s"},
	"ecr":            {"repository/%s"},
	"events":         {"rule/%s", "event-bus/%s"},
	"glue":           {"database/%s", "job/%s", "crawler/%s"},
	"iam":            {"role/%s", "user/%s", "group/%s", "policy/%s", "instance-profile/%s"},
	"kinesis":        {"stream/%s"},
	"kms":            {"key/%s", "alias/%s"},
	"lambda":         {"function:%s", "layer:%s"},
	"logs":           {"log-group:%s"},
	"rds":            {"db:%s", "cluster:%s", "snapshot:%s"},
	"rds-db":         {"dbuser:%[1]s/%[1]s"},
	"s3":             {"%s", "%[1]s/%[1]s"},
	"secretsmanager": {"secret:%s"},
	"sns":            {"%s"},
	"sqs":            {"%s"},
	"ssm":            {"parameter/%s", "document/%s"},
	"states":         {"stateMachine:%s"},
}

// canaryNames begin with each letter and digit, so that one letter before a wildcard makes no difference. The
// last two look like IDs that AWS generates.
var canaryNames = func() []string {
	names := []string{"i-0c4n4ry0c4n4ry00", "9c4a7e1f-1111-2222-3333-444455556666"}
	for _, first := range "abcdefghijklmnopqrstuvwxyz0123456789" {
		names = append(names, string(first)+"zcanary7")
	}
	return names
}()

// broadKinds begin the resource part of an ARN, before the name.
var broadKinds = func() []string {
	var kinds []string
	for _, formats := range canaryResources {
		for _, format := range formats {
			if kind, _, _ := strings.Cut(format, "%"); kind != "" {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}()

// Broad reports whether the statement covers resources that it does not name: all resources, or all of one kind.
func (s Statement) Broad() bool {
	return len(s.NotResource) > 0 || slices.ContainsFunc(s.Resource, broadARN)
}

func broadARN(pattern string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return false
	}
	if parts := strings.SplitN(pattern, ":", 6); len(parts) == 6 && wildName(parts[5]) {
		return true
	}
	return len(canaryServices(pattern, 1)) > 0
}

// wildName reports whether a resource begins with a wildcard where its name should begin.
func wildName(resource string) bool {
	for _, kind := range broadKinds {
		resource = strings.TrimPrefix(resource, kind)
	}
	return resource == "" || resource[0] == '*' || resource[0] == '?'
}

// everyARN reports whether a pattern matches resources of unrelated services.
func everyARN(pattern string) bool {
	return strings.ContainsAny(pattern, "*?") && len(canaryServices(pattern, 3)) == 3
}

// canaryServices returns up to n services with a canary that the pattern matches.
func canaryServices(pattern string, most int) []string {
	var found []string
	for service, formats := range canaryResources {
		if len(found) == most {
			break
		}
		if slices.ContainsFunc(formats, func(format string) bool { return matchesCanary(pattern, service, format) }) {
			found = append(found, service)
		}
	}
	return found
}

// matchesCanary compares an ARN part by part, so that the pattern's region and account do not matter. A pattern
// with fewer parts has a wildcard that spans several.
func matchesCanary(pattern, service, format string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	for _, name := range canaryNames {
		resource := fmt.Sprintf(format, name)
		if len(parts) < 6 && Matches(pattern, "arn:aws:"+service+":eu-west-1:123456789012:"+resource) {
			return true
		}
		if len(parts) == 6 && Matches(parts[2], service) && Matches(parts[5], resource) {
			return true
		}
	}
	return false
}

// canaryActions belong to unrelated services.
var canaryActions = []string{"ec2:RunInstances", "iam:PutRolePolicy", "kms:Decrypt", "s3:GetObject"}

// EveryAction reports whether the statement covers all actions.
func (s Statement) EveryAction() bool {
	return !slices.ContainsFunc(canaryActions, func(action string) bool { return !s.Covers(action) })
}

// strangers are values of condition keys that belong to nobody a policy could mean.
var strangers = []string{
	"999999999999", "o-strangerorg", "vpc-0999999999999999f", "vpce-0999999999999999f", "203.0.113.77", "stranger", "stranger.amazonaws.com",
	"arn:aws:iam::999999999999:root", "arn:aws:iam::999999999999:role/stranger", "arn:aws:iam::999999999999:user/stranger",
	"arn:aws:sts::999999999999:assumed-role/stranger/stranger", "arn:aws:s3:::stranger", "arn:aws:sns:eu-west-1:999999999999:stranger",
	"repo:stranger/stranger:ref:refs/heads/stranger", "repo:stranger/stranger:pull_request", "repo:stranger/stranger:environment:stranger",
}

// matchesStranger reports whether a condition's value admits anyone.
func matchesStranger(operator, value string) bool {
	if strings.Contains(operator, "ipaddress") {
		block, err := netip.ParsePrefix(value)
		return err == nil && block.Bits() < 8
	}
	if strings.Trim(value, "*?") == "" {
		return true
	}
	if strings.HasPrefix(operator, "stringequals") || !strings.ContainsAny(value, "*?") {
		return false
	}
	return slices.ContainsFunc(strangers, func(stranger string) bool { return Matches(value, stranger) })
}
