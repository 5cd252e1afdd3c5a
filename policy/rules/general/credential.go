package general

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// expected are properties that contain credentials by design; other rules require them to be generated and secret.
var expected = map[string][]string{
	aws.SecretVersion:  {"secretString", "secretBinary"},
	aws.DBInstance:     {"password"},
	aws.RandomPassword: {"result"},
	aws.Parameter:      {"value", "valueWo"},
}

var noLiteralCredential = rule.Rule{
	ID:       "no-literal-credential",
	Title:    "Resource properties contain no hard-coded credentials",
	Why:      "Property values appear in the state, in previews, and in the consoles of the services.",
	Fix:      "Generate it with random.RandomPassword, store it in a secretsmanager.Secret, and read it at run time.",
	Sources:  "checkov CKV_SECRET_*; trivy secret scanner; project",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, f := range r.Get().Fields() {
			if f.Value.Secret() && slices.Contains(expected[r.Type], f.Key) {
				continue
			}
			key := f.Key
			if r.Type == aws.Parameter && slices.Contains(parameterValues, key) {
				key = parameterKey(r)
			}
			findings = append(findings, searchCredential(key, f.Value)...)
		}
		return findings
	},
}

// parameterValues are the properties with the value of a parameter.
var parameterValues = []string{"value", "valueWo", "insecureValue"}

// parameterKey returns the last part of a parameter's name, which describes its value.
func parameterKey(r rule.Resource) string {
	name, err := r.Get("name").Text()
	if err != nil || name == "" {
		name = r.Name
	}
	return name[strings.LastIndex(name, "/")+1:]
}

// searchCredential searches a whole property. An unknown value is another resource's output, and therefore not a
// literal.
func searchCredential(key string, v value.Value) []rule.Finding {
	if v.State() != value.Known {
		return nil
	}
	if text, err := v.Text(); err == nil {
		if matcher.HasCredential(text) || matcher.LooksGenerated(text) || matcher.CredentialUnder(key, text) && matcher.LooksRandom(text) {
			return rule.Violate(v, "it contains a credential")
		}
		return nil
	}
	var findings []rule.Finding
	switch {
	case v.Raw().IsMap():
		for _, f := range v.Fields() {
			findings = append(findings, searchCredential(f.Key, f.Value)...)
		}
	case v.Raw().IsArray():
		for _, e := range v.Elements() {
			findings = append(findings, searchCredential(key, e)...)
		}
	}
	return findings
}

var credentialOutputsSecret = rule.Rule{
	ID:       "credential-outputs-secret",
	Title:    "Stack outputs that contain credentials are secret",
	Why:      "Every update prints the outputs, and other stacks can read them.",
	Fix:      "Export the ARN of the secret instead, or wrap the output in pulumi.ToSecret.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Stack},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Stack, func(stack rule.Resource) []rule.Finding {
			var findings []rule.Finding
			for _, output := range value.Of(stack.Outputs).Fields() {
				text, err := output.Value.Text()
				if err == nil && !output.Value.Secret() && matcher.CredentialUnder(output.Key, text) {
					findings = append(findings, rule.Violate(output.Value, "the output contains a credential in plain text")...)
				}
			}
			return findings
		})
	},
}
