// Package framework selects rules by the frameworks that require them: the rules' sources, and the standards that AWS
// relates to the Security Hub controls among them.
package framework

import (
	"fmt"
	"slices"
	"strings"

	"store-events/policy/rule"
)

// Names lists the names by which rules can be selected, besides IDs of controls and numbers of requirements.
func Names() []string {
	return []string{"cis", "pci", "fsbp", "securityhub", "nist", "cdk-nag", "checkov", "trivy", "prowler"}
}

// prefixes maps frameworks to the prefixes of sources.
var prefixes = map[string]string{
	"fsbp": "FSBP ", "securityhub": "SecHub ", "cdk-nag": "cdk-nag AwsSolutions-", "nist": "cdk-nag NIST.800.53.R5-",
	"checkov": "checkov ", "trivy": "trivy ", "prowler": "prowler ",
}

// Selects reports whether a rule belongs to wanted, regardless of case: one of Names, the ID of a control such
// as S3.8, a standard in one of its versions such as cis-v3.0.0, or a requirement or section such as cis-2.1.4, "PCI 8.3"
// or cis-v3.0.0/2.1.4. A standard without a version means the current version.
func Selects(r rule.Rule, wanted string) bool {
	wanted = strings.ToLower(strings.TrimSpace(wanted))
	if slices.ContainsFunc(Requirements(r), func(q Requirement) bool { return q.is(wanted) }) {
		return true
	}
	prefix, known := prefixes[wanted]
	return slices.ContainsFunc(strings.Split(r.Sources, "; "), func(source string) bool {
		if known {
			return strings.HasPrefix(source, prefix)
		}
		return wanted != "" && strings.HasSuffix(" "+strings.ToLower(source), " "+wanted)
	})
}

// Requirement is a requirement of a standard that AWS relates to a control of Security Hub.
type Requirement struct {
	// Standard is CIS (AWS Foundations Benchmark) or PCI DSS.
	Standard string
	Version  string
	// Number is the requirement's, such as 2.1.4.
	Number string
}

// String returns the requirement in AWS's form, shortened: CIS v5.0.0/2.1.4.
func (q Requirement) String() string {
	return fmt.Sprintf("%s v%s/%s", q.Standard, q.Version, q.Number)
}

// Current reports whether this is the newest version of the standard that Security Hub supports.
func (q Requirement) Current() bool { return q.Version == cisVersion || q.Version == pciVersion }

// is reports whether a name in lower case means the requirement, its section, or its standard.
func (q Requirement) is(name string) bool {
	name = strings.Replace(strings.ReplaceAll(name, " ", "-"), "pci-dss", "pci", 1)
	standard, _, _ := strings.Cut(strings.ToLower(q.Standard), " ")
	version := standard + "-v" + q.Version
	if name == version || name == standard && q.Current() {
		return true
	}
	section, found := strings.CutPrefix(name, version+"/")
	if !found && q.Current() {
		section, found = strings.CutPrefix(name, standard+"-")
	}
	return found && strings.HasPrefix(q.Number+".", section+".")
}

// Versions of the standards that Security Hub recommends.
const (
	cisVersion = "5.0.0"
	pciVersion = "4.0.1"
)

// Requirements returns the requirements that AWS relates to the Security Hub controls among a rule's sources: by standard,
// newest version first, without duplicates.
func Requirements(r rule.Rule) []Requirement {
	sources := strings.Split(r.Sources, "; ")
	var cis5, cis3, cis14, cis12, pci4, pci3 []string
	for _, c := range related {
		if slices.Contains(sources, "FSBP "+c.control) || slices.Contains(sources, "SecHub "+c.control) {
			cis5, cis3, cis14, cis12 = append(cis5, c.cis5), append(cis3, c.cis3), append(cis14, c.cis14), append(cis12, c.cis12)
			pci4, pci3 = append(pci4, c.pci4), append(pci3, c.pci3)
		}
	}
	return slices.Concat(
		numbered("CIS", cisVersion, cis5), numbered("CIS", "3.0.0", cis3), numbered("CIS", "1.4.0", cis14), numbered("CIS", "1.2.0", cis12),
		numbered("PCI DSS", pciVersion, pci4), numbered("PCI DSS", "3.2.1", pci3),
	)
}

func numbered(standard, version string, cells []string) []Requirement {
	var list []Requirement
	for _, number := range strings.Fields(strings.Join(cells, " ")) {
		if q := (Requirement{standard, version, number}); !slices.Contains(list, q) {
			list = append(list, q)
		}
	}
	return list
}

// Current returns the requirements of the newest versions as strings, for reports.
func Current(r rule.Rule) []string {
	var list []string
	for _, q := range Requirements(r) {
		if q.Current() {
			list = append(list, q.String())
		}
	}
	return list
}
