package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/schema"
)

// bucketLifecycle checks that the bucket's rules expire temporary objects, and only those.
func bucketLifecycle(ctx context.Context, r *run) ([]Finding, error) {
	name, p := r.plan.Bucket.Name, schema.Load().Prefixes
	all, err := lifecycleRules(ctx, r)
	if err != nil {
		return nil, err
	}
	rules := expiries(all)
	var found []Finding
	for _, rule := range rules {
		found = append(found, rule.check(name)...)
	}
	var stay []string
	for _, prefix := range p.Temporary() {
		if !slices.ContainsFunc(rules, func(e expiry) bool { return !e.partial && strings.HasPrefix(prefix, e.prefix) }) {
			stay = append(stay, prefix)
		}
	}
	if len(stay) == 0 {
		return found, nil
	}
	return append(found, bucketFinding(Warning, fmt.Sprintf("no lifecycle rule of bucket %s expires %s: temporary objects are never deleted", name, list(stay)),
		"add a rule for each prefix, as docs/existing.md shows")...), nil
}

// lifecycleRules returns the rules of the existing bucket, none if it has no configuration.
func lifecycleRules(ctx context.Context, r *run) ([]s3types.LifecycleRule, error) {
	out, err := r.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &r.plan.Bucket.Name})
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return out.Rules, nil
}

// expiry is an enabled lifecycle rule that deletes objects.
type expiry struct {
	id, prefix string
	// partial reports whether it is limited to objects of a size or with tags, and tagged
	// whether it is limited to objects with tags.
	partial, tagged bool
}

// expiries returns the rules that delete current objects, unlike rules for noncurrent
// versions or delete markers.
func expiries(rules []s3types.LifecycleRule) []expiry {
	var all []expiry
	for _, rule := range rules {
		if by := rule.Expiration; rule.Status != s3types.ExpirationStatusEnabled || by == nil || (aws.ToInt32(by.Days) == 0 && by.Date == nil) {
			continue
		}
		all = append(all, filtered(rule))
	}
	return all
}

// filtered returns the rule's ID and filter.
func filtered(rule s3types.LifecycleRule) expiry {
	e := expiry{id: aws.ToString(rule.ID), prefix: aws.ToString(rule.Prefix)} //nolint:staticcheck // Older rules use it.
	if f := rule.Filter; f != nil {
		and := f.And
		if and == nil {
			and = &s3types.LifecycleRuleAndOperator{}
		}
		e.prefix += aws.ToString(f.Prefix) + aws.ToString(and.Prefix) // At most one of the three is set.
		e.tagged = f.Tag != nil || len(and.Tags) > 0
		e.partial = e.tagged || f.ObjectSizeGreaterThan != nil || f.ObjectSizeLessThan != nil || and.ObjectSizeGreaterThan != nil || and.ObjectSizeLessThan != nil
	}
	return e
}

// check reports objects that the rule deletes although the stack needs them. The owner of a
// bucket may delete events, once loaded, and objects of others. The job does not tag
// objects, but the provider and producers may.
func (e expiry) check(bucket string) []Finding {
	contract := schema.Load()
	if slices.ContainsFunc(contract.Prefixes.Temporary(), func(prefix string) bool { return strings.HasPrefix(e.prefix, prefix) }) {
		return nil
	}
	const do = "limit the rule to other prefixes, or use another bucket"
	of := func(prefixes []string) (hit []string) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(prefix, e.prefix) || strings.HasPrefix(e.prefix, prefix) {
				hit = append(hit, prefix)
			}
		}
		return hit
	}
	var found []Finding
	if kept := of(contract.Prefixes.Kept()); len(kept) > 0 {
		status, which := Problem, "objects"
		if e.tagged {
			status, which = Warning, "objects with certain tags"
		}
		found = bucketFinding(status, fmt.Sprintf("lifecycle rule %s of bucket %s deletes %s below %s, which the stack needs", e.id, bucket, which, list(kept)), do)
	}
	var others []string
	for _, stream := range contract.Streams {
		others = append(others, stream.Name+"/")
	}
	if hit := of(append(others, contract.Prefixes.Foreign+"/")); len(hit) > 0 {
		found = append(found, bucketFinding(Warning, fmt.Sprintf("lifecycle rule %s of bucket %s deletes objects below %s, whether they are loaded or not", e.id, bucket, list(hit)),
			"check that the job loads the objects before the rule deletes them, and that they are not needed afterwards")...)
	}
	return found
}
