package recording

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/internal/pulumitest"
	"store-events/program"
)

// Account and Region are what the program sees as its account and region.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// Settings is the configuration of a stack by full key, as in its file.
type Settings = pulumitest.Settings

// Record runs the program with the configuration of one of the project's stacks, and records what it registers.
// Settings, by full key, override the stack's.
func Record(projectDir, stack string, over Settings) (Program, error) {
	settings, err := pulumitest.ReadSettings(projectDir, stack)
	if err != nil {
		return Program{}, err
	}
	maps.Copy(settings, over)
	r := pulumitest.New()
	r.Account, r.Region, r.Provider = Account, Region, references
	err = r.Run(stack, settings, func(ctx *pulumi.Context) error {
		outputs, err := program.Deploy(ctx, projectDir)
		r.Keep(ctx, outputs)
		return err
	})
	if err != nil {
		return Program{}, fmt.Errorf("record stack %s: %w", stack, err)
	}
	p := Program{Stack: stack, Outputs: r.Outputs, Settings: settings}
	for _, recorded := range r.Resources {
		if recorded.Custom {
			p.Resources = append(p.Resources, template(recorded))
		}
	}
	slices.SortFunc(p.Resources, func(a, b Resource) int { return strings.Compare(a.key(), b.key()) })
	return p, nil
}

func template(r pulumitest.Resource) Resource {
	t := Resource{Type: r.Type, Name: r.Name, Props: r.Inputs, Sources: map[string][]string{}, Protected: r.Protected}
	for _, u := range r.Depends {
		t.Needs = append(t.Needs, sourceKey(urn.URN(u)))
	}
	for property, from := range r.Sources {
		for _, u := range from {
			t.Sources[property] = append(t.Sources[property], sourceKey(urn.URN(u)))
		}
	}
	return t
}

func sourceKey(u urn.URN) string { return Resource{Type: string(u.Type()), Name: u.Name()}.key() }

// computed lists the outputs that a program may use besides its own inputs.
var computed = []string{
	"arn", "name", "bucket", "keyId", "url", "prefixListId", "address", "endpoint", "result", "identifier", "hex",
	"defaultRouteTableId", "mainRouteTableId", "defaultSecurityGroupId", "primaryNetworkInterfaceId",
}

// references returns the outputs, with references in place of values that only AWS knows.
func references(of pulumitest.Resource, inputs resource.PropertyMap) (string, resource.PropertyMap) {
	r := Resource{Type: of.Type, Name: of.Name}
	out := maps.Clone(inputs)
	if out == nil {
		out = resource.PropertyMap{}
	}
	for _, key := range computed {
		if _, given := out[resource.PropertyKey(key)]; !given {
			out[resource.PropertyKey(key)] = resource.NewProperty(r.reference(key))
		}
	}
	if r.Type == "random:index/randomPassword:RandomPassword" {
		out["result"] = resource.MakeSecret(out["result"])
	}
	return r.reference("id"), out
}
