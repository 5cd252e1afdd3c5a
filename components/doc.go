// Package components holds the layers of the system, one ComponentResource
// each. Every child is parented to its component and named <name>-<role>; what
// other layers need is an exported field.
package components

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// register makes c known to the engine and returns the option that every child
// of it takes. Version 2 of the call shows the component's inputs to policies.
func register(ctx *pulumi.Context, kind, name string, inputs pulumi.Map, c pulumi.ComponentResource, opts []pulumi.ResourceOption) (pulumi.ResourceOption, error) {
	if err := ctx.RegisterComponentResourceV2("store-events:index:"+kind, name, inputs, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s: %w", kind, err)
	}
	return pulumi.Parent(c), nil
}

func list(values ...string) pulumi.StringArray {
	return pulumi.ToStringArray(values)
}

// kept is the option of resources that hold data, and of those that guard it. With
// protectData they stay when the stack is destroyed, and the engine refuses to
// delete or replace them.
func kept(c config.Common) pulumi.ResourceOption {
	return pulumi.Composite(pulumi.Protect(c.ProtectData), pulumi.RetainOnDelete(c.ProtectData))
}

// tagged is a tag map with a name for people, beside the provider's default tags.
func tagged(name string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(name)}
}
