// Package preflight checks an AWS account before a stack is deployed into it, for
// problems that would make the first update fail although preview and policies accept
// it. It only reads. The caller provides the plan from a preview.
package preflight

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Status is the outcome of a check.
type Status string

// The outcomes. A Problem makes the update fail, a Warning does not. Unknown
// means that the check failed.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Problem Status = "problem"
	Unknown Status = "unknown"
)

// Finding is a result of a check.
type Finding struct {
	// ID names the kind of finding, such as name-taken.
	ID     string `json:"id"`
	Status Status `json:"status"`
	What   string `json:"what"`
	// Do is what to do about it; empty for nothing.
	Do string `json:"do,omitempty"`
}

// Report is the outcome of all checks.
type Report struct {
	Stack    string    `json:"stack"`
	Region   string    `json:"region"`
	Account  string    `json:"account"`
	Caller   string    `json:"caller"`
	Findings []Finding `json:"findings"`
}

// Count returns the number of findings with a status.
func (r Report) Count(s Status) int {
	n := 0
	for _, f := range r.Findings {
		if f.Status == s {
			n++
		}
	}
	return n
}

// Resource is a resource that an update would create.
type Resource struct {
	// Type is Pulumi's, such as aws:rds/instance:Instance.
	Type string
	// Inputs are the known inputs, without names that the provider generates.
	Inputs map[string]any
}

// text returns an input, "" if it is unknown.
func (r Resource) text(input string) string {
	s, _ := r.Inputs[input].(string)
	return s
}

func (r Resource) number(input string) int {
	switch n := r.Inputs[input].(type) {
	case float64:
		return int(n)
	case int:
		return n
	}
	return 0
}

// Plan is what an update would create.
type Plan struct {
	Stack, Region string
	// Resources are the resources that the stack does not have yet.
	Resources []Resource
	// Zones are the configured zones or the zones of the deployed stack. If empty, the
	// program chooses.
	Zones []string
	// OwnsCatalog reports whether the stack has already set the encryption of the
	// Glue data catalog.
	OwnsCatalog bool
	// Network is the existing VPC that the stack is deployed into; nil if it creates one.
	Network *Network
	// Bucket is the existing bucket that the stack uses; nil if it creates one.
	Bucket *Bucket
	// Server is the existing database server; nil if the stack creates one.
	Server *Server
	// CatalogKey is the expected encryption key of the Glue data catalog; empty for none.
	CatalogKey string
}

func (p Plan) all(kind string) []Resource {
	var found []Resource
	for _, r := range p.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// run is the state that the checks share.
type run struct {
	*Clients
	plan   Plan
	caller caller
}

// check is one check. Its error means that AWS could not be queried.
type check struct {
	id   string
	find func(ctx context.Context, r *run) ([]Finding, error)
}

var checks = []check{
	{"name-taken", names},
	{"quota", quotas},
	{"zones", zones},
	{vpcCheck, existingVpc},
	{bucketCheck, existingBucket},
	{serverCheck, existingServer},
	{"public-access", publicAccess},
	{"free-plan", freePlan},
	{"database-version", databaseVersion},
	{"database-class", databaseClass},
	{"lake-formation", lakeFormation},
	{"catalog-encryption", catalogEncryption},
	{"permissions", permissions},
}

// atOnce is how many checks run concurrently, far below AWS's request rates.
const atOnce = 4

// Run checks the account of the clients' credentials. If these are invalid, that is
// the only finding.
func Run(ctx context.Context, c *Clients, plan Plan) (Report, error) {
	report := Report{Stack: plan.Stack, Region: plan.Region}
	who, finding := identify(ctx, c, plan.Region)
	report.Account, report.Caller = who.account, who.arn
	report.Findings = []Finding{finding}
	if finding.Status != OK {
		return report, ctx.Err()
	}
	r := &run{c, plan, who}
	found := make([][]Finding, len(checks))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, check := range checks {
		g.Go(func() error {
			var err error
			if found[i], err = check.find(ctx, r); err != nil {
				found[i] = append(found[i], unknown(check.id, err))
			}
			return nil
		})
	}
	_ = g.Wait() // Errors are findings.
	report.Findings = append(report.Findings, slices.Concat(found...)...)
	return report, ctx.Err()
}

func unknown(id string, err error) Finding {
	f := Finding{ID: id, Status: Unknown, What: "not checked: " + err.Error()}
	if denied(err) {
		f.Do = "allow the caller to read this (the error contains the action), or check it manually"
	}
	return f
}

func ok(id, what string) []Finding { return []Finding{{ID: id, Status: OK, What: what}} }

// or returns the findings, or an OK finding if there are none.
func or(found []Finding, id, what string) []Finding {
	if len(found) > 0 {
		return found
	}
	return ok(id, what)
}

func list(values []string) string { return strings.Join(values, ", ") }
