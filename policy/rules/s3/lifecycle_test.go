package s3

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func lifecycle(rules ...any) []Res {
	return with(aws.BucketLifecycle, "lifecycle", Props{"rules": rules})
}

func lifecycleCases() []Case {
	abort := func(days int) Props {
		return Props{"status": "Enabled", "filter": Props{"prefix": ""}, "abortIncompleteMultipartUpload": Props{"daysAfterInitiation": days}}
	}
	onPrefix := abort(7)
	onPrefix["filter"] = Props{"prefix": "raw/"}
	versioned := func(lifecycleRule Props) []Res {
		return append(lifecycle(lifecycleRule), R(aws.BucketVersioning, "versioning", Props{"bucket": Ref("bucket"), "versioningConfiguration": Props{"status": "Enabled"}}))
	}
	crawler := R(aws.GlueCrawler, "crawler", Props{"s3Targets": List{Props{"path": Sub("s3://%s/sale_events/", "bucket", "id")}}})
	table := R(aws.CatalogTable, "table", Props{"storageDescriptor": Props{"location": Sub("s3://%s/curated/sales/", "bucket", "id")}})
	job := R(aws.GlueJob, "job", Props{"command": Props{"scriptLocation": Sub("s3://%s/scripts/job.py", "bucket", "id")}})
	expiring := func(filter Props, days int) []Res {
		return append(versioned(Props{"status": "Enabled", "filter": filter, "expiration": Props{"days": days}, "noncurrentVersionExpiration": Props{"noncurrentDays": 30}}), crawler)
	}
	old := Props{"status": "Enabled", "noncurrentVersionExpiration": Props{"noncurrentDays": 30}}
	filtered := func(filter Props, days int) []Res {
		return append(lifecycle(Props{"status": "Enabled", "filter": filter, "expiration": Props{"days": days}}),
			R(aws.AthenaWorkgroup, "workgroup", Props{"configuration": Props{"resultConfiguration": Props{"outputLocation": Sub("s3://%s/results/", "bucket", "id")}}}))
	}
	results := func(prefix string, days int) []Res { return filtered(Props{"prefix": prefix}, days) }
	temporary := R(aws.GlueJob, "job", Props{"defaultArguments": Props{"--TempDir": Sub("s3://%s/tmp/", "bucket", "id")}})
	return []Case{
		{
			Rule: "s3-lifecycle-present", Property: "rules[0].status", On: "lifecycle",
			Compliant:    lifecycle(Props{"status": "Enabled"}),
			Violating:    lifecycle(Props{"status": "Disabled"}),
			AlsoViolates: map[string][]Res{"none": {bucket}, "no rules": lifecycle()},
			AlsoPasses:   map[string][]Res{"one of two": lifecycle(Props{"status": "Disabled"}, Props{"status": "Enabled"})},
		},
		{
			Rule: "s3-lifecycle-abort-multipart", Property: "rules[0].abortIncompleteMultipartUpload.daysAfterInitiation", On: "lifecycle",
			Compliant:    lifecycle(abort(7)),
			Violating:    lifecycle(abort(30)),
			AlsoViolates: map[string][]Res{"a part only": lifecycle(onPrefix)},
		},
		{
			Rule: "s3-lifecycle-noncurrent-expiry", Property: "rules[0].noncurrentVersionExpiration.noncurrentDays", On: "lifecycle",
			Compliant: versioned(old),
			Violating: versioned(Props{"status": "Enabled"}),
			AlsoViolates: map[string][]Res{
				"data, the next day":          expiring(Props{"prefix": "sale_events/"}, 1),
				"a part of it":                expiring(Props{"prefix": "sale_events/dt=2026"}, 1),
				"a letter":                    expiring(Props{"prefix": "s"}, 6),
				"a letter, and sizes":         expiring(Props{"and": Props{"prefix": "s", "objectSizeGreaterThan": 1}}, 1),
				"all but empty objects":       expiring(Props{"objectSizeGreaterThan": 0}, 1),
				"sizes of the whole bucket":   expiring(Props{"and": Props{"objectSizeGreaterThan": 1, "objectSizeLessThan": 1 << 40}}, 1),
				"tables":                      append(expiring(Props{"prefix": "curated/"}, 1), table),
				"scripts":                     append(expiring(Props{"prefix": "scripts/"}, 1), job),
				"a table in the whole bucket": append(expiring(Props{"prefix": "tmp/"}, 1), R(aws.CatalogTable, "all", Props{"storageDescriptor": Props{"location": Sub("s3://%s/", "bucket", "id")}})),
			},
			AlsoPasses: map[string][]Res{
				"no versions kept":   lifecycle(Props{"status": "Enabled"}),
				"data, after a week": expiring(Props{"prefix": "sale_events/"}, 7),
				"results":            append(expiring(Props{"prefix": "results/"}, 1), table, job),
				"results, by size":   expiring(Props{"and": Props{"prefix": "results/", "objectSizeGreaterThan": 1}}, 1),
				"a tag":              expiring(Props{"tag": Props{"key": "temporary", "value": "yes"}}, 1),
				"tags":               expiring(Props{"and": Props{"prefix": "s", "tags": Props{"temporary": "yes"}}}, 1),
				"another's data":     append(expiring(Props{"prefix": "curated/"}, 1), R(aws.CatalogTable, "elsewhere", Props{"storageDescriptor": Props{"location": "s3://elsewhere/curated/"}})),
			},
		},
		{
			Rule: "s3-lifecycle-query-results-expire", Property: "rules[0].expiration.days", On: "lifecycle",
			Compliant: results("results/", 14),
			Violating: results("results/", 90),
			AlsoViolates: map[string][]Res{
				"other prefix":       results("raw/", 14),
				"other prefix, and":  filtered(Props{"and": Props{"prefix": "raw/", "tags": Props{}}}, 14),
				"some, by a tag":     filtered(Props{"tag": Props{"key": "old", "value": "yes"}}, 14),
				"some, by tags":      filtered(Props{"and": Props{"prefix": "results/", "tags": Props{"old": "yes"}}}, 14),
				"large ones":         filtered(Props{"objectSizeGreaterThan": "1000000"}, 14),
				"small ones of them": filtered(Props{"and": Props{"prefix": "results/", "objectSizeLessThan": 10}}, 14),
				"Glue":               append(results("results/", 14), temporary),
			},
			AlsoPasses: map[string][]Res{
				"whole bucket":    append(results("", 14), temporary),
				"the prefix, and": filtered(Props{"and": Props{"prefix": "results/", "objectSizeGreaterThan": 0}}, 14),
			},
			UndecidedAtPreview: true,
		},
	}
}
