package recording

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Run registers the resources of the template. It is a program for the engine that does not need provider SDKs.
func (p Program) Run(ctx *pulumi.Context) error {
	r := replay{ctx: ctx, done: map[string]*registered{}, left: p.byKey()}
	for _, resource := range p.Resources {
		if err := r.register(resource.key()); err != nil {
			return err
		}
	}
	for name, v := range p.Outputs {
		ctx.Export(name, r.input(v, nil))
	}
	return nil
}

// registered has the outputs that references may name.
type registered struct {
	pulumi.CustomResourceState
	Arn          pulumi.StringOutput `pulumi:"arn"`
	Name         pulumi.StringOutput `pulumi:"name"`
	Bucket       pulumi.StringOutput `pulumi:"bucket"`
	KeyID        pulumi.StringOutput `pulumi:"keyId"`
	URL          pulumi.StringOutput `pulumi:"url"`
	PrefixListID pulumi.StringOutput `pulumi:"prefixListId"`
	Address      pulumi.StringOutput `pulumi:"address"`
	Endpoint     pulumi.StringOutput `pulumi:"endpoint"`
	Result       pulumi.StringOutput `pulumi:"result"`
	Identifier   pulumi.StringOutput `pulumi:"identifier"`
	Hex          pulumi.StringOutput `pulumi:"hex"`

	DefaultRouteTableID       pulumi.StringOutput `pulumi:"defaultRouteTableId"`
	DefaultSecurityGroupID    pulumi.StringOutput `pulumi:"defaultSecurityGroupId"`
	MainRouteTableID          pulumi.StringOutput `pulumi:"mainRouteTableId"`
	PrimaryNetworkInterfaceID pulumi.StringOutput `pulumi:"primaryNetworkInterfaceId"`
}

func (r *registered) output(name string) pulumi.StringOutput {
	if name == "id" {
		return r.ID().ToStringOutput()
	}
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("pulumi") == name {
			return v.Field(i).Interface().(pulumi.StringOutput)
		}
	}
	panic("no output " + name) // The recorder returns only these.
}

type replay struct {
	ctx  *pulumi.Context
	done map[string]*registered
	left map[string]Resource
}

// register registers a resource after its dependencies.
func (r replay) register(key string) error {
	resource, waits := r.left[key]
	if !waits {
		return nil
	}
	delete(r.left, key)
	var needs []pulumi.Resource
	for _, need := range resource.needs() {
		if err := r.register(need); err != nil {
			return err
		}
		if done, exists := r.done[need]; exists {
			needs = append(needs, done)
		}
	}
	inputs := pulumi.Map{}
	for name, v := range resource.Props {
		inputs[name] = r.input(v, r.resources(resource.Sources[name]))
	}
	var made registered
	if err := r.ctx.RegisterResource(resource.Type, resource.Name, inputs, &made,
		pulumi.Protect(resource.Protected), pulumi.IgnoreChanges(resource.IgnoreChanges), pulumi.DependsOn(needs)); err != nil {
		return fmt.Errorf("register %s: %w", key, err)
	}
	r.done[key] = &made
	return nil
}

// needs returns the declared dependencies, and those in references.
func (r Resource) needs() []string {
	keys := slices.Clone(r.Needs)
	for _, ref := range refsIn(r.Props) {
		keys = append(keys, ref.key())
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// resources returns the registered resources with the keys.
func (r replay) resources(keys []string) (all []pulumi.Resource) {
	for _, key := range keys {
		if done, exists := r.done[key]; exists {
			all = append(all, done)
		}
	}
	return all
}

// input is a value of a property that comes from some resources.
func (r replay) input(v any, sources []pulumi.Resource) pulumi.Input {
	switch v := v.(type) {
	case Secret:
		return pulumi.ToSecret(r.input(v.Value, sources))
	case string:
		return r.text(v, sources)
	case map[string]any:
		m := pulumi.Map{}
		for key, e := range v {
			m[key] = r.input(e, sources)
		}
		return m
	case []any:
		list := make(pulumi.Array, len(v))
		for i, e := range v {
			list[i] = r.input(e, sources)
		}
		return list
	case *asset.Asset:
		return pulumi.NewFileAsset(v.Path)
	case *archive.Archive:
		return pulumi.NewFileArchive(v.Path)
	default:
		return pulumi.Any(v)
	}
}

// text resolves the references in a string. An output that is also an input, such as a name with a random part, is
// recorded as its parts: the sources determine which resource it was taken from.
func (r replay) text(text string, sources []pulumi.Resource) pulumi.Input {
	parts, refs := split(text)
	if len(refs) == 0 {
		return pulumi.String(text)
	}
	outputs := make([]any, len(refs))
	for i, ref := range refs {
		done, exists := r.done[ref.key()]
		if !exists {
			return pulumi.String(ref.text()) // Its resource was removed.
		}
		outputs[i] = done.output(ref.output)
	}
	filled := pulumi.All(outputs...).ApplyT(func(filled []any) string {
		var b strings.Builder
		for i, v := range filled {
			fmt.Fprint(&b, parts[i], v)
		}
		return b.String() + parts[len(parts)-1]
	})
	return pulumi.OutputWithDependencies(r.ctx.Context(), filled, sources...)
}
