package format

import (
	"encoding/json"
	"io"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// Types of SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID         string          `json:"id"`
		Short      sarifText       `json:"shortDescription"`
		Help       *sarifText      `json:"help,omitempty"`
		HelpURI    string          `json:"helpUri,omitempty"`
		Properties sarifProperties `json:"properties"`
	}
	sarifProperties struct {
		Severity string   `json:"security-severity"`
		Tags     []string `json:"tags,omitempty"`
	}
	sarifText   struct{ Text string } // Marshaled below.
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				Line int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
		Logical []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// MarshalJSON encodes the text as a SARIF message, which must not be empty.
func (t sarifText) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"text": t.Text})
}

// scores are GitHub's security severities: over 9 is critical, over 7 high, over 4 medium.
var scores = map[rule.Severity]string{rule.Critical: "9.5", rule.High: "8.0", rule.Medium: "5.5", rule.Low: "2.0"}

// SARIF writes the result as a SARIF 2.1.0 log for GitHub's code scanning.
func SARIF(w io.Writer, r Result) error {
	driver := sarifDriver{Name: "store-events-policy", Rules: []sarifRule{}}
	index := map[string]int{}
	for _, p := range r.Policies {
		one := sarifRule{ID: p.Name, Short: sarifText{p.Title}, HelpURI: p.URL, Properties: sarifProperties{scores[p.Severity], p.Requirements}}
		if p.Fix != "" {
			one.Help = &sarifText{p.Fix}
		}
		index[p.Name] = len(driver.Rules)
		driver.Rules = append(driver.Rules, one)
	}
	run := sarifRun{Tool: sarifTool{driver}, Results: []sarifResult{}}
	for _, report := range r.Reports {
		run.Results = append(run.Results, r.sarif(report, index[report.Policy]))
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{
		Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func (r Result) sarif(report pack.Report, index int) sarifResult {
	one := sarifResult{
		RuleID: report.Policy, RuleIndex: index, Kind: "fail", Level: "warning", Message: sarifText{summary(report)},
		Fingerprints: map[string]string{"finding/v2": Fingerprint(report)},
	}
	switch {
	case report.Policy == pack.UndecidedPolicy:
		one.Kind, one.Level = "open", "none" // Only the kind fail has a level.
	case report.Policy == pack.NotePolicy:
		one.Kind, one.Level = "informational", "none"
	case report.Level >= rule.Mandatory:
		one.Level = "error"
	}
	var at sarifLocation
	at.Physical.Artifact.URI, at.Physical.Region.Line = fileURI(r.File), r.line(report.URN)
	if report.URN != "" {
		at.Logical = []sarifLogical{{Name: report.URN, Kind: "resource"}}
	}
	one.Locations = []sarifLocation{at}
	if r.Known[Fingerprint(report)] {
		one.Suppressions = []sarifSuppression{{Kind: "external", Justification: "in the baseline"}}
	}
	return one
}
