package vpcgraph

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// RequireInStack requires that a property, if set, is a location or a comma-separated list of locations in
// buckets of this stack, or in a configured existing bucket. Before the buckets exist, its value must come from one.
func RequireInStack(s rule.Stack, from rule.Resource, location value.Value) []rule.Finding {
	text, err := location.Text()
	if location.State() == value.Unknown {
		return requireFromBucket(s, from, location)
	}
	if err != nil || text == "" {
		return rule.Unreadable(err)
	}
	for _, l := range strings.Split(text, ",") {
		bucket, _, ok := matcher.S3Location(strings.TrimSpace(l))
		if !ok || !s.Chosen(bucket, aws.Bucket) {
			return rule.Violate(location, "the location is not in a bucket of this stack")
		}
	}
	return nil
}

func requireFromBucket(s rule.Stack, from rule.Resource, location value.Value) []rule.Finding {
	switch s.RefersToAny(from, location, aws.Bucket, aws.BucketObject) {
	case rule.Yes:
		return nil
	case rule.Maybe:
		return rule.Unreadable(location.Err())
	default:
		return rule.Violate(location, "the location does not come from a bucket of this stack")
	}
}
