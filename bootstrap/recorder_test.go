package main

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
)

// registered is a resource that the program registers.
type registered struct{ pulumitest.Resource }

// arnKinds are the resource parts in the ARNs of IAM, by type.
var arnKinds = map[string]string{
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider": "oidc-provider/" + issuer,
	"aws:iam/role:Role":     "role/",
	"aws:iam/policy:Policy": "policy/",
}

func withARN(r pulumitest.Resource, inputs resource.PropertyMap) (string, resource.PropertyMap) {
	out := inputs.Copy()
	out["arn"] = resource.NewProperty(arnOf(r))
	return r.Name + "-id", out
}

func arnOf(r pulumitest.Resource) string {
	arn := "arn:aws:iam::" + account + ":" + arnKinds[r.Type]
	if r.Name == "github" {
		return arn
	}
	return arn + r.Name
}

// bootstrapped returns what the program registers, by name, with the settings and a
// repository.
func bootstrapped(settings map[string]string) (map[string]registered, error) {
	r := pulumitest.New()
	r.Account, r.Region, r.Provider = account, region, withARN
	err := pulumi.RunErr(deploy, pulumi.WithMocks("store-events-bootstrap", "prod", r), func(info *pulumi.RunInfo) {
		info.Config = map[string]string{"store-events-bootstrap:repository": "octo/shop"}
		for key, value := range settings {
			info.Config["store-events-bootstrap:"+key] = value
		}
	})
	byName := map[string]registered{}
	for _, resource := range r.Resources {
		byName[resource.Name] = registered{resource}
	}
	return byName, err
}

func (r registered) text(key string) string {
	text, _ := r.Inputs[key].(string)
	return text
}

// statements returns the statements of a resource's policy.
func (r registered) statements(t *testing.T, key string) []statement {
	t.Helper()
	var document struct{ Statement []statement }
	require.NoError(t, json.Unmarshal([]byte(r.text(key)), &document))
	return document.Statement
}
