package pulumitest

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"
)

// Secret is a value that the engine encrypts.
type Secret struct{ Value any }

// Password is the prefix of generated passwords; the resource's name follows.
const Password = "generated-by-the-mock-for-"

// ID returns the ID of a resource with realistic outputs.
func (r Resource) ID() string { return r.Name + "-id" }

// ARN returns the ARN of a resource with realistic outputs.
func (r *Recorder) ARN(of Resource) string {
	service, _, _ := strings.Cut(strings.TrimPrefix(of.Type, "aws:"), "/")
	return "arn:aws:" + service + ":" + r.Region + ":" + r.Account + ":" + of.Name
}

// Get returns the input at a path of keys, which must exist up to the last one.
func (r Resource) Get(t testing.TB, keys ...string) any {
	t.Helper()
	var value any = r.Inputs
	for _, key := range keys {
		m, ok := value.(map[string]any)
		require.True(t, ok, "%s %s: no %v", r.Type, r.Name, keys)
		value = m[key]
	}
	return value
}

// Path returns the path of the file or archive at a path of keys.
func (r Resource) Path(t testing.TB, keys ...string) string {
	t.Helper()
	switch v := r.Get(t, keys...).(type) {
	case *asset.Asset:
		return v.Path
	case *archive.Archive:
		return v.Path
	default:
		require.Failf(t, "not a file", "%s %s: %v is a %T", r.Type, r.Name, keys, v)
		return ""
	}
}

// WaitsFor reports whether a resource is created after another one.
func (r Resource) WaitsFor(other Resource) bool {
	for _, urn := range r.Depends {
		if strings.HasSuffix(urn, "$"+other.Type+"::"+other.Name) || strings.HasSuffix(urn, "::"+other.Type+"::"+other.Name) {
			return true
		}
	}
	return false
}

// realistic returns the inputs with the provider's outputs: IDs, generated names,
// addresses.
func (r *Recorder) realistic(of Resource, inputs resource.PropertyMap) (string, resource.PropertyMap) {
	out := maps.Clone(inputs)
	if out == nil {
		out = resource.PropertyMap{}
	}
	add := func(key, value string) {
		if _, given := out[resource.PropertyKey(key)]; !given {
			out[resource.PropertyKey(key)] = resource.NewProperty(value)
		}
	}
	add("arn", r.ARN(of))
	add("name", of.Name)
	switch of.Type {
	case "aws:s3/bucketV2:BucketV2":
		add("bucket", of.Name)
	case "aws:kms/key:Key":
		add("keyId", of.ID())
	case "aws:ec2/vpcEndpoint:VpcEndpoint":
		add("prefixListId", "pl-s3")
	case "aws:lambda/function:Function":
		add("sourceCodeHash", "hash-of-"+of.Name)
	case "aws:sqs/queue:Queue":
		add("url", "https://sqs/"+of.Name)
	case "aws:rds/instance:Instance":
		add("address", "db.internal")
		add("endpoint", "db.internal:3306")
		add("resourceId", "db-ABCDEFGH")
	case "random:index/randomId:RandomId":
		out["hex"] = resource.NewProperty("0123abcd")
	case "random:index/randomPassword:RandomPassword":
		out["result"] = resource.MakeSecret(resource.NewProperty(Password + of.Name))
	}
	return of.ID(), out
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
