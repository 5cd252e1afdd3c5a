package rds

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var logExports = rule.Rule{
	ID:       "rds-log-exports",
	Title:    "RDS instances export their logs to CloudWatch Logs",
	Why:      "Logs that stay on the instance are lost with it, and nobody monitors them.",
	Fix:      "Set EnabledCloudwatchLogsExports on the rds.Instance to error and slowquery, and to general if its cost is acceptable; audit also needs an option group.",
	Sources:  "FSBP RDS.9; FSBP RDS.42; cdk-nag NIST.800.53.R5-RDSLoggingEnabled; checkov CKV_AWS_129",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		exports := r.Get("enabledCloudwatchLogsExports")
		return rule.All(
			rule.Require(exports, matcher.Has("error"), "the error log is not exported"),
			rule.Require(exports, matcher.Has("slowquery"), "the slow query log is not exported"),
			// Only a note, because these two are expensive, or need an option group.
			rule.Notes(rule.Require(exports, matcher.AllOf(matcher.Has("audit"), matcher.Has("general")), "the audit and general logs are not exported")),
		)
	},
}

var logGroupsPrecreated = rule.Rule{
	ID:       "rds-log-groups-precreated",
	Title:    "The log groups of RDS instances belong to the stack",
	Why:      "RDS creates missing log groups without retention or key.",
	Fix:      "Add a cloudwatch.LogGroup named /aws/rds/instance/<identifier>/<log> for each exported log.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.DBInstance, aws.LogGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			return rule.Each(db.Get("enabledCloudwatchLogsExports"), func(export value.Value) []rule.Finding {
				return requireLogGroup(s, db, export)
			})
		})
	},
}

func requireLogGroup(s rule.Stack, db rule.Resource, export value.Value) []rule.Finding {
	log, err := export.Text()
	identifier, identifierErr := db.Get("identifier").Text()
	if err != nil || identifierErr != nil {
		return rule.All(rule.Unreadable(err), rule.Unreadable(identifierErr))
	}
	suffix := "/aws/rds/instance/" + identifier + "/" + log
	for _, group := range s.Of(aws.LogGroup) {
		name, err := group.Get("name").Text()
		if err == nil && identifier != "" && name == suffix {
			return nil
		}
		if err != nil {
			return rule.On(group, rule.Unreadable(err))
		}
	}
	return rule.Violate(export, "the stack has no log group for the "+logName(log)+" log")
}

// logName returns the name of a known log, because messages must not contain values.
func logName(log string) string {
	if slices.Contains([]string{"audit", "error", "general", "slowquery", "postgresql", "upgrade"}, log) {
		return log
	}
	return "exported"
}

var enhancedMonitoring = rule.Rule{
	ID:       "rds-enhanced-monitoring",
	Title:    "RDS instances have enhanced monitoring enabled",
	Why:      "CloudWatch's standard metrics do not show which process uses memory or disk.",
	Fix:      "Set MonitoringInterval to 60 and MonitoringRoleArn on the rds.Instance.",
	Sources:  "FSBP RDS.6; cdk-nag NIST.800.53.R5-RDSEnhancedMonitoringEnabled; checkov CKV_AWS_118",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("monitoringInterval"), matcher.AtLeast(1), "enhanced monitoring is off"),
			rule.RequireGiven(r.Get("monitoringRoleArn"), "enhanced monitoring has no role"),
		)
	},
}

// tooSmall are the classes without Performance Insights for MySQL.
var tooSmall = matcher.OneOf("db.t2.micro", "db.t2.small", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small")

var performanceInsights = rule.Rule{
	ID:       "rds-performance-insights",
	Title:    "RDS instances have Performance Insights enabled",
	Why:      "Without it, nobody can find out later why the database was slow.",
	Fix:      "Set PerformanceInsightsEnabled: pulumi.Bool(true) on the rds.Instance.",
	Sources:  "checkov CKV_AWS_353; pulumi aws-rds-instance-enable-performance-insights; trivy aws-rds-enable-performance-insights",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.When(r.Get("instanceClass"), matcher.Not(tooSmall), func() []rule.Finding {
			return rule.Require(r.Get("performanceInsightsEnabled"), matcher.True, "Performance Insights is off")
		})
	},
}

var performanceInsightsCMK = rule.Rule{
	ID:       "rds-performance-insights-cmk",
	Title:    "Performance Insights data is encrypted with a customer managed key",
	Why:      "It contains the text of queries, and so data.",
	Fix:      "Set PerformanceInsightsKmsKeyId on the rds.Instance.",
	Sources:  "checkov CKV_AWS_354; pulumi aws-rds-instance-disallow-unencrypted-performance-insights; trivy aws-rds-performance-insights-encryption-customer-key",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.When(r.Get("performanceInsightsEnabled"), matcher.True, func() []rule.Finding {
			return rule.RequireGiven(r.Get("performanceInsightsKmsKeyId"), "Performance Insights data is not encrypted with a customer managed key")
		})
	},
}
