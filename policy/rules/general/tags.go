package general

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var dataStores = []string{aws.Bucket, aws.DBInstance, aws.Secret, aws.CatalogDatabase}

var tagsRequired = rule.Rule{
	ID:       "tags-required",
	Title:    "Taggable AWS resources have the required tags",
	Why:      "Tags identify the owner of a resource, its cost, and the classification of its data.",
	Fix:      "Set aws:defaultTags in the stack's configuration, and DataClassification in Tags of data stores.",
	Sources:  "SecHub Glue.1; SecHub Athena.3; SecHub RDS.30; SecHub RDS.33; SecHub EC2.37; SecHub Lambda.6; SecHub SecretsManager.5; SecHub SNS.3; SecHub IAM.24; project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Options: []rule.Option{
		rule.Texts("keys", "tag keys required on every resource", func(s *rule.Settings) *[]string { return &s.Tags }),
		rule.Texts("dataKeys", "additional tag keys required on data stores", func(s *rule.Settings) *[]string { return &s.DataTags }),
		rule.TextByKey("values", "values that remediation sets for missing tags", func(s *rule.Settings) *map[string]string { return &s.TagValues }),
	},
	// Only outputs show which types can be tagged, so this is a stack rule.
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Resources {
			if _, taggable := r.Outputs.GetOk("tagsAll"); taggable && strings.HasPrefix(r.Type, "aws:") {
				findings = append(findings, rule.On(r, requireTags(r, s.Settings))...)
			}
		}
		return findings
	},
	Remediate: addTags,
}

func requireTags(r rule.Resource, settings rule.Settings) []rule.Finding {
	missing, err := missingTags(r, settings)
	switch {
	case len(missing) == 0:
		return nil
	case err != nil:
		return rule.Unreadable(err)
	default:
		return rule.Violate(r.Get("tags"), "missing tags: "+strings.Join(missing, ", "))
	}
}

func missingTags(r rule.Resource, settings rule.Settings) ([]string, error) {
	wanted := settings.Tags
	if slices.Contains(dataStores, r.Type) {
		wanted = slices.Concat(wanted, settings.DataTags)
	}
	tags, err := tagKeys(r)
	return slices.DeleteFunc(slices.Clone(wanted), func(key string) bool { return slices.Contains(tags, key) }), err
}

// addTags adds missing tags whose values are configured or known.
func addTags(r rule.Resource) map[string]property.Value {
	missing, err := missingTags(r, r.Settings)
	if err != nil || !slices.Contains(aws.Taggable, r.Type) {
		return nil
	}
	known := map[string]string{"Project": r.Settings.Project, "Environment": string(r.Settings.Environment), "ManagedBy": "pulumi"}
	maps.Copy(known, r.Settings.TagValues)
	tags := property.Map{}
	raw := r.Get("tags").Raw()
	if raw.IsMap() {
		tags = raw.AsMap()
	}
	before := tags.Len()
	for _, key := range missing {
		if known[key] != "" {
			tags = tags.Set(key, property.New(known[key]))
		}
	}
	if tags.Len() == before {
		return nil
	}
	return map[string]property.Value{"tags": property.New(tags).WithSecret(raw.Secret())}
}

// tagKeys returns the tag keys of a resource: its own, the provider's defaults, and those of the planned result.
func tagKeys(r rule.Resource) ([]string, error) {
	var keys []string
	var unreadable error
	for _, v := range []value.Value{value.Of(r.Outputs).Get("tagsAll"), r.Get("tags"), defaultTags(r)} {
		for _, f := range v.Fields() {
			keys = append(keys, f.Key)
			if f.Key == "" {
				unreadable = cmp.Or(unreadable, f.Value.Err())
			}
		}
	}
	return keys, unreadable
}

// defaultTags returns the tags that the provider adds to all resources. The engine passes nested provider settings as
// JSON.
func defaultTags(r rule.Resource) value.Value {
	of := value.Of(r.Provider).Get("defaultTags")
	text, err := of.Text()
	if err != nil {
		return of.Get("tags")
	}
	var parsed struct {
		Tags map[string]string `json:"tags"`
	}
	if json.Unmarshal([]byte(text), &parsed) != nil {
		return value.Value{}
	}
	return value.OfTexts(parsed.Tags)
}

var descriptionsPresent = rule.Rule{
	ID:       "descriptions-present",
	Title:    "KMS keys, Lambda functions, secrets, Athena workgroups and named queries have a description",
	Why:      "Without a description, nobody knows whether a resource is still needed.",
	Fix:      "Set Description.",
	Sources:  "pulumi aws-kms-key-missing-description; pulumi aws-lambda-function-missing-description; pulumi aws-secretsmanager-secret-missing-description; pulumi aws-athena-workgroup-missing-description; pulumi aws-athena-namedquery-missing-description",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.Key, aws.Function, aws.Secret, aws.AthenaWorkgroup, aws.AthenaNamedQuery},
	Resource: rule.Property("description", matcher.NoneOf("", "Managed by Pulumi", "Managed by Terraform"), "the description is missing or a default"),
}
