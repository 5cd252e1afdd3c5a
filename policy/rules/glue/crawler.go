package glue

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

var crawlerExclusions = rule.Rule{
	ID:       "glue-crawler-exclusions",
	Title:    "Glue crawlers read a prefix of a bucket, or exclude files that are not data",
	Why:      "Crawlers turn bookmarks, temporary files and query results into tables, or into columns of your tables.",
	Fix:      "Set Path of the S3 target to a prefix below the bucket's root, or add Exclusions for bookmarks, temporary files, _spark_metadata, $folder$ and query results.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.GlueCrawler},
	Resource: func(c rule.Resource) []rule.Finding {
		return rule.Each(c.Get("s3Targets"), func(target value.Value) []rule.Finding {
			if complete, err := excludesAll(target.Get("exclusions")); complete && err == nil {
				return nil
			}
			return rule.Require(target.Get("path"), belowRoot, "the crawler reads the whole bucket, and its exclusions are incomplete")
		})
	},
}

// noData lists paths that crawlers should not read; one of each group must be excluded.
var noData = [][]string{{"bookmark"}, {"temp", "tmp"}, {"_spark_metadata"}, {"$folder$"}, {"athena", "result"}}

func excludesAll(exclusions value.Value) (bool, error) {
	var texts []string
	for _, e := range exclusions.Elements() {
		text, err := e.Text()
		if err != nil {
			return false, err
		}
		texts = append(texts, text)
	}
	return !slices.ContainsFunc(noData, func(group []string) bool {
		return !slices.ContainsFunc(group, func(part string) bool {
			return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, part) })
		})
	}), nil
}

func belowRoot(path value.Value) (bool, error) {
	text, err := path.Text()
	_, key, ok := matcher.S3Location(text)
	return ok && strings.Trim(key, "/") != "", err
}

var crawlerDeleteBehavior = rule.Rule{
	ID:       "glue-crawler-delete-behavior",
	Title:    "Glue crawlers do not delete tables",
	Why:      "An empty prefix or a missing permission looks like deleted data, and the crawler would delete the table.",
	Fix:      "Set SchemaChangePolicy.DeleteBehavior to LOG or DEPRECATE_IN_DATABASE.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.GlueCrawler},
	Resource: rule.Property("schemaChangePolicy.deleteBehavior", matcher.OneOf("", "LOG", "DEPRECATE_IN_DATABASE"), "the crawler may delete tables"),
}

var catalogLocationInStack = rule.Rule{
	ID:       "glue-catalog-location-in-stack",
	Title:    "Locations of catalog databases and tables, and targets of crawlers, are in this stack",
	Why:      "The stack does not encrypt or protect data outside its buckets.",
	Fix:      "Set LocationUri, StorageDescriptor.Location and crawler targets to buckets of the stack.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types: []string{
		aws.CatalogDatabase, aws.CatalogTable, aws.GluePartition, aws.GlueCrawler, aws.Bucket,
	},
	Stack: func(s rule.Stack) []rule.Finding {
		storage := func(r rule.Resource) []rule.Finding {
			descriptor := r.Get("storageDescriptor")
			return append(vpcgraph.RequireInStack(s, r, descriptor.Get("location")),
				rule.Each(descriptor.Get("additionalLocations"), func(v value.Value) []rule.Finding {
					return vpcgraph.RequireInStack(s, r, v)
				})...)
		}
		return rule.All(
			s.Each(aws.CatalogDatabase, func(d rule.Resource) []rule.Finding {
				return vpcgraph.RequireInStack(s, d, d.Get("locationUri"))
			}),
			s.Each(aws.CatalogTable, func(t rule.Resource) []rule.Finding {
				return append(storage(t), vpcgraph.RequireInStack(s, t, template(t))...)
			}),
			s.Each(aws.GluePartition, storage),
			s.Each(aws.GlueCrawler, func(c rule.Resource) []rule.Finding {
				return rule.All(
					rule.Each(c.Get("s3Targets"), func(target value.Value) []rule.Finding {
						return vpcgraph.RequireInStack(s, c, target.Get("path"))
					}),
					requireOwnTargets(s, c),
				)
			}),
		)
	},
}

