package s3

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a small language.
)

func objectCases(t *testing.T) []Case {
	t.Helper()
	object := func(props Props) []Res { return []Res{R(aws.BucketObject, "script", props)} }
	text, err := asset.FromText(`connect(user="u", password="correct-horse")`)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "job.py")
	require.NoError(t, os.WriteFile(path, []byte("key = 'AKIAIOSFODNN7EXAMPLE'"), 0o600))
	file, err := asset.FromPath(path)
	require.NoError(t, err)
	return []Case{{
		Rule: "s3-object-no-secret-script", Property: "content", Missing: Passes,
		Compliant: object(Props{"content": `password = secret["password"]`}),
		Violating: object(Props{"content": `password = "correct-horse"`}),
		AlsoViolates: map[string][]Res{
			"text asset": object(Props{"source": property.New(text)}),
			"file":       object(Props{"source": property.New(file)}),
			"encoded":    object(Props{"contentBase64": "cGFzc3dvcmQgPSAiY29ycmVjdC1ob3JzZSI="}),
			"an ACL":     object(Props{"acl": "private"}),
		},
	}}
}
