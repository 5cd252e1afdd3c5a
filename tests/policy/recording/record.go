package recording

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"store-events/config"
	"store-events/program"
)

// Account and Region are what the program sees as its account and region.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// Record runs the program with the configuration of one of the project's stacks, and keeps what it registers.
// Settings, by full key, override the stack's.
func Record(projectDir, stack string, over Settings) (Program, error) {
	settings, err := readSettings(projectDir, stack)
	if err != nil {
		return Program{}, err
	}
	maps.Copy(settings, over)
	r := &recorder{outputs: map[string]any{}}
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		outputs, err := program.Stack(ctx, projectDir)
		for name, output := range outputs {
			pulumi.ToOutput(output).ApplyT(func(v any) any { return r.keep(name, v) })
		}
		return err
	}, pulumi.WithMocks(config.Namespace, stack, r), func(info *pulumi.RunInfo) { info.Config = settings.texts() })
	if err != nil {
		return Program{}, fmt.Errorf("record stack %s: %w", stack, errors.Join(err, r.err))
	}
	slices.SortFunc(r.resources, func(a, b Resource) int { return strings.Compare(a.key(), b.key()) })
	return Program{Stack: stack, Resources: r.resources, Outputs: r.outputs, Settings: settings}, nil
}

// Settings is the configuration of a stack by full key, as in its file.
type Settings map[string]any

func readSettings(projectDir, stack string) (Settings, error) {
	raw, err := os.ReadFile(filepath.Join(projectDir, "Pulumi."+stack+".yaml")) //nolint:gosec // A file of the project.
	if err != nil {
		return nil, err
	}
	var file struct{ Config Settings }
	err = yaml.Unmarshal(raw, &file)
	return file.Config, err
}

// texts returns the plain values, as the engine passes them to a program.
func (s Settings) texts() map[string]string {
	texts := map[string]string{}
	for key, value := range s {
		if strings.HasPrefix(key, config.Namespace+":") {
			texts[key] = fmt.Sprint(value)
		}
	}
	return texts
}

// recorder replaces the engine. It answers with references wherever only AWS knows the value.
type recorder struct {
	mu        sync.Mutex
	resources []Resource
	outputs   map[string]any
	err       error
}

func (r *recorder) keep(name string, v any) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outputs[name] = plain(resource.NewPropertyValue(v))
	return v
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec := Resource{Type: args.TypeToken, Name: args.Name, Props: plainMap(args.Inputs), Sources: map[string][]string{}}
	if args.RegisterRPC != nil {
		rec.Protected = args.RegisterRPC.GetProtect()
		for _, u := range args.RegisterRPC.GetDependencies() {
			rec.Needs = append(rec.Needs, sourceKey(urn.URN(u)))
		}
		for property, from := range args.RegisterRPC.GetPropertyDependencies() {
			for _, u := range from.GetUrns() {
				rec.Sources[property] = append(rec.Sources[property], sourceKey(urn.URN(u)))
			}
		}
	}
	if args.Custom {
		r.resources = append(r.resources, rec)
	}
	return rec.reference("id"), rec.outputs(args.Inputs), nil
}

func sourceKey(u urn.URN) string { return Resource{Type: string(u.Type()), Name: u.Name()}.key() }

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answers := map[string]map[string]any{
		"aws:index/getCallerIdentity:getCallerIdentity":       {"accountId": Account},
		"aws:index/getRegion:getRegion":                       {"name": Region},
		"aws:index/getPartition:getPartition":                 {"partition": "aws"},
		"aws:index/getAvailabilityZones:getAvailabilityZones": {"names": []any{Region + "a", Region + "b", Region + "c"}},
		"aws:ssm/getParameter:getParameter":                   {"value": "ami-0123456789abcdef0"},
	}
	answer, ok := answers[args.Token]
	if !ok {
		r.err = fmt.Errorf("no answer for %s", args.Token)
		return nil, r.err
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// computed lists the outputs that a program may use besides its own inputs.
var computed = []string{
	"arn", "name", "bucket", "keyId", "prefixListId", "address", "endpoint", "result", "identifier", "hex",
	"defaultRouteTableId", "mainRouteTableId", "defaultSecurityGroupId", "primaryNetworkInterfaceId",
}

func (r Resource) outputs(inputs resource.PropertyMap) resource.PropertyMap {
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
	return out
}

func plainMap(m resource.PropertyMap) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[string(k)] = plain(v)
	}
	return out
}

func plain(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		return Secret{plain(v.SecretValue().Element)}
	case v.IsOutput():
		return plain(v.OutputValue().Element)
	case v.IsObject():
		return plainMap(v.ObjectValue())
	case v.IsArray():
		list := make([]any, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			list[i] = plain(e)
		}
		return list
	default:
		return v.V
	}
}
