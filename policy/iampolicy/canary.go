package iampolicy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Patterns are checked by what they match, not by their spelling. Canaries are resources that no stack has: a
// pattern that matches one is too broad.

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

// Broad reports whether the statement covers resources that it does not name: all resources, or all of one kind.
func (s Statement) Broad() bool {
	return len(s.NotResource) > 0 || slices.ContainsFunc(s.Resource, broadARN)
}

// actsOn maps actions, or services, to the services of the resources that they act on, if these differ.
var actsOn = map[string][]string{
	"sts":                  {"iam"},
	"ssm":                  {"ssm", "ec2"},
	"ssm:SendCommand":      {"ec2"},
	"ssm:StartSession":     {"ec2"},
	"ec2-instance-connect": {"ec2"},
	"rds-data":             {"rds"},
	"s3":                   {"s3", "s3-object-lambda"},
}

// made maps actions to the kind of resource that they create, whose ID is not known in advance. AWS also requires the
// permission for the source: for an execution, the document.
var made = map[string]string{"ssm:StartAutomationExecution": "automation-execution/"}

// tagKeys are condition keys on tags or other names of the resource.
var tagKeys = []string{
	"aws:ResourceTag/", "ec2:ResourceTag/", "iam:ResourceTag/", "kms:ResourceAliases", "kms:RequestAlias",
	"lambda:FunctionArn", "rds:db-tag/", "secretsmanager:ResourceTag/", "ssm:resourceTag/",
}

// Reaches reports whether the statement covers any of the actions on resources that it names neither by ARN nor by
// a condition.
func (s Statement) Reaches(actions ...string) bool {
	return !s.Narrowed(tagKeys...) && slices.ContainsFunc(actions, func(action string) bool {
		return s.Covers(action) && s.broadFor(action)
	})
}

// broadFor reports whether the statement covers all resources of a kind that the action acts on.
func (s Statement) broadFor(action string) bool {
	if len(s.NotResource) > 0 {
		return true
	}
	service, _, _ := strings.Cut(action, ":")
	services := []string{service}
	for _, key := range []string{service, action} {
		if others, ok := actsOn[key]; ok {
			services = others
		}
	}
	return slices.ContainsFunc(s.Resource, func(pattern string) bool {
		parts := arnParts(pattern)
		of := parts[2]
		if kind := made[action]; kind != "" && of == service && strings.HasPrefix(parts[5], kind) {
			return false
		}
		return broadARN(pattern) && slices.ContainsFunc(services, func(service string) bool { return Matches(of, service) })
	})
}

func broadARN(pattern string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return false
	}
	if parts := arnParts(pattern); wildResource(parts) || wildKind(parts[2], parts[5]) {
		return true
	}
	return len(canaryServices(pattern, 1)) > 0
}

var resourceKind = regexp.MustCompile(`^[A-Za-z0-9-]+[/:]`)

// wildResource reports whether the name in the parts of an ARN begins with a wildcard. Buckets, which have no account,
// and APIs have no kind before their names; the database user comes last.
func wildResource(parts []string) bool {
	service, account, resource := parts[2], parts[4], parts[5]
	switch {
	case service == "s3" && account == "", service == "execute-api":
		return wildName(resource)
	case service == "rds-db":
		return wildName(resource[strings.LastIndex(resource, "/")+1:])
	}
	return wildName(resource) || wildName(resourceKind.ReplaceAllString(resource, ""))
}

// wildKind reports whether a star covers the end of a resource's kind and so the beginning of its name, as in
// para*password for parameter/payroll/password.
func wildKind(service, resource string) bool {
	before, _, starred := strings.Cut(resource, "*")
	if !starred {
		return false
	}
	for of, formats := range canaryResources {
		for _, format := range formats {
			kind, _, _ := strings.Cut(format, "%")
			if len(before) < len(kind) && Matches(before, kind[:len(before)]) && Matches(service, of) {
				return true
			}
		}
	}
	return false
}

func wildName(name string) bool { return name == "" || name[0] == '*' || name[0] == '?' }

// everyARN reports whether a pattern matches resources of unrelated services.
func everyARN(pattern string) bool {
	return strings.ContainsAny(pattern, "*?") && len(canaryServices(pattern, 3)) == 3
}

// canaryServices returns up to limit services with a canary that the pattern matches.
func canaryServices(pattern string, limit int) []string {
	var found []string
	for service, formats := range canaryResources {
		if len(found) == limit {
			break
		}
		if slices.ContainsFunc(formats, func(format string) bool { return matchesCanary(pattern, service, format) }) {
			found = append(found, service)
		}
	}
	return found
}

// arnParts splits a pattern into the six parts of an ARN. Like IAM, it completes missing parts with stars:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func arnParts(pattern string) []string {
	parts := strings.SplitN(pattern, ":", 6)
	for len(parts) < 6 {
		parts = append(parts, "*")
	}
	return parts
}

// matchesCanary compares an ARN part by part, so that the pattern's region and account do not matter. A pattern
// with fewer parts has a wildcard that spans several.
func matchesCanary(pattern, service, format string) bool {
	parts := arnParts(pattern)
	for _, name := range canaryNames {
		resource := fmt.Sprintf(format, name)
		if strings.Count(pattern, ":") < 5 && Matches(pattern, "arn:aws:"+service+":eu-west-1:123456789012:"+resource) {
			return true
		}
		if Matches(parts[2], service) && Matches(parts[5], resource) {
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

// verbs are the prefixes of the names of actions that change something, in any service.
var verbs = []string{
	"Add", "Associate", "Attach", "Cancel", "Create", "Delete", "Detach", "Disable", "Enable", "Modify", "Purge", "Put", "Remove",
	"Reset", "Revoke", "Send", "Set", "Start", "Stop", "Tag", "Terminate", "Untag", "Update",
}

// WholeServices reports whether the statement's patterns cover the actions of a whole service, together.
func (s Statement) WholeServices() bool {
	return slices.ContainsFunc(s.Action, func(pattern string) bool {
		service, _, _ := strings.Cut(pattern, ":")
		if strings.ContainsAny(service, "*?") {
			return slices.ContainsFunc(services, func(known string) bool { return Matches(service, known) && s.coversService(known) })
		}
		return strings.ContainsAny(pattern, "*?") && s.coversService(service)
	})
}

// coversService reports whether the statement's patterns cover most kinds of changes. It also works for services with
// few of the verbs, because the names of the actions are invented.
func (s Statement) coversService(service string) bool {
	covered := 0
	for _, verb := range verbs {
		if anyMatches(s.Action, service+":"+verb+"Canary7") {
			covered++
		}
	}
	return covered >= 5
}

// services are the services that a pattern for a service's name may match.
var services = func() []string {
	known := []string{"autoscaling", "cloudformation", "cloudtrail", "cloudwatch", "ecs", "organizations", "ssmmessages", "sts"}
	for service := range canaryResources {
		known = append(known, service)
	}
	return known
}()
