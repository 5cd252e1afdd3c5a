// Package kms contains the rules for keys.
package kms

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		rotation,
		policyPresent,
		policyNotPublic,
		policyServiceScoped,
		noLockoutBypass,
		deletionWindow,
		enabledSingleRegion,
	}
}

var rotation = rule.Rule{
	ID:       "kms-rotation",
	Title:    "Symmetric KMS keys are rotated at least once a year",
	Why:      "Rotation limits how much data is encrypted with the same key material, and requires no other changes.",
	Fix:      "Set EnableKeyRotation: pulumi.Bool(true) on the kms.Key.",
	Sources:  "SecHub KMS.4; cdk-nag AwsSolutions-KMS5; checkov CKV_AWS_7; pulumi aws-kms-key-enable-key-rotation; trivy aws-kms-auto-rotate-keys",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.When(r.Get("customerMasterKeySpec"), matcher.OneOf("", "SYMMETRIC_DEFAULT"), func() []rule.Finding {
			return rule.All(
				rule.Require(r.Get("enableKeyRotation"), matcher.True, "automatic key rotation is off"),
				rule.Require(r.Get("rotationPeriodInDays"), matcher.MissingOr(matcher.AtMost(365)), "the key is rotated less than once a year"),
			)
		})
	},
}

var policyPresent = rule.Rule{
	ID:       "kms-policy-present",
	Title:    "KMS keys have an explicit key policy",
	Why:      "With the default key policy, any IAM policy of the account can grant use of the key.",
	Fix:      "Set Policy on the kms.Key, with one statement for administration and one for each user of the key.",
	Sources:  "checkov CKV2_AWS_64",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.RequireGiven(r.Get("policy"), "the key has no policy")
	},
}

var policyNotPublic = rule.Rule{
	ID:       "kms-policy-not-public",
	Title:    "KMS keys are not publicly accessible",
	Why:      "An Allow statement for * lets any AWS account decrypt the data.",
	Fix:      "List the principals, or add a condition on kms:CallerAccount; kms:ViaService alone admits every account.",
	Sources:  "FSBP KMS.5; checkov CKV_AWS_33",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), iampolicy.Statement.Public, "opens the key to everyone")
	},
}

var policyServiceScoped = rule.Rule{
	ID:       "kms-policy-service-scoped",
	Title:    "Key policies let AWS services use the key only for this account",
	Why:      "A service acts for all AWS customers: without a condition, another account may make it use your key.",
	Fix:      "Add a condition on aws:SourceAccount, aws:SourceArn, kms:ViaService or an encryption context to the statement; EventBridge supports none of these and needs a separate statement.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), func(s iampolicy.Statement) bool {
			return s.ServesAnyone() && !forMessages(s) && !s.Narrowed("kms:CallerAccount", "kms:ViaService", "kms:EncryptionContext:")
		}, "lets a service use the key for any account")
	},
}

// forMessages reports whether a statement allows only EventBridge or CloudWatch's alarms to publish to an encrypted
// topic or queue. With a condition on aws:SourceAccount or aws:SourceArn, EventBridge could not use the key, and AWS
// documents none for alarms:
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
// https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
func forMessages(s iampolicy.Statement) bool {
	only := func(list []string, allowed ...string) bool {
		return len(list) > 0 && !slices.ContainsFunc(list, func(v string) bool { return !slices.Contains(allowed, v) })
	}
	return len(s.Principal) == 1 && only(s.Of("Service"), "events.amazonaws.com", "cloudwatch.amazonaws.com") && len(s.Condition) == 0 &&
		only(s.Action, "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey*")
}

var noLockoutBypass = rule.Rule{
	ID:       "kms-no-lockout-bypass",
	Title:    "Key policies are subject to the lockout safety check",
	Why:      "Without the check, a mistake in the policy can leave a key that nobody can manage.",
	Fix:      "Remove BypassPolicyLockoutSafetyCheck.",
	Sources:  "pulumi aws-kms-key-disallow-bypass-policy-lockout-safety-check",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("bypassPolicyLockoutSafetyCheck"), matcher.NotTrue, "the lockout safety check is bypassed")
	},
}

var deletionWindow = rule.Rule{
	ID:       "kms-deletion-window",
	Title:    "The deletion waiting period of KMS keys is at least the environment's minimum",
	Why:      "Data that is encrypted with a deleted key is lost.",
	Fix:      "Remove DeletionWindowInDays, or set it to 30 (7 in dev and local).",
	Sources:  "FSBP KMS.3; project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Options: []rule.Option{
		rule.Integer("days", "minimum waiting period in days before a key is deleted", 7, 30, func(s *rule.Settings) *float64 { return &s.KeyDeletionDays }),
	},
	Types: []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("deletionWindowInDays"), matcher.MissingOr(matcher.AtLeast(r.Settings.KeyDeletionDays)), "the waiting period is too short")
	},
}

var enabledSingleRegion = rule.Rule{
	ID:       "kms-enabled-single-region",
	Title:    "KMS keys are enabled and single-Region",
	Why:      "Data encrypted with a disabled key cannot be read; a multi-Region key can be replicated to regions that nobody monitors.",
	Fix:      "Remove IsEnabled and MultiRegion.",
	Sources:  "checkov CKV_AWS_227; prowler kms_cmk_not_multi_region",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Key},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("isEnabled"), matcher.NotFalse, "the key is disabled"),
			rule.Require(r.Get("multiRegion"), matcher.NotTrue, "the key is a multi-Region key"),
		)
	},
}
