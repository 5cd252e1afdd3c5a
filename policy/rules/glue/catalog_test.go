package glue

import (
	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func catalogCases() []Case {
	crawler := func(path string, exclusions ...any) []Res {
		return []Res{R(aws.GlueCrawler, "crawler", Props{"s3Targets": List{Props{"path": path, "exclusions": exclusions}}})}
	}
	deletes := func(behavior string) []Res {
		return []Res{R(aws.GlueCrawler, "crawler", Props{"schemaChangePolicy": Props{"deleteBehavior": behavior}})}
	}
	table := func(location any) []Res {
		return []Res{R(aws.CatalogTable, "table", Props{"storageDescriptor": Props{"location": location}}), R(aws.Bucket, "bucket", Props{})}
	}
	trigger := func(enabled bool) []Res {
		return []Res{R(aws.GlueTrigger, "trigger", Props{"type": "SCHEDULED", "enabled": enabled})}
	}
	catalogPolicy := func(principal string) []Res {
		return []Res{R(aws.GlueResourcePolicy, "policy", Props{"policy": `{"Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"glue:*","Resource":"*"}}`})}
	}
	return []Case{
		{
			Rule: "glue-crawler-exclusions", Property: "s3Targets[0].path",
			Compliant: crawler("s3://bucket/sale_events/"), Violating: crawler("s3://bucket/", "bookmarks/**"),
			AlsoPasses: map[string][]Res{"all excluded": crawler("s3://bucket", "bookmarks/**", "temp/**", "**_spark_metadata**", "**$folder$", "athena-results/**")},
		},
		{
			Rule: "glue-crawler-delete-behavior", Property: "schemaChangePolicy.deleteBehavior", Missing: Passes,
			Compliant: deletes("LOG"), Violating: deletes("DELETE_FROM_DATABASE"),
		},
		{
			Rule: "glue-catalog-location-in-stack", Property: "storageDescriptor.location", Missing: Passes,
			Compliant: table(Sub("s3://%s/curated/", "bucket", "id")), Violating: table("s3://elsewhere/curated/"),
			AlsoViolates: map[string][]Res{"database": {R(aws.CatalogDatabase, "db", Props{"locationUri": "s3://elsewhere/"})}},
		},
		{
			Rule: "glue-trigger-schedule-off-in-dev", Property: "enabled", Environment: rule.Dev,
			Compliant: trigger(false), Violating: trigger(true),
			AlsoPasses:   map[string][]Res{"crawler": {R(aws.GlueCrawler, "crawler", Props{})}},
			AlsoViolates: map[string][]Res{"crawler": {R(aws.GlueCrawler, "crawler", Props{"schedule": "cron(0 3 * * ? *)"})}},
		},
		{
			Rule: "glue-trigger-starts-own", Property: "actions", Missing: Passes,
			Compliant: starting(Attr("job", "name"), Attr("crawler", "name")),
			Violating: starting("elsewhere", nil),
			AlsoViolates: map[string][]Res{
				"another crawler": starting(Attr("job", "name"), "elsewhere"),
				"a second job": {R(aws.GlueJob, "job", Props{}), R(aws.GlueTrigger, "trigger", Props{"actions": List{
					Props{"jobName": Attr("job", "name")}, Props{"jobName": "elsewhere"},
				}})},
			},
		},
		{
			Rule: "glue-no-dev-endpoints", Property: "policy", Missing: Passes,
			Compliant: catalogPolicy("123456789012"), Violating: catalogPolicy("*"),
			AlsoViolates: map[string][]Res{"endpoint": {R(aws.GlueDevEndpoint, "endpoint", Props{})}, "transform": {R(aws.GlueMLTransform, "transform", Props{})}},
		},
	}
}

// starting returns a trigger that starts a job and a crawler.
func starting(job, crawler any) []Res {
	action := Props{"jobName": job}
	if crawler != nil {
		action["crawlerName"] = crawler
	}
	return []Res{
		R(aws.GlueTrigger, "trigger", Props{"actions": List{action}}), R(aws.GlueJob, "job", Props{}), R(aws.GlueCrawler, "crawler", Props{}),
	}
}
