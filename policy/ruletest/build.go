// Package ruletest tests rules. From one compliant and one violating example it derives the values that every
// rule must handle: unknown, missing, of the wrong type, secret, and random shapes.
package ruletest

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

// Props are the declared properties of a resource, in plain Go values and references.
type Props = map[string]any

// List is a list of property values.
type List = []any

// Res is a resource of an example.
type Res struct {
	Type, Name string
	Props      Props
	Provider   Props
	Protected  bool
	// IgnoreChanges is the resource option.
	IgnoreChanges []string
}

// R returns a resource.
func R(resourceType, name string, props Props) Res {
	return Res{Type: resourceType, Name: name, Props: props}
}

// KeptStopped returns a database and resources that keep it stopped, as in a paused stack.
func KeptStopped() []Res {
	return append(Stops("stopped"), R(aws.DBInstance, "stopped", Props{"identifier": "stopped"}))
}

// Stops returns resources that stop a database each day.
func Stops(identifier string) []Res {
	return []Res{
		R(aws.EventRule, "daily", Props{"name": "daily", "scheduleExpression": "rate(1 day)"}),
		R(aws.EventTarget, "stop", Props{
			"arn": "arn:aws:ssm:eu-west-1::automation-definition/AWS-StopRdsInstance:$DEFAULT", "rule": "daily", "input": `{"InstanceId":["` + identifier + `"]}`,
		}),
	}
}

// reference is a value from other resources: known once they exist, unknown before.
type reference struct {
	format  string
	sources []source
}

type source struct{ name, attribute string }

// Ref returns the ID of another resource of the example.
func Ref(name string) any { return Attr(name, "id") }

// Arn returns the ARN of another resource of the example.
func Arn(name string) any { return Attr(name, "arn") }

// Attr returns an output of another resource of the example.
func Attr(name, attribute string) any { return Sub("%s", name, attribute) }

// Sub returns a string built from an output of another resource of the example.
func Sub(format, name, attribute string) any {
	return reference{format: format, sources: []source{{name, attribute}}}
}

// Secret marks a value as a secret.
func Secret(v any) any { return secretValue{v} }

type secretValue struct{ of any }

// mode is whether the resources of an example exist.
type mode int

const (
	deployed mode = iota
	firstPreview
)

type builder struct {
	mode     mode
	settings rule.Settings
	types    map[string]string
}

// Build builds a stack from an example, in the state after its resources are created.
func Build(t require.TestingT, example []Res, settings rule.Settings) rule.Stack {
	return build(t, example, settings, deployed)
}

func build(t require.TestingT, example []Res, settings rule.Settings, m mode) rule.Stack {
	b := builder{mode: m, settings: settings, types: map[string]string{}}
	for _, r := range example {
		b.types[r.Name] = r.Type
	}
	s := rule.Stack{Settings: settings}
	for _, r := range example {
		s.Resources = append(s.Resources, b.resource(t, r))
	}
	return s
}

func (b builder) resource(t require.TestingT, r Res) rule.Resource {
	dependencies := map[string][]string{}
	inputs := map[string]property.Value{}
	for key, v := range r.Props {
		var sources []string
		inputs[key] = b.value(t, v, &sources)
		if len(sources) > 0 {
			dependencies[key] = sources
		}
	}
	declared := property.NewMap(inputs)
	outputs := declared
	attributes := []string{"id", "arn", "name"}
	if r.Type == aws.Vpc {
		attributes = append(attributes, "mainRouteTableId", "defaultRouteTableId")
	}
	for _, attribute := range attributes {
		if _, declared := inputs[attribute]; !declared {
			outputs = outputs.Set(attribute, b.attribute(source{r.Name, attribute}))
		}
	}
	var none []string
	return rule.Resource{
		URN: b.urn(r.Name), Type: r.Type, Name: r.Name, Inputs: declared, Outputs: outputs,
		Provider: b.value(t, r.Provider, &none).AsMap(), PropertyDependencies: dependencies,
		Protected: r.Protected, IgnoreChanges: r.IgnoreChanges, Settings: b.settings,
	}
}

func (b builder) urn(name string) string {
	return fmt.Sprintf("urn:pulumi:test::test::%s::%s", b.types[name], name)
}

func (b builder) attribute(s source) property.Value {
	if b.mode == firstPreview {
		return property.New(property.Computed)
	}
	return property.New(attributeText(s))
}

// attributeText returns an output's value after the resource is created.
func attributeText(s source) string {
	if s.attribute == "arn" {
		return "arn:aws:test:eu-west-1:123456789012:" + s.name
	}
	return s.name + "-" + s.attribute
}

func (b builder) value(t require.TestingT, v any, sources *[]string) property.Value {
	switch v := v.(type) {
	case reference:
		return b.reference(v, sources)
	case secretValue:
		return b.value(t, v.of, sources).WithSecret(true)
	case property.Value:
		return v
	case Props:
		m := map[string]property.Value{}
		for key, e := range v {
			m[key] = b.value(t, e, sources)
		}
		return property.New(m)
	case List:
		list := make([]property.Value, len(v))
		for i, e := range v {
			list[i] = b.value(t, e, sources)
		}
		return property.New(list)
	case int:
		return property.New(float64(v))
	default:
		value, err := property.Any(v)
		require.NoError(t, err)
		return value
	}
}

func (b builder) reference(r reference, sources *[]string) property.Value {
	texts := make([]any, len(r.sources))
	for i, s := range r.sources {
		*sources = append(*sources, b.urn(s.name))
		texts[i] = attributeText(s)
	}
	if b.mode == firstPreview {
		return property.New(property.Computed)
	}
	return property.New(fmt.Sprintf(r.format, texts...))
}

var _ require.TestingT = (*testing.T)(nil)
