package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"store-events/policy/rule"
)

const originalHead = `
## The original architecture

This project re-creates an AWS CDK demonstration of 2021. [tests/policy/original](../tests/policy/original) declares that
system with its published weak points; unknown settings have the services' defaults. These rules report the weak points:

| weak point | rules |
|---|---|
`

const violationsHead = `
A declaration does not show other weak points: the job appends, so that a retry repeats rows, and logs the password; each
event is a separate object; each zone has a NAT gateway; the schedule is never started. The job and the producer of this
project avoid the first three, its configuration avoids the others.

A first preview fails with exactly these mandatory violations, %d in prod and %d in dev
([test](../tests/policy/original_test.go)):

| rule | requirement | severity | violated in prod by | in dev by |
|---|---|---|---|---|
`

// weakPoints lists the weak points visible in the declaration of the original architecture, and the rules that
// report them.
func weakPoints() [][]string {
	return [][]string{
		{"the bucket has no encryption, no public access block, and accepts requests without TLS", "s3-encryption-present", "s3-public-access-block-present", "s3-tls-only"},
		{"a literal user and password in the Glue connection", "glue-connection-secret-id", "no-literal-credential"},
		{"connections to the database do not use TLS, and the database does not require it", "glue-connection-tls", "rds-tls-required"},
		{"one role with `s3:*` and read access to the whole account", "iam-no-wildcard-action", "iam-no-wildcard-resource", "iam-s3-prefix-scoped", "iam-no-broad-managed-policy", "iam-one-service-per-role"},
		{"the database is open to the whole VPC", "sg-no-wide-cidr-ingress", "sg-rds-ingress-known-groups"},
		{"the database's storage is not encrypted", "rds-storage-encrypted"},
		{"an r5.large for a demonstration", "rds-instance-class-allowed"},
		{"a job with bookmarks that can run twice at the same time", "glue-job-bookmark-single-run"},
		{"versions without support", "glue-job-version", "rds-engine-supported", "lambda-supported-runtime"},
		{"failures trigger no notification", "pipeline-failure-alerted"},
	}
}

// violations lists the resources that violate each rule.
type violations map[string][]string

// readViolations reads the violations in a preview of the original architecture, one "rule resource" a line. The
// test of that preview keeps the file current.
func readViolations(root string, env rule.Environment, all []rule.Rule) (violations, error) {
	file := fmt.Sprintf("tests/policy/original/violations.%s.txt", env)
	text, err := os.ReadFile(filepath.Join(root, file)) //nolint:gosec // A file of the repository.
	if err != nil {
		return nil, err
	}
	found := violations{}
	for line := range strings.Lines(string(text)) {
		id, resource, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !slices.ContainsFunc(all, func(r rule.Rule) bool { return r.ID == id }) {
			return nil, fmt.Errorf("%s: no rule %q", file, id)
		}
		found[id] = append(found[id], resource)
	}
	return found, nil
}

func (v violations) count() (n int) {
	for _, resources := range v {
		n += len(resources)
	}
	return n
}

func writeOriginal(b *strings.Builder, root string, all []rule.Rule) error {
	prod, err := readViolations(root, rule.Prod, all)
	if err != nil {
		return err
	}
	dev, err := readViolations(root, rule.Dev, all)
	if err != nil {
		return err
	}
	b.WriteString(originalHead)
	for _, point := range weakPoints() {
		for _, id := range point[1:] {
			if prod[id] == nil && dev[id] == nil {
				return fmt.Errorf("weak point %q: rule %s does not report it", point[0], id)
			}
		}
		fmt.Fprintf(b, "| %s | `%s` |\n", point[0], strings.Join(point[1:], "`, `"))
	}
	fmt.Fprintf(b, violationsHead, prod.count(), dev.count())
	for _, r := range all {
		if prod[r.ID] != nil || dev[r.ID] != nil {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", r.ID, cell(r.Title), r.Severity, strings.Join(prod[r.ID], ", "), strings.Join(dev[r.ID], ", "))
		}
	}
	return nil
}
