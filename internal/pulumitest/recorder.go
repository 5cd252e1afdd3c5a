// Package pulumitest runs Pulumi programs in tests with the engine and AWS replaced
// by a recorder. Tests check the record after the program has ended, so that no
// assertion depends on an output that never resolves.
package pulumitest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"go.yaml.in/yaml/v3"

	"store-events/config"
)

// Resource is one registered resource.
type Resource struct {
	Type, Name, Parent string
	// Inputs are plain values, except that secrets have the type Secret.
	Inputs map[string]any
	// Custom is false for components.
	Custom    bool
	Protected bool
	// Retained reports whether the resource stays when the stack is destroyed.
	Retained            bool
	DeleteBeforeReplace bool
	// Depends are the URNs of the resources that must exist first, Sources the URNs
	// that each property depends on.
	Depends []string
	Sources map[string][]string
	// Ignored are the properties whose changes the engine ignores.
	Ignored []string
	// Replacing are the properties whose changes replace the resource.
	Replacing []string
}

// OfType returns the resources of a type, such as aws:ec2/subnet:Subnet.
func OfType(resources []Resource, kind string) []Resource {
	var found []Resource
	for _, r := range resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// Recorder is a fake engine and provider that records what a program registers.
type Recorder struct {
	// Account and Region are the program's.
	Account, Region string
	// Functions implement functions of the provider by token. They take precedence over
	// the built-in ones.
	Functions map[string]func(args map[string]any) map[string]any
	// Provider returns a resource's ID and outputs for its inputs.
	Provider func(r Resource, inputs resource.PropertyMap) (id string, outputs resource.PropertyMap)

	mu        sync.Mutex
	Resources []Resource
	// Outputs are the resolved outputs of Keep.
	Outputs map[string]any
	// Calls are the arguments of calls of the provider's functions, by token.
	Calls map[string]map[string]any
}

// New returns a recorder whose resources have realistic outputs.
func New() *Recorder {
	r := &Recorder{Account: "123456789012", Region: "eu-west-1", Outputs: map[string]any{}, Calls: map[string]map[string]any{}}
	r.Provider = r.realistic
	return r
}

// Run runs a program with a stack's settings by full key.
func (r *Recorder) Run(stack string, settings Settings, program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks(config.Namespace, stack, r), func(info *pulumi.RunInfo) { info.Config = settings.strings() })
}

// Keep records outputs. Call it inside the program, which then ends only after they have
// resolved. It joins outputs of constants, which have no program, to ctx.
func (r *Recorder) Keep(ctx *pulumi.Context, outputs pulumi.Map) {
	running, resolve, _ := ctx.NewOutput()
	for name, output := range outputs {
		pulumi.All(running, output).ApplyT(func(known []any) any {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.Outputs[name] = plain(resource.NewPropertyValue(known[1]))
			return nil
		})
	}
	resolve(nil)
}

// NewResource records a resource. The SDK calls it.
func (r *Recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec := Resource{Type: args.TypeToken, Name: args.Name, Inputs: plainMap(args.Inputs), Custom: args.Custom, Sources: map[string][]string{}}
	if rpc := args.RegisterRPC; rpc != nil {
		rec.Parent, rec.Protected, rec.Retained = rpc.GetParent(), rpc.GetProtect(), rpc.GetRetainOnDelete()
		rec.Depends, rec.Ignored, rec.DeleteBeforeReplace = rpc.GetDependencies(), rpc.GetIgnoreChanges(), rpc.GetDeleteBeforeReplace()
		rec.Replacing = rpc.GetReplaceOnChanges()
		for property, from := range rpc.GetPropertyDependencies() {
			rec.Sources[property] = from.GetUrns()
		}
	}
	r.Resources = append(r.Resources, rec)
	id, outputs := r.Provider(rec, args.Inputs)
	return id, outputs, nil
}

// Call runs a function of the provider. The SDK calls it.
func (r *Recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answers := map[string]map[string]any{
		"aws:index/getCallerIdentity:getCallerIdentity":       {"accountId": r.Account},
		"aws:index/getRegion:getRegion":                       {"name": r.Region},
		"aws:index/getPartition:getPartition":                 {"partition": "aws"},
		"aws:index/getAvailabilityZones:getAvailabilityZones": {"names": []any{r.Region + "a", r.Region + "b", r.Region + "c"}},
		"aws:ssm/getParameter:getParameter":                   {"value": "ami-0123456789abcdef0"},
	}
	given := plainMap(args.Args)
	answer, known := answers[args.Token]
	if f := r.Functions[args.Token]; f != nil {
		answer, known = f(given), true
	}
	if !known {
		return nil, fmt.Errorf("the recorder has no function %s", args.Token)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Calls[args.Token] = given
	return resource.NewPropertyMapFromMap(answer), nil
}

// Settings is a stack's configuration by full key, as in its file.
type Settings map[string]any

// ReadSettings reads the settings of one of the project's stacks.
func ReadSettings(projectDir, stack string) (Settings, error) {
	raw, err := os.ReadFile(filepath.Join(projectDir, "Pulumi."+stack+".yaml")) //nolint:gosec // A file of the project.
	if err != nil {
		return nil, err
	}
	var file struct{ Config Settings }
	err = yaml.Unmarshal(raw, &file)
	return file.Config, err
}

// strings returns the settings as the engine passes them to a program: objects and lists as JSON.
func (s Settings) strings() map[string]string {
	out := map[string]string{}
	for key, value := range s {
		text, isString := value.(string)
		if !isString {
			raw, _ := json.Marshal(value) // Values of a YAML file.
			text = string(raw)
		}
		out[key] = text
	}
	return out
}
