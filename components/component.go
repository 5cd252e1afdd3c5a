// Package components contains the layers of the system, one Pulumi component each.
//
// The inputs of a component are the shared Environment, its own Settings, and the
// components it depends on, as fields named after them: it uses their exported
// fields. All children have the component as parent and a name of the form <stack>-<role>.
package components

import (
	"fmt"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// scope is where a component registers its children.
type scope struct {
	ctx *pulumi.Context
	// name is the prefix of the children's names.
	name string
	// parent is the option that makes a resource a child of the component.
	parent pulumi.ResourceOption
}

// open registers a component under the name of its Go type and returns the scope
// of its children. Version 2 of the call sends the inputs to the engine, so that
// policies can check them; version 1 does not.
func open(ctx *pulumi.Context, name string, c pulumi.ComponentResource, inputs pulumi.Map, opts []pulumi.ResourceOption) (scope, error) {
	kind := "store-events:index:" + reflect.TypeOf(c).Elem().Name()
	if err := ctx.RegisterComponentResourceV2(kind, name, inputs, c, opts...); err != nil {
		return scope{}, fmt.Errorf("register %s: %w", kind, err)
	}
	return scope{ctx: ctx, name: name, parent: pulumi.Parent(c)}, nil
}

// close registers the outputs of a component: its fields tagged `pulumi:"name"`.
func (s scope) close(c pulumi.ComponentResource) error {
	return s.ctx.RegisterResourceOutputs(c, outputs(c))
}

func outputs(c pulumi.ComponentResource) pulumi.Map {
	all := pulumi.Map{}
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if name, tagged := v.Type().Field(i).Tag.Lookup("pulumi"); tagged {
			all[name] = v.Field(i).Interface().(pulumi.Input)
		}
	}
	return all
}

// label returns the name of the child with a role.
func (s scope) label(role string) string { return s.name + "-" + role }

// within returns the scope of children with role added to the prefix of their names.
func (s scope) within(role string) scope {
	s.name = s.label(role)
	return s
}

// with returns a scope with additional options for its children.
func (s scope) with(opts ...pulumi.ResourceOption) scope {
	s.parent = pulumi.Composite(append(opts, s.parent)...)
	return s
}

func after(resources ...pulumi.Resource) pulumi.ResourceOption { return pulumi.DependsOn(resources) }

func list(values ...string) pulumi.StringArray { return pulumi.ToStringArray(values) }

// tagged returns tags with a display name; the provider adds its default tags.
func tagged(name string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(name)}
}
