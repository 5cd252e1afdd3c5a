package program

import (
	"maps"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	account  = "123456789012"
	region   = "eu-west-1"
	password = "generated-by-the-mock-for-" // with the resource's name after it
)

// record is one registered resource. Inputs are plain values, but for secrets,
// which stay a secret.
type record struct {
	Type, Name, Parent string
	Inputs             map[string]any
	Protected          bool
	// Depends are the URNs of what it waits for, Ignored the properties whose changes it ignores.
	Depends, Ignored []string
}

// secret is a value that the engine encrypts.
type secret struct{ value any }

// recorder answers as the engine and AWS would, and remembers what was
// registered. Nothing is asserted in it: tests look at it after the program has
// ended, so that an assertion cannot be left out by an output that never resolves.
type recorder struct {
	mu        sync.Mutex
	resources []record
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec := record{Type: args.TypeToken, Name: args.Name, Inputs: plainMap(args.Inputs)}
	if args.RegisterRPC != nil {
		rec.Parent, rec.Protected = args.RegisterRPC.GetParent(), args.RegisterRPC.GetProtect()
		rec.Depends, rec.Ignored = args.RegisterRPC.GetDependencies(), args.RegisterRPC.GetIgnoreChanges()
	}
	r.resources = append(r.resources, rec)
	return id(rec), computed(rec, args.Inputs), nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answers := map[string]map[string]any{
		"aws:index/getCallerIdentity:getCallerIdentity":       {"accountId": account},
		"aws:index/getRegion:getRegion":                       {"name": region},
		"aws:index/getPartition:getPartition":                 {"partition": "aws"},
		"aws:index/getAvailabilityZones:getAvailabilityZones": {"names": []any{region + "a", region + "b", region + "c"}},
		"aws:ssm/getParameter:getParameter":                   {"value": "ami-0123456789abcdef0"},
	}
	return resource.NewPropertyMapFromMap(answers[args.Token]), nil
}

func id(r record) string { return r.Name + "-id" }

func arn(r record) string {
	service := strings.Split(r.Type, "/")[0]
	return "arn:aws:" + strings.TrimPrefix(service, "aws:") + ":" + region + ":" + account + ":" + r.Name
}

// computed are the inputs with what the provider adds: identities, automatic
// names, addresses.
func computed(r record, inputs resource.PropertyMap) resource.PropertyMap {
	out := maps.Clone(inputs)
	if out == nil {
		out = resource.PropertyMap{}
	}
	add := func(key, value string) {
		if _, given := out[resource.PropertyKey(key)]; !given {
			out[resource.PropertyKey(key)] = resource.NewProperty(value)
		}
	}
	add("arn", arn(r))
	add("name", r.Name)
	switch r.Type {
	case "aws:s3/bucketV2:BucketV2":
		add("bucket", r.Name)
	case "aws:kms/key:Key":
		add("keyId", id(r))
	case "aws:ec2/vpcEndpoint:VpcEndpoint":
		add("prefixListId", "pl-s3")
	case "aws:rds/instance:Instance":
		add("address", "db.internal")
		add("endpoint", "db.internal:3306")
	case "random:index/randomPassword:RandomPassword":
		out["result"] = resource.MakeSecret(resource.NewProperty(password + r.Name))
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
		return secret{plain(v.SecretValue().Element)}
	case v.IsObject():
		return plainMap(v.ObjectValue())
	case v.IsArray():
		list := make([]any, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			list[i] = plain(e)
		}
		return list
	case v.IsAsset():
		return v.AssetValue().Path
	case v.IsArchive():
		return v.ArchiveValue().Path
	default:
		return v.V
	}
}
