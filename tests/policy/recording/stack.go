package recording

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/config"
	"store-events/policy/aws"
	"store-events/policy/rule"
)

// Moment is whether the resources exist when they are checked.
type Moment int

// Moments.
const (
	FirstPreview Moment = iota
	Deployed
)

// Checked returns the program as the stack for stack rules.
func (p Program) Checked(settings rule.Settings, at Moment) rule.Stack {
	b := builder{program: p, settings: settings, at: at, byKey: p.byKey()}
	s := rule.Stack{Settings: settings}
	root := Resource{Type: aws.Stack, Name: config.Namespace + "-" + p.Stack}
	s.Resources = append(s.Resources, rule.Resource{
		URN: b.urn(root), Type: root.Type, Name: root.Name, Outputs: b.object(p.Outputs), Settings: settings,
	})
	for _, r := range p.Resources {
		s.Resources = append(s.Resources, b.resource(r))
	}
	return s
}

func (p Program) byKey() map[string]Resource {
	all := make(map[string]Resource, len(p.Resources))
	for _, r := range p.Resources {
		all[r.key()] = r
	}
	return all
}

type builder struct {
	program  Program
	settings rule.Settings
	at       Moment
	byKey    map[string]Resource
}

func (b builder) urn(r Resource) string {
	return fmt.Sprintf("urn:pulumi:%s::store-events::%s", b.program.Stack, r.key())
}

func (b builder) resource(r Resource) rule.Resource {
	inputs := b.object(r.Props)
	return rule.Resource{
		URN: b.urn(r), Type: r.Type, Name: r.Name, Inputs: inputs, Outputs: b.outputs(r, inputs),
		Provider: b.provider(r), PropertyDependencies: b.dependencies(r), Protected: r.Protected, IgnoreChanges: r.IgnoreChanges,
		Settings: b.settings,
	}
}

func (b builder) outputs(r Resource, inputs property.Map) property.Map {
	out := inputs.AsMap()
	for _, key := range append([]string{"id"}, computed...) {
		if _, given := out[key]; !given {
			out[key] = b.output(ref{r.Type, r.Name, key})
		}
	}
	if strings.HasPrefix(r.Type, "aws:") {
		out["tagsAll"] = b.tags(r)
	}
	return property.NewMap(out)
}

// tags returns the tags of the resource and the provider together, which the provider knows before the resource
// exists.
func (b builder) tags(r Resource) property.Value {
	all := map[string]any{}
	if of, given := b.program.Settings["aws:defaultTags"].(Settings); given {
		maps.Copy(all, of["tags"].(Settings))
	}
	if own, given := r.Props["tags"].(map[string]any); given {
		maps.Copy(all, own)
	}
	return b.value(all)
}

// provider returns the configuration that the engine passes with a resource of AWS: nested settings are JSON.
func (b builder) provider(r Resource) property.Map {
	if r.Provider != nil {
		return b.object(r.Provider)
	}
	tags, given := b.program.Settings["aws:defaultTags"]
	if !given || !strings.HasPrefix(r.Type, "aws:") {
		return property.Map{}
	}
	text, err := json.Marshal(tags)
	if err != nil {
		panic(err) // Read from YAML with string keys.
	}
	return property.NewMap(map[string]property.Value{"defaultTags": property.New(string(text))})
}

// dependencies returns the declared dependencies, and those in references that a change added.
func (b builder) dependencies(r Resource) map[string][]string {
	all := map[string][]string{}
	for key, v := range r.Props {
		sources := slices.Clone(r.Sources[key])
		for _, ref := range refsIn(v) {
			sources = append(sources, ref.key())
		}
		slices.Sort(sources)
		for _, source := range slices.Compact(sources) {
			if of, exists := b.byKey[source]; exists {
				all[key] = append(all[key], b.urn(of))
			}
		}
	}
	return all
}

func (b builder) object(m map[string]any) property.Map {
	values := map[string]property.Value{}
	for key, v := range m {
		values[key] = b.value(v)
	}
	return property.NewMap(values)
}

func (b builder) value(v any) property.Value {
	switch v := v.(type) {
	case string:
		return b.text(v)
	case Unknown:
		return property.New(property.Computed)
	case Secret:
		if !b.known(refsIn(v)) { // A secret is either completely known or unknown.
			return property.New(property.Computed)
		}
		return b.value(v.Value).WithSecret(true)
	case map[string]any:
		return property.New(b.object(v))
	case []any:
		list := make([]property.Value, len(v))
		for i, e := range v {
			list[i] = b.value(e)
		}
		return property.New(list)
	case int:
		return property.New(float64(v))
	default:
		return resource.FromResourcePropertyValue(resource.NewPropertyValue(v))
	}
}

func (b builder) text(text string) property.Value {
	parts, refs := split(text)
	if !b.known(refs) {
		return property.New(property.Computed)
	}
	var filled strings.Builder
	for i, ref := range refs {
		filled.WriteString(parts[i] + ref.text())
	}
	return property.New(filled.String() + parts[len(parts)-1])
}

func (b builder) output(r ref) property.Value {
	if !b.known([]ref{r}) {
		return property.New(property.Computed)
	}
	return property.New(r.text())
}

// known reports whether all outputs are known. Before a resource exists, only its name is known, which the provider
// generates.
func (b builder) known(refs []ref) bool {
	return b.at == Deployed || !slices.ContainsFunc(refs, func(r ref) bool { return r.output != "name" && r.output != "bucket" })
}

// text returns an output's value once the resource exists.
func (r ref) text() string {
	parts := strings.Split(r.resourceType, ":")
	kind := strings.ToLower(parts[len(parts)-1])
	name := r.name + "-" + kind
	service, _, _ := strings.Cut(parts[1], "/")
	region := Region
	if service == "iam" {
		region = "" // IAM is global.
	}
	arn := fmt.Sprintf("arn:aws:%s:%s:%s:%s/%s", service, region, Account, kind, name)
	switch {
	case r.resourceType == aws.Bucket && r.output == "arn":
		return "arn:aws:s3:::" + name
	case r.output == "arn", r.resourceType == aws.Secret && r.output == "id":
		return arn
	case r.resourceType == aws.KeyAlias:
		return "alias/" + name
	case r.output == "id" && r.resourceType != aws.Bucket:
		return name + "-id"
	case r.output == "endpoint":
		return name + ".internal:3306"
	default:
		return name
	}
}
