package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// exceptions returns the exceptions in the stack's settings with a new expiry date:
// the pack itself reports the expired ones.
func exceptions(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("Pulumi.prod.yaml")
	require.NoError(t, err)
	var file struct{ Config map[string]any }
	require.NoError(t, yaml.Unmarshal(raw, &file))
	list, _ := file.Config["policy:exceptions"].([]any)
	for _, e := range list {
		e.(map[string]any)["expires"] = time.Now().AddDate(0, 0, 170).Format(time.DateOnly)
	}
	text, err := json.Marshal(list)
	require.NoError(t, err)
	return string(text)
}

func TestThePackAcceptsTheProgramInProd(t *testing.T) {
	got, err := bootstrapped(map[string]string{"stateBucket": "states", "catalogKeyArn": catalogKey})
	require.NoError(t, err)
	p, err := pack.New(pack.Stack{Project: "store-events-bootstrap", Name: "prod", Config: map[string]string{"policy:exceptions": exceptions(t)}})
	require.NoError(t, err)
	root := rule.Resource{URN: urnOf("pulumi:pulumi:Stack", "store-events-bootstrap-prod"), Type: "pulumi:pulumi:Stack", Name: "store-events-bootstrap-prod", Component: true}
	resources := []rule.Resource{root}
	for name, r := range got {
		inputs := resource.FromResourcePropertyValue(resource.NewProperty(resource.NewPropertyMapFromMap(r.Inputs))).AsMap()
		tags := property.New(map[string]property.Value{})
		for _, key := range []string{"Project", "Environment", "Owner", "CostCenter", "ManagedBy"} {
			tags = property.New(tags.AsMap().Set(key, property.New("x")))
		}
		resources = append(resources, rule.Resource{
			URN: urnOf(r.Type, name), Type: r.Type, Name: name, Inputs: inputs,
			Outputs: inputs.Set("arn", property.New(arnOf(r.Resource))).Set("tagsAll", tags),
		})
	}
	slices.SortFunc(resources, func(a, b rule.Resource) int { return strings.Compare(a.URN, b.URN) })
	var refused []string
	var reports []pack.Report
	for _, r := range resources {
		reports = append(reports, p.CheckResource(r)...)
	}
	for _, r := range append(reports, p.CheckStack(resources)...) {
		if r.Kind == rule.Violation && r.Level == rule.Mandatory || r.Kind == rule.Failed || r.Kind == rule.Undecided {
			refused = append(refused, r.Policy+" "+r.URN+" "+strings.SplitN(r.Message, "\n", 3)[1])
		}
		require.NotContains(t, r.Message, "is not used", "every exception is needed")
	}
	require.Empty(t, refused)
}

func urnOf(kind, name string) string {
	return "urn:pulumi:prod::store-events-bootstrap::" + kind + "::" + name
}