// tablePaths maps the targets of a crawler with locations in S3 to the property with the locations:
// https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlerTargets.html
var tablePaths = map[string]string{"deltaTargets": "deltaTables", "hudiTargets": "paths", "icebergTargets": "paths"}

// requireOwnTargets checks the targets of a crawler besides plain locations in S3. Tables in DynamoDB cannot belong to
// the stack, because their types are refused.
func requireOwnTargets(s rule.Stack, c rule.Resource) []rule.Finding {
	var findings []rule.Finding
	for target, list := range tablePaths {
		findings = append(findings, rule.Each(c.Get(target), func(t value.Value) []rule.Finding {
			return rule.Each(t.Get(list), func(path value.Value) []rule.Finding { return vpcgraph.RequireInStack(s, c, path) })
		})...)
	}
	for _, target := range []string{"jdbcTargets", "mongodbTargets"} {
		findings = append(findings, rule.Each(c.Get(target), func(t value.Value) []rule.Finding {
			return s.RequireReference(c, t.Get("connectionName"), "the connection is not in this stack", aws.GlueConnection)
		})...)
	}
	findings = append(findings, rule.Each(c.Get("catalogTargets"), func(t value.Value) []rule.Finding {
		return s.RequireReference(c, t.Get("databaseName"), "the database is not in this stack", aws.CatalogDatabase)
	})...)
	return append(findings, rule.Each(c.Get("dynamodbTargets"), func(t value.Value) []rule.Finding {
		return rule.Violate(t, "the table is not in this stack")
	})...)
}

// template returns the location of a table's partitions, if Athena computes them:
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html
func template(table rule.Resource) value.Value {
	return table.Get("parameters", "storage.location.template")
}

var triggerScheduleOffInDev = rule.Rule{
	ID:       "glue-trigger-schedule-off-in-dev",
	Title:    "Schedules of Glue triggers and crawlers are disabled in dev and local environments",
	Why:      "Scheduled runs that nobody needs cost money.",
	Fix:      "Set Enabled: pulumi.Bool(false) on the scheduled glue.Trigger, remove Schedule from the glue.Crawler, and start both manually.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.DevAdvice,
	Types:    []string{aws.GlueTrigger, aws.GlueCrawler},
	Resource: func(t rule.Resource) []rule.Finding {
		if t.Type == aws.GlueCrawler {
			return rule.Require(t.Get("schedule"), matcher.OneOf(""), "the schedule is enabled")
		}
		return rule.When(t.Get("type"), matcher.OneOf("SCHEDULED"), func() []rule.Finding {
			return rule.Require(t.Get("enabled"), matcher.False, "the schedule is enabled")
		})
	},
}

var noDevEndpoints = rule.Rule{
	ID:       "glue-no-dev-endpoints",
	Title:    "The stack has no Glue development endpoint, ML transform or public catalog policy",
	Why:      "A development endpoint gives SSH users the permissions of its role and is billed by the hour; a policy for * opens the catalog to everyone.",
	Fix:      "Remove the glue.DevEndpoint or glue.MLTransform; name the principals in the glue.ResourcePolicy.",
	Sources:  "FSBP Glue.3; prowler glue_data_catalogs_not_publicly_accessible",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueDevEndpoint, aws.GlueMLTransform, aws.GlueResourcePolicy},
	Stack: func(s rule.Stack) []rule.Finding {
		forbidden := func(r rule.Resource) []rule.Finding {
			return rule.Violate(r.Get(), "the resource type is not allowed in the stack")
		}
		return rule.All(
			s.Each(aws.GlueDevEndpoint, forbidden),
			s.Each(aws.GlueMLTransform, forbidden),
			s.Each(aws.GlueResourcePolicy, func(p rule.Resource) []rule.Finding {
				return iampolicy.Forbid(p.Get("policy"), iampolicy.Statement.Public, "opens the catalog to everyone")
			}),
		)
	},
}
