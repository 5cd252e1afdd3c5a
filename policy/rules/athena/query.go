package athena

import (
	"regexp"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var (
	// place matches a bucket in a query, which UNLOAD and CREATE TABLE write to.
	place = regexp.MustCompile(`(?i)['"]s3[an]?://([^/'"\s]+)`)
	// external matches the Lambda function that a query calls for each row, by name or ARN:
	// https://docs.aws.amazon.com/athena/latest/ug/querying-udf.html
	external = regexp.MustCompile(`(?i)\bEXTERNAL\s+FUNCTION\b[^;]*?\bLAMBDA\s+['"]([^'"]+)['"]`)
)

// requireOwnQueries reports stored queries that send rows out of the stack.
func requireOwnQueries(s rule.Stack) []rule.Finding {
	queries := func(property string) func(rule.Resource) []rule.Finding {
		return func(q rule.Resource) []rule.Finding {
			query := q.Get(property)
			return rule.All(
				rule.Require(query, allIn(s, place, aws.Bucket), "the query refers to a bucket outside this stack"),
				rule.Require(query, allIn(s, external, aws.Function), "the query passes rows to a function outside this stack"),
			)
		}
	}
	return rule.All(
		s.Each(aws.AthenaNamedQuery, queries("query")),
		s.Each(aws.AthenaPrepared, queries("queryStatement")),
	)
}

// allIn accepts strings in which every match of the expression captures the name or ARN of a resource of the stack.
func allIn(s rule.Stack, expression *regexp.Regexp, resourceType string) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		for _, match := range expression.FindAllStringSubmatch(text, -1) {
			name := match[1]
			if !s.Chosen(name, resourceType) && !s.Chosen(name[strings.LastIndex(name, ":")+1:], resourceType) {
				return false, err
			}
		}
		return true, err
	}
}
