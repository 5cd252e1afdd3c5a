package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"store-events/policy/format"
	"store-events/policy/framework"
	"store-events/policy/pack"
	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/policy/state"
)

// policyCheck has the flags of `policy check`.
type policyCheck struct {
	file, environment, format, baseline, writeBaseline string
	framework                                          []string
}

// formats of `policy check` besides those of --output.
var formats = []string{"text", "json", "sarif", "html", "github"}

// check returns an error if a flag has an invalid value.
func (c policyCheck) check() error {
	if !slices.Contains(formats, c.format) {
		return fmt.Errorf("--format %q: must be one of %s", c.format, strings.Join(formats, ", "))
	}
	if c.environment != "" && c.file == "" {
		return errors.New("--environment needs --state: stacks of this project set it in their configuration")
	}
	return nil
}

// configure switches off the rules that --framework does not select.
func (c policyCheck) configure(p *pack.Pack) error {
	if len(c.framework) == 0 {
		return nil
	}
	all := rules.All()
	off := map[string]pack.Configuration{}
	for _, r := range all {
		off[r.ID] = pack.Configuration{Level: rule.Off}
	}
	for _, wanted := range c.framework {
		found := false
		for _, r := range all {
			if framework.Selects(r, wanted) {
				delete(off, r.ID)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("--framework %s: no rule has this source; use %s, the ID of a control, or a requirement such as cis-2.1.4",
				wanted, strings.Join(framework.Names(), ", "))
		}
	}
	return p.Configure(off)
}

// checkExport checks an exported state, of any program.
func (a *app) checkExport(c policyCheck) (format.Result, error) {
	text, err := os.ReadFile(c.file)
	if err != nil {
		return format.Result{}, fmt.Errorf("--state: %w", err)
	}
	e, err := state.ReadExport(text)
	if err != nil {
		return format.Result{}, fmt.Errorf("--state %s: %w", c.file, err)
	}
	if e.Encrypted > 0 {
		a.progress("%d secrets of the state are encrypted, and rules that read them cannot decide: export it with --show-secrets to check them", e.Encrypted)
	}
	stack := pack.Stack{Project: e.Project, Name: e.Stack}
	if c.environment != "" {
		stack.Config = map[string]string{"policy:environment": c.environment}
	}
	result, err := c.apply(stack, e.Resources)
	result.File, result.Lines = c.file, format.LinesOf(text)
	return result, err // Rules that cannot decide because of secrets do not fail the check.
}

// apply runs the pack, configured by the flags, on all resources of a stack.
func (c policyCheck) apply(stack pack.Stack, resources []rule.Resource) (format.Result, error) {
	p, err := pack.New(stack)
	if err != nil {
		return format.Result{}, err
	}
	if err := c.configure(p); err != nil {
		return format.Result{}, err
	}
	var reports []pack.Report
	for _, r := range resources {
		reports = append(reports, p.CheckResource(r)...)
	}
	reports = append(reports, p.CheckStack(resources)...)
	return format.Result{Stack: stack.Name, Resources: len(resources), Reports: reports, Policies: p.Policies()}, nil
}

// baseline is a file of known findings, by format.Fingerprint.
type baseline struct {
	Version  int      `json:"version"`
	Findings []string `json:"findings"`
}

// baselineVersion is the version of the fingerprints. Files without a version contain only rule and resource,
// which would hide other violations of the same rule by the same resource.
const baselineVersion = 2

// useBaseline reads and writes the baseline files from the flags.
func (c policyCheck) useBaseline(r *format.Result) error {
	if c.baseline != "" {
		text, err := os.ReadFile(c.baseline)
		if err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
		var b baseline
		if err := json.Unmarshal(text, &b); err != nil {
			return fmt.Errorf("--baseline %s: %w", c.baseline, err)
		}
		if b.Version != baselineVersion {
			return fmt.Errorf("--baseline %s: the format's version is %d instead of %d: compare the findings with the file, and write it again with --write-baseline",
				c.baseline, b.Version, baselineVersion)
		}
		r.Known = map[string]bool{}
		for _, f := range b.Findings {
			r.Known[f] = true
		}
	}
	if c.writeBaseline == "" {
		return nil
	}
	b := baseline{Version: baselineVersion, Findings: []string{}}
	for _, report := range r.Reports {
		if report.Policy != pack.NotePolicy && report.Policy != pack.UndecidedPolicy {
			b.Findings = append(b.Findings, format.Fingerprint(report))
		}
	}
	slices.Sort(b.Findings)
	b.Findings = slices.Compact(b.Findings)
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.writeBaseline, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("--write-baseline: %w", err)
	}
	return nil
}

// writeAs prints a result in a format for other tools.
func writeAs(w io.Writer, r format.Result, as string) error {
	switch as {
	case "sarif":
		return format.SARIF(w, r)
	case "html":
		return format.HTML(w, r)
	default:
		return format.GitHub(w, r)
	}
}

// verdictOf returns the result for people and for JSON, without the findings of the baseline.
func verdictOf(r format.Result) verdict {
	reports := slices.DeleteFunc(slices.Clone(r.Reports), func(one pack.Report) bool { return r.Known[format.Fingerprint(one)] })
	v := newVerdict(r.Stack, r.Resources, reports)
	v.Known, v.mustDecide = len(r.Reports)-len(reports), r.MustDecide
	return v
}
