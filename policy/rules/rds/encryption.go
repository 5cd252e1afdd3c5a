package rds

import (
	"regexp"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var storageEncrypted = rule.Rule{
	ID:       "rds-storage-encrypted",
	Title:    "RDS instances have encrypted storage",
	Why:      "Whoever gets the storage medium of an unencrypted instance can read its data, backups and snapshots, and encryption cannot be turned on later without replacing the instance.",
	Fix:      "Set StorageEncrypted: pulumi.Bool(true) on the rds.Instance, with KmsKeyId of a kms.Key of the stack.",
	Sources:  "FSBP RDS.3; cdk-nag AwsSolutions-RDS2; checkov CKV_AWS_16; pulumi aws-rds-instance-disallow-unencrypted-storage; trivy aws-rds-encrypt-instance-storage-data",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("storageEncrypted", matcher.True, "the storage is not encrypted"),
}

var encryptionCMK = rule.Rule{
	ID:       "rds-encryption-cmk",
	Title:    "RDS instances are encrypted with a key of this stack",
	Why:      "Only a customer managed key lets you revoke access to the data and see its use.",
	Fix:      "Set KmsKeyId on the rds.Instance to the ARN of a kms.Key of the stack.",
	Sources:  "pulumi aws-rds-instance-configure-customer-managed-key",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.DBInstance},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			return s.RequireReference(db, db.Get("kmsKeyId"), "the key is not in this stack", aws.Key)
		})
	},
}

var tlsRequired = rule.Rule{
	ID:       "rds-tls-required",
	Title:    "RDS instances require TLS",
	Why:      "Without TLS, a client sends its password and all rows over the network in plain text.",
	Fix:      "Set ParameterGroupName to an rds.ParameterGroup of the stack with require_secure_transport = 1 (rds.force_ssl = 1 for PostgreSQL).",
	Sources:  "SecHub RDS.39; SecHub RDS.38; FSBP RDS.44; checkov CKV2_AWS_69",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.DBParameterGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			name := db.Get("parameterGroupName")
			findings := s.RequireReference(db, name, "no parameter group of this stack requires TLS", aws.DBParameterGroup)
			groups, _ := s.Referred(db, name, aws.DBParameterGroup)
			for _, g := range groups {
				findings = append(findings, rule.On(g, requireTLS(db, g.Get("parameters")))...)
			}
			return findings
		})
	},
}

// tlsParameter maps engines to the parameter that requires TLS.
var tlsParameter = map[string]string{
	"mysql": "require_secure_transport", "mariadb": "require_secure_transport",
	"postgres": "rds.force_ssl", "sqlserver-ee": "rds.force_ssl", "sqlserver-se": "rds.force_ssl",
	"sqlserver-ex": "rds.force_ssl", "sqlserver-web": "rds.force_ssl",
}

// requireTLS requires the parameter of the engine, without a second entry that reverts it, and no old TLS
// version.
func requireTLS(db rule.Resource, parameters value.Value) []rule.Finding {
	names := []string{"require_secure_transport", "rds.force_ssl"}
	if engine, err := db.Get("engine").Text(); err == nil && tlsParameter[engine] != "" {
		names = []string{tlsParameter[engine]}
	}
	on := matcher.At("value", matcher.OneOf("1", "ON", "on", "true"))
	demands := matcher.At("name", matcher.OneOf(names...))
	return rule.All(
		rule.Any(parameters, matcher.AllOf(demands, on), "no parameter requires TLS"),
		rule.Each(parameters, func(parameter value.Value) []rule.Finding {
			return rule.All(
				rule.When(parameter, demands, func() []rule.Finding {
					return rule.Require(parameter, on, "the parameter allows connections without TLS")
				}),
				rule.When(parameter.Get("name"), matcher.OneOf("tls_version", "ssl_min_protocol_version"), func() []rule.Finding {
					return rule.Require(parameter.Get("value"), matcher.Not(matcher.Matches(oldTLS)), "an old version of TLS is allowed")
				}),
			)
		}),
	)
}

var oldTLS = regexp.MustCompile(`(?i)\b(sslv[23]|tlsv1(\.[01])?)(,|\s|$)`)

var modernCA = rule.Rule{
	ID:       "rds-modern-ca",
	Title:    "RDS instances use a current certificate authority",
	Why:      "The certificates of rds-ca-2019 have expired: clients that verify them cannot connect.",
	Fix:      "Remove CaCertIdentifier for the region's default, or set it to rds-ca-rsa2048-g1.",
	Sources:  "checkov CKV_AWS_211",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("caCertIdentifier"), matcher.OneOf("", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"),
			"the certificate authority is not current")
	},
}
