package s3

import (
	"cmp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var lifecycleNoncurrentExpiry = rule.Rule{
	ID:       "s3-lifecycle-noncurrent-expiry",
	Title:    "Noncurrent versions of S3 objects expire, but neither they nor current data within a week",
	Why:      "A bucket with versioning keeps and bills every overwritten and deleted object. A rule that deletes data the next day leaves no time to notice.",
	Fix:      "Add NoncurrentVersionExpiration with NoncurrentDays to an enabled rule of the bucket's lifecycle configuration. Use expiration within a week only for folders of temporary files.",
	Sources:  "SecHub S3.10; project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.BucketLifecycle, aws.BucketVersioning, aws.GlueCrawler, aws.CatalogTable, aws.GlueJob},
	Stack: func(s rule.Stack) []rule.Finding {
		oldExpires := matcher.At("noncurrentVersionExpiration.noncurrentDays", matcher.Set)
		return s.Each(aws.BucketLifecycle, func(c rule.Resource) []rule.Finding {
			return whereVersioned(s, c, func(bucket rule.Resource) []rule.Finding {
				return append(rule.Any(c.Get("rules"), matcher.AllOf(enabled, oldExpires), "noncurrent versions never expire"),
					rule.Each(c.Get("rules"), func(r value.Value) []rule.Finding { return requireLasting(s, bucket, r) })...)
			})
		})
	},
}

// requireLasting requires that a lifecycle rule keeps noncurrent versions, and data, for a week.
func requireLasting(s rule.Stack, bucket rule.Resource, r value.Value) []rule.Finding {
	const days = 7
	findings := rule.Require(r.Get("noncurrentVersionExpiration", "noncurrentDays"), matcher.MissingOr(matcher.AtLeast(days)),
		"noncurrent versions expire in less than a week")
	// In the state, a rule that only expires delete markers has 0 days, which S3 would refuse.
	early := matcher.AllOf(matcher.AtLeast(1), matcher.AtMost(days-1))
	soon := rule.All(
		rule.Require(r.Get("expiration", "days"), matcher.MissingOr(matcher.Not(early)), "objects expire in less than a week"),
		rule.Require(r.Get("expiration", "date"), matcher.Absent, "all objects expire on a fixed date"),
	)
	if len(soon) == 0 {
		return findings
	}
	// Objects are tagged on purpose, but sizes, or a prefix that ends within a name, may match almost all objects.
	ofData := matcher.AllOf(enabled, matcher.At("filter.tag", matcher.Empty), matcher.At("filter.and.tags", matcher.Empty), coversData(s, bucket))
	return append(findings, rule.When(r, ofData, func() []rule.Finding { return soon })...)
}

// coversData returns a test for lifecycle rules that cover the whole bucket, or some of its data.
func coversData(s rule.Stack, bucket rule.Resource) rule.Test {
	return func(r value.Value) (bool, error) {
		var prefix string
		for _, at := range []value.Value{r.Get("prefix"), r.Get("filter", "prefix"), r.Get("filter", "and", "prefix")} {
			text, err := at.Text()
			if err != nil {
				return false, err
			}
			prefix = cmp.Or(prefix, text)
		}
		if prefix == "" {
			return true, nil
		}
		var unread error
		for _, location := range dataIn(s) {
			text, err := location.Text()
			in, key, ok := matcher.S3Location(text)
			if ok && slices.Contains(bucket.Identities(), in) && (strings.HasPrefix(key, prefix) || strings.HasPrefix(prefix, key)) {
				return true, nil
			}
			unread = cmp.Or(unread, err)
		}
		return false, unread
	}
}

// dataIn returns the locations that the stack's crawlers, tables and jobs read.
func dataIn(s rule.Stack) []value.Value {
	var locations []value.Value
	for _, crawler := range s.Of(aws.GlueCrawler) {
		for _, target := range crawler.Get("s3Targets").Elements() {
			locations = append(locations, target.Get("path"))
		}
	}
	for _, table := range s.Of(aws.CatalogTable) {
		locations = append(locations, table.Get("storageDescriptor", "location"))
	}
	for _, job := range s.Of(aws.GlueJob) {
		locations = append(locations, job.Get("command", "scriptLocation"))
	}
	return locations
}

// whereVersioned calls then only if the bucket that a resource configures has versioning.
func whereVersioned(s rule.Stack, configuration rule.Resource, then func(rule.Resource) []rule.Finding) []rule.Finding {
	for _, bucket := range s.Of(aws.Bucket) {
		if rule.Refers(configuration, configuration.Get("bucket"), bucket) != rule.Yes {
			continue
		}
		versionings, _ := s.Referrers(aws.BucketVersioning, "bucket", bucket)
		for _, v := range versionings {
			return rule.When(v.Get("versioningConfiguration", "status"), matcher.OneOf("Enabled"), func() []rule.Finding { return then(bucket) })
		}
	}
	return nil
}
