package framework

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
	"store-events/policy/rules"
)

func selected(wanted string) []string {
	var ids []string
	for _, r := range rules.All() {
		if Selects(r, wanted) {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestStandardsSelectRules(t *testing.T) {
	require.Equal(t, []string{
		"account-guards-on", "ec2-ebs-encrypted", "ec2-imdsv2", "iam-no-users-or-keys", "kms-rotation",
		"nacl-no-world-admin-port", "rds-minor-upgrades", "rds-multi-az", "rds-not-public", "rds-storage-encrypted",
		"rds-subnet-group-multi-az", "s3-public-access-block-complete", "s3-public-access-block-present", "s3-tls-only",
		"sg-no-world-admin-or-db-port", "sg-of-stack", "vpc-default-sg-closed", "vpc-flow-logs",
	}, selected("cis"))
	require.Equal(t, []string{
		"account-guards-on", "ec2-imdsv2", "iam-no-users-or-keys", "kms-rotation", "lambda-permission-not-public",
		"lambda-supported-runtime", "nacl-no-world-admin-port", "rds-admin-username", "rds-log-exports",
		"rds-minor-upgrades", "rds-not-public", "s3-access-logging", "s3-encryption-cmk",
		"s3-public-access-block-complete", "s3-public-access-block-present", "s3-tls-only",
		"secret-rotation-configured", "secret-rotation-interval", "sg-no-public-login", "sg-no-world-admin-or-db-port",
		"subnet-no-auto-public-ip",
	}, selected("pci"))
}

func TestNamesOfRequirements(t *testing.T) {
	blocks := []string{"s3-public-access-block-complete", "s3-public-access-block-present"}
	for wanted, want := range map[string][]string{
		"cis-2.1.4":        blocks,
		"CIS 2.1.4":        blocks,
		"CIS v5.0.0/2.1.4": blocks,
		"cis-v1.4.0/2.1.5": blocks,
		"cis-2.1.5":        nil, // Only of an older version.
		"cis-v3.0.0/5.4":   {"sg-of-stack", "vpc-default-sg-closed"},
		"cis-5.5":          {"sg-of-stack", "vpc-default-sg-closed"},
		"cis-1":            {"iam-no-users-or-keys"},
		"cis-v1.4.0/1.16":  {"iam-no-admin-statement"},
		"PCI 8.3.6":        {"account-guards-on"},
		"PCI DSS 8.3.6":    {"account-guards-on"},
		"pci-8.3.10":       {"account-guards-on"},
		"pci-8":            {"account-guards-on", "iam-no-users-or-keys", "secret-rotation-configured", "secret-rotation-interval"},
		"pci-v3.2.1/2.4":   {"eip-in-use"},
		"s3.17":            {"s3-encryption-cmk"},
		"CKV_AWS_16":       {"rds-storage-encrypted"},
		"cis-2.1.":         nil,
		"cis-":             nil,
		"cis-v5":           nil,
		"cis-v2.0.0":       nil,
		"cisco":            nil,
		"iso":              nil,
		"":                 nil,
	} {
		require.Equal(t, want, selected(wanted), "%q", wanted)
	}
	require.NotEqual(t, selected("cis"), selected("cis-v3.0.0"))
	require.Equal(t, selected("cis"), selected("cis-v5.0.0"))
}

func TestEveryNameSelectsRules(t *testing.T) {
	for _, name := range Names() {
		require.NotEmpty(t, selected(name), name)
		require.Equal(t, selected(name), selected(strings.ToUpper(name)), name)
	}
}

func TestTableHasNoUnusedEntries(t *testing.T) {
	var sources []string
	for _, r := range rules.All() {
		sources = append(sources, strings.Split(r.Sources, "; ")...)
	}
	numbers := regexp.MustCompile(`^$|^\d+(\.\d+)+( \d+(\.\d+)+)*$`)
	seen := map[string]bool{}
	for _, c := range related {
		require.True(t, slices.Contains(sources, "FSBP "+c.control) || slices.Contains(sources, "SecHub "+c.control),
			"no rule names %s", c.control)
		require.False(t, seen[c.control], "%s is there twice", c.control)
		seen[c.control] = true
		columns := []string{c.cis5, c.cis3, c.cis14, c.cis12, c.pci4, c.pci3}
		require.NotEmpty(t, strings.Join(columns, ""), c.control)
		for _, column := range columns {
			require.Regexp(t, numbers, column, c.control)
		}
	}
}

func TestRequirementsOfARule(t *testing.T) {
	r := rule.Rule{Sources: "project; FSBP S3.8; FSBP S3.1; checkov CKV_AWS_53"}
	require.Equal(t, []string{"CIS v5.0.0/2.1.4", "PCI DSS v4.0.1/1.4.4"}, Current(r), "without duplicates")
	require.Len(t, Requirements(r), 9)
	require.Equal(t, []string{"CIS v5.0.0/5.3", "PCI DSS v4.0.1/1.3.1"}, Current(rule.Rule{Sources: "SecHub EC2.13; SecHub EC2.53"}),
		"by standard, not by source")
	require.Empty(t, Requirements(rule.Rule{Sources: "project"}))
}
