package general

import (
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

// guards are the account settings that protect all stacks of the account, with the tests that they are on.
var guards = map[string][]struct {
	path  string
	holds rule.Test
}{
	aws.EncryptionByDefault:  {{"enabled", matcher.NotFalse}},
	aws.ImagePublicAccess:    {{"state", matcher.OneOf("block-new-sharing")}},
	aws.SnapshotPublicAccess: {{"state", matcher.OneOf("block-all-sharing", "block-new-sharing")}},
	aws.MetadataDefaults:     {{"httpTokens", matcher.OneOf("required")}},
	aws.TraceEncryption:      {{"type", matcher.OneOf("KMS")}},
	aws.VpcPublicAccess: {
		{"internetGatewayBlockMode", matcher.OneOf("block-bidirectional", "block-ingress")},
	},
	aws.ConfigRecorderStatus: {{"isEnabled", matcher.True}},
	aws.Detector:             {{"enable", matcher.NotFalse}},
	aws.PasswordPolicy: {
		{"minimumPasswordLength", matcher.AtLeast(14)},
		{"requireLowercaseCharacters", matcher.True},
		{"requireUppercaseCharacters", matcher.True},
		{"requireNumbers", matcher.True},
		{"requireSymbols", matcher.True},
	},
}

var accountGuardsOn = rule.Rule{
	ID:    "account-guards-on",
	Title: "The stack does not disable or weaken account-wide protection",
	Why: "These settings protect every stack of the account. Without them, a single mistake in any stack can make " +
		"data public.",
	Fix:      "Remove the resource, or enable the protection: block sharing, require tokens.",
	Sources:  "FSBP EC2.7; FSBP EC2.172; FSBP EC2.182; FSBP IAM.7; checkov CKV_AWS_106",
	Severity: rule.High,
	Levels:   rule.Always,
	Types: []string{
		aws.EncryptionByDefault, aws.ImagePublicAccess, aws.SnapshotPublicAccess,
		aws.MetadataDefaults, aws.TraceEncryption, aws.VpcPublicAccess, aws.PasswordPolicy,
		aws.ConfigRecorderStatus, aws.Detector,
	},
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, g := range guards[r.Type] {
			findings = append(
				findings,
				rule.Require(r.Get(g.path), g.holds, "the protection is disabled or weak")...)
		}
		return findings
	},
}

// freeToDrift are properties without a protective effect that services or other tools change.
var freeToDrift = []string{
	"tags", "tagsAll", "description", "versionStages", "engineVersion", "allocatedStorage",
	"availabilityZone", "ami", "code", "sourceCodeHash", "s3ObjectVersion", "dashboardBody",
	"secretString", "password", "keepers", "schedule", "enabled", "numberOfWorkers",
}

// propertyName matches the first part of a property path.
var propertyName = regexp.MustCompile(`^[^.["]*`)

var noIgnoredChanges = rule.Rule{
	ID:    "no-ignored-security-changes",
	Title: "The ignoreChanges option contains no security-relevant properties",
	Why: "Pulumi does not correct ignored properties: a security group that somebody opened stays open, and every " +
		"preview shows no difference.",
	Fix:      "Remove the property from IgnoreChanges.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Resource: func(r rule.Resource) []rule.Finding {
		if aws.ClassOf(r.Type) != aws.Checked {
			return nil
		}
		for _, path := range r.IgnoreChanges {
			root := propertyName.FindString(strings.Trim(path, `["`))
			if !slices.Contains(freeToDrift, root) {
				return rule.Violate(r.Get(root), "changes to the property are ignored")
			}
		}
		return nil
	},
}
