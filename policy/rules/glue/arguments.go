package glue

import (
	"regexp"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

// argument is an argument of a job. The resource is the job, or a trigger that starts
// one.
type argument struct {
	of  rule.Resource
	key string
	at  value.Value
}

// argumentsOf returns all arguments that a resource passes to jobs: defaults, arguments that a run
// cannot change, and a trigger's arguments, which replace the defaults.
func argumentsOf(r rule.Resource) []argument {
	lists := []value.Value{r.Get("defaultArguments"), r.Get("nonOverridableArguments")}
	if r.Type == aws.GlueTrigger {
		for _, action := range r.Get("actions").Elements() {
			lists = append(lists, action.Get("arguments"))
		}
	}
	var all []argument
	for _, list := range lists {
		for _, f := range list.Fields() {
			all = append(all, argument{r, f.Key, f.Value})
		}
	}
	return all
}

// eachArgument checks all arguments of the stack's jobs.
func eachArgument(s rule.Stack, check func(argument) []rule.Finding) []rule.Finding {
	var findings []rule.Finding
	for _, r := range s.Of(aws.GlueJob, aws.GlueTrigger) {
		for _, a := range argumentsOf(r) {
			findings = append(findings, rule.On(r, check(a))...)
		}
	}
	return findings
}

// location matches a location in S3 anywhere in an argument.
var location = regexp.MustCompile(`s3[an]?://([^/,;\s"']+)`)

// loadsPackages matches settings of Spark that download code from a repository.
var loadsPackages = regexp.MustCompile(`spark\.jars\.(packages|repositories|ivy)`)

// requireInStack requires that all locations in S3 in an argument are in buckets of the stack, or in
// a configured existing bucket, because code from there runs with the job's role, and data is written there.
func (a argument) requireInStack(s rule.Stack) []rule.Finding {
	text, err := a.at.Text()
	if err != nil {
		return vpcgraph.RequireInStack(s, a.of, a.at)
	}
	for _, match := range location.FindAllStringSubmatch(text, -1) {
		if !s.Chosen(match[1], aws.Bucket) {
			return rule.Violate(a.at, "it is not in a bucket of this stack")
		}
	}
	switch {
	case strings.HasPrefix(a.key, "--extra-") && strings.Contains(strings.ToLower(text), "http"):
		return rule.Violate(a.at, "it is downloaded from a website")
	case loadsPackages.MatchString(text):
		return rule.Violate(a.at, "Spark downloads packages from a repository")
	}
	return nil
}

// module matches a module with one exact version, such as boto3[crt]==1.35.10.
var module = regexp.MustCompile(
	`^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._-]+\])?==[A-Za-z0-9.+!_-]+$`,
)

// pinned accepts modules with exact versions, and files in S3.
func pinned(v value.Value) (bool, error) {
	text, err := v.Text()
	for _, m := range strings.Split(text, ",") {
		m = strings.TrimSpace(m)
		if m != "" && !module.MatchString(m) && !strings.HasPrefix(m, "s3://") {
			return false, err
		}
	}
	return true, err
}

// anotherIndex matches options of pip that install modules from sources other than PyPI.
var anotherIndex = regexp.MustCompile(
	`(?i)://|index|find-links|trusted-host|(^|\s)-[ifr](\s|$)|requirement`,
)

func (a argument) holdsCredential(v value.Value) (bool, error) {
	text, err := v.Text()
	return matcher.CredentialUnder(a.key, text), err
}
