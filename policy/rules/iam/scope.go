package iam

import (
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// secretValues are the actions that read and write the value of a secret.
var secretValues = []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"}

var secretReadScoped = rule.Rule{
	ID:       "iam-secret-read-scoped",
	Title:    "IAM policies allow reading and writing values only of secrets of this stack",
	Why:      "A role that can read secrets by wildcard can also read those of other systems.",
	Fix:      "Set Resource to the ARN of a secretsmanager.Secret of the stack.",
	Sources:  "project; checkov CKV_AWS_288",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append([]string{aws.Secret}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		return eachDocument(s, func(v value.Value) []rule.Finding {
			return iampolicy.Forbid(v, func(statement iampolicy.Statement) bool {
				return statement.Allows() && statement.Covers(secretValues...) &&
					(statement.EveryResource() || slices.ContainsFunc(statement.Resource, notOwnSecret(s)))
			}, "allows access to secrets outside this stack")
		})
	},
}

// notOwnSecret returns a test for patterns that match secrets outside the stack. The ARN of a secret ends with six
// random characters, for which a policy may use question marks:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
func notOwnSecret(s rule.Stack) func(string) bool {
	return func(arn string) bool {
		named, suffixed := strings.CutSuffix(arn, "-??????")
		_, name, _ := strings.Cut(named, ":secret:")
		return !s.Chosen(arn, aws.Secret) &&
			(!suffixed || len(s.Identified(named, aws.Secret)) == 0 && len(s.Identified(name, aws.Secret)) == 0)
	}
}

func eachDocument(s rule.Stack, checkIt func(value.Value) []rule.Finding) []rule.Finding {
	var findings []rule.Finding
	for _, r := range s.Of(permissionTypes...) {
		for _, v := range documents(r) {
			findings = append(findings, rule.On(r, checkIt(v))...)
		}
	}
	return findings
}

var s3PrefixScoped = rule.Rule{
	ID:       "iam-s3-prefix-scoped",
	Title:    "IAM policies limit object access to prefixes in this stack's buckets, without writes by crawlers or to job scripts",
	Why:      "A role that can write anywhere in a bucket can overwrite the raw data, or the script of the next run.",
	Fix:      "Set Resource of object actions to <bucket ARN>/<prefix>/*, for a bucket of the stack.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    append([]string{aws.Bucket, aws.GlueJob, aws.GlueCrawler}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			eachDocument(s, func(v value.Value) []rule.Finding {
				return iampolicy.Forbid(v, func(st iampolicy.Statement) bool { return st.Allows() && touchesObjects(st) && !prefixed(s, st) },
					"allows access to objects outside a prefix in a bucket of this stack")
			}),
			s.Each(aws.GlueCrawler, func(c rule.Resource) []rule.Finding {
				return forbidWrites(s, c, c.Get("role"), "lets the crawler write objects")
			}),
			s.Each(aws.GlueJob, func(j rule.Resource) []rule.Finding {
				return forbidOverwriting(s, matchesLocation(j.Get("command", "scriptLocation")))
			}),
		)
	},
}

func touchesObjects(s iampolicy.Statement) bool {
	return s.Covers("s3:GetObject", "s3:GetObjectVersion", "s3:RestoreObject") || writesObjects(s)
}

func writesObjects(s iampolicy.Statement) bool {
	return s.Covers("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:ReplicateObject", "s3:ReplicateDelete")
}

// namesPrefix matches a key that begins with a character.
var namesPrefix = regexp.MustCompile(`^[^*?]`)

// prefixed reports whether every resource is a prefix in a bucket of the stack. The role may also read the
// buckets of Glue's libraries, whose names AWS documents.
func prefixed(s rule.Stack, statement iampolicy.Statement) bool {
	if len(statement.NotResource) > 0 {
		return false
	}
	for _, arn := range statement.Resource {
		_, object, _ := strings.Cut(arn, ":s3:::") // After the partition: aws, aws-cn or aws-us-gov.
		name, key, _ := strings.Cut(object, "/")
		if strings.HasPrefix(name, "aws-glue-") && !writesObjects(statement) {
			continue
		}
		if !s.Chosen(name, aws.Bucket) || !namesPrefix.MatchString(key) {
			return false
		}
	}
	return true
}

// matchesLocation returns a test for resource ARNs that match an S3 location. A location has no partition, so the
// ARN's is used.
func matchesLocation(location value.Value) func(arn string) bool {
	text, _ := location.Text() // An unknown location matches nothing.
	bucket, key, ok := matcher.S3Location(text)
	return func(arn string) bool {
		partition := "aws"
		if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 {
			partition = parts[1]
		}
		return ok && iampolicy.MatchesARN(arn, "arn:"+partition+":s3:::"+bucket+"/"+key)
	}
}

// forbidOverwriting reports statements of the stack's roles that allow overwriting the script of a job.
func forbidOverwriting(s rule.Stack, overwrites func(arn string) bool) []rule.Finding {
	return eachDocument(s, func(v value.Value) []rule.Finding {
		return iampolicy.Forbid(v, func(statement iampolicy.Statement) bool {
			return statement.Allows() && writesObjects(statement) && slices.ContainsFunc(statement.Resource, overwrites)
		}, "allows overwriting the script of a job")
	})
}

// forbidWrites reports statements that allow a resource's role to write objects.
func forbidWrites(s rule.Stack, of rule.Resource, role value.Value, message string) []rule.Finding {
	var findings []rule.Finding
	roles, _ := s.Referred(of, role, aws.Role)
	for _, r := range roles {
		for _, p := range permissionsOfRole(s, r) {
			findings = append(findings, rule.On(p.of, iampolicy.Forbid(p.document, func(statement iampolicy.Statement) bool {
				return statement.Allows() && writesObjects(statement)
			}, message))...)
		}
	}
	return findings
}
