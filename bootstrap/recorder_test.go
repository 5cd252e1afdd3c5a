package main

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
)

// registered is a resource that the program registers.
type registered struct {
	kind, name string
	inputs     resource.PropertyMap
}

// recorder answers as AWS would, and keeps what is registered.
type recorder struct {
	mu        sync.Mutex
	resources map[string]registered
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources[args.Name] = registered{args.TypeToken, args.Name, args.Inputs}
	out := args.Inputs.Copy()
	switch args.TypeToken {
	case "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
		out["arn"] = resource.NewProperty("arn:aws:iam::" + account + ":oidc-provider/" + issuer)
	case "aws:iam/role:Role":
		out["arn"] = resource.NewProperty("arn:aws:iam::" + account + ":role/" + args.Name)
	case "aws:iam/policy:Policy":
		out["arn"] = resource.NewProperty("arn:aws:iam::" + account + ":policy/" + args.Name)
	}
	return args.Name + "-id", out, nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.NewPropertyMapFromMap(map[string]map[string]any{
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": account},
		"aws:index/getRegion:getRegion":                 {"name": region},
		"aws:index/getPartition:getPartition":           {"partition": "aws"},
	}[args.Token]), nil
}

// bootstrapped is what the program registers with settings beside the repository.
func bootstrapped(settings map[string]string) (map[string]registered, error) {
	r := &recorder{resources: map[string]registered{}}
	err := pulumi.RunErr(deploy, pulumi.WithMocks("store-events-bootstrap", "prod", r), func(info *pulumi.RunInfo) {
		info.Config = map[string]string{"store-events-bootstrap:repository": "octo/shop"}
		for key, value := range settings {
			info.Config["store-events-bootstrap:"+key] = value
		}
	})
	return r.resources, err
}

func (r registered) text(key string) string {
	return r.inputs[resource.PropertyKey(key)].StringValue()
}

// statements are those of a policy of a resource.
func (r registered) statements(t *testing.T, key string) []statement {
	t.Helper()
	var document struct{ Statement []statement }
	require.NoError(t, json.Unmarshal([]byte(r.text(key)), &document))
	return document.Statement
}
