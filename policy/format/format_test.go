package format

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

const (
	database = "urn:pulumi:live::shop::aws:rds/instance:Instance::db"
	bucket   = "urn:pulumi:live::shop::x:y:Z$aws:s3/bucket:Bucket::<b>, 100%"
)

func result(t *testing.T) Result {
	t.Helper()
	p, err := pack.New(pack.Stack{Project: "shop", Name: "live"})
	require.NoError(t, err)
	exported := []byte("{\"deployment\": {\n\"resources\": [\n{\"urn\": \"" + database + "\"},\n{\"urn\": \"" + bucket + "\"}]}}")
	return Result{
		Stack: "live", Resources: 2, Policies: p.Policies(), File: "a b/export.json", Lines: LinesOf(exported),
		Known: map[string]bool{Fingerprint(pack.Report{Policy: "rds-multi-az", Title: "one zone", URN: database}): true},
		Reports: []pack.Report{
			{Policy: "rds-not-public", Title: "t", Level: rule.Mandatory, URN: database, Message: "t\n[critical] rds-not-public: it is public\n  why: w<script>"},
			{Policy: "s3-tls-only", Title: "t", Level: rule.Advisory, Severity: rule.Medium, URN: bucket, Message: "t\n[medium] s3-tls-only: 100% of\rrequests"},
			{Policy: "rds-multi-az", Title: "one zone", Level: rule.Mandatory, URN: database},
			{Policy: pack.UndecidedPolicy, URN: database, Message: "t\n[high] not decided at preview, the update decides: p: not known yet (x)"},
			{Policy: pack.NotePolicy, Title: "worth knowing"},
		},
	}
}

// A baseline with one violation of a rule by a resource does not hide another one.
func TestFingerprintsOfOneRuleAndResource(t *testing.T) {
	of := func(policy, urn, property, text string) pack.Report {
		return pack.Report{Policy: policy, Level: rule.Mandatory, URN: urn, Message: "t\n[high] " + policy + ": " + text + "\n  resource: r\n  property: " + property + "\n  why: w"}
	}
	known := of("sg-world", database, "ingress[0]", "it is open")
	r := Result{Known: map[string]bool{Fingerprint(known): true}}
	require.False(t, r.fails(known))
	reworded := known
	reworded.Title, reworded.Message = "another title", strings.ReplaceAll(strings.Replace(known.Message, "t\n", "another title\n", 1), "why: w", "why: v")
	require.False(t, r.fails(reworded), "the rule's description is not part of the fingerprint")
	for _, other := range []pack.Report{
		of("sg-world", database, "ingress[1]", "it is open"), of("sg-world", database, "ingress[0]", "another port is open"),
		of("sg-world", bucket, "ingress[0]", "it is open"), of("sg-other", database, "ingress[0]", "it is open"),
	} {
		require.True(t, r.fails(other), Fingerprint(other))
	}
}

// The SARIF log meets the requirements of the standard and of GitHub's code scanning.
func TestSARIF(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, SARIF(&out, result(t)))
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID         string
						Properties struct{ Tags []string }
					}
				}
			}
			Results []struct {
				RuleID              string
				RuleIndex           int
				Kind, Level         string
				Message             struct{ Text string }
				PartialFingerprints map[string]string
				Suppressions        []struct{ Kind string }
				Locations           []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &log))
	require.Equal(t, "2.1.0", log.Version)
	require.Len(t, log.Runs, 1)
	require.NotEmpty(t, log.Runs[0].Tool.Driver.Name)
	rules := log.Runs[0].Tool.Driver.Rules
	var tagged bool
	for _, r := range rules {
		if r.ID == "rds-not-public" {
			require.Equal(t, []string{"CIS v5.0.0/2.2.3", "PCI DSS v4.0.1/1.4.4"}, r.Properties.Tags)
			tagged = true
		}
	}
	require.True(t, tagged)
	var lines []int
	var levels []string
	for _, r := range log.Runs[0].Results {
		require.Equal(t, r.RuleID, rules[r.RuleIndex].ID)
		require.NotEmpty(t, r.Message.Text)
		require.NotEmpty(t, r.PartialFingerprints)
		require.Equal(t, "a%20b/export.json", r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		lines = append(lines, r.Locations[0].PhysicalLocation.Region.StartLine)
		levels = append(levels, r.Kind+" "+r.Level)
		require.Equal(t, r.RuleID == "rds-multi-az", len(r.Suppressions) == 1)
	}
	require.Equal(t, []int{3, 4, 3, 3, 1}, lines)
	require.Equal(t, []string{"fail error", "fail warning", "fail error", "open none", "informational none"}, levels)
}

// An annotation is one line, with any content.
func TestGitHub(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, GitHub(&out, result(t)))
	require.Equal(t, []string{
		"::error file=a b/export.json,line=3,title=rds-not-public::aws:rds/instance:Instance db: it is public",
		"::warning file=a b/export.json,line=4,title=s3-tls-only::aws:s3/bucket:Bucket <b>, 100%25: 100%25 of%0Drequests",
		"",
	}, strings.Split(out.String(), "\n"))

	strict := result(t)
	strict.MustDecide = true
	out.Reset()
	require.NoError(t, GitHub(&out, strict))
	require.Contains(t, out.String(), "::error file=a b/export.json,line=3,title=not-decided-at-preview::aws:rds/instance:Instance db: not decided at preview, the update decides: p: not known yet (x)\n")
}

func TestHTML(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, result(t)))
	page := out.String()
	require.Contains(t, page, "2 resources: 1 mandatory and 1 advisory violations, 1 undecided")
	require.Contains(t, page, "w&lt;script&gt;")
	require.Contains(t, page, "Bucket &lt;b&gt;, 100%")
	require.Contains(t, page, "in the baseline")
	require.NotContains(t, page, "<script")
	require.NotContains(t, page, "src=")
}
