package state

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

func fixture(t *testing.T) []rule.Resource {
	t.Helper()
	text, err := os.ReadFile("testdata/deployment.json")
	require.NoError(t, err)
	resources, err := Read(text)
	require.NoError(t, err)
	return resources
}

func named(t *testing.T, name string) rule.Resource {
	t.Helper()
	for _, r := range fixture(t) {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no %s", name)
	return rule.Resource{}
}

func TestRead(t *testing.T) {
	var names []string
	for _, r := range fixture(t) {
		names = append(names, r.Name)
	}
	require.Equal(t, []string{"store-events-prod", "bucket", "script", "db"}, names, "no providers, and no resources pending deletion")

	bucket := named(t, "bucket")
	require.Equal(t, aws.Bucket, bucket.Type)
	require.True(t, bucket.Protected)
	require.Equal(t, property.New("bucket-1234"), bucket.Outputs.Get("id"), "inputs missing from the outputs")
	require.Equal(t, property.New(`{"tags":{"Owner":"me"}}`), bucket.Provider.Get("defaultTags"))

	script := named(t, "script")
	require.Equal(t, []string{bucket.URN}, script.PropertyDependencies["bucket"])
	require.True(t, script.Inputs.Get("source").IsAsset())
	require.Equal(t, "glue/job.py", script.Inputs.Get("source").AsAsset().Path)

	db := named(t, "db")
	require.Equal(t, property.New("s3cret").WithSecret(true), db.Inputs.Get("password"))
	require.True(t, db.Inputs.Get("multiAz").AsBool())
	require.Equal(t, property.New(20.0), db.Inputs.Get("allocatedStorage"))
	require.True(t, db.Inputs.Get("parameterGroupName").IsComputed())
}

// An error never contains a value of the state.
func TestEncryptedSecretIsRefused(t *testing.T) {
	_, err := Read([]byte(`{"resources":[{"urn":"urn:pulumi:p::s::t::n","type":"t","inputs":{"a":[{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"xyz"}]}}]}`))
	require.ErrorContains(t, err, "read the state of urn:pulumi:p::s::t::n: a: [0]: a secret is encrypted")
	_, err = Read([]byte(`{"resources":[{"urn":"urn:pulumi:p::s::t::n","type":"t","inputs":{"a":{"4dabf18193072939515e22adb298388d":"new"}}}]}`))
	require.ErrorContains(t, err, "a value of an unknown type, new")
}
