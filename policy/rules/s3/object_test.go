package s3

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
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
	of := func(parts map[string]any) []Res {
		return object(Props{"source": property.New(&archive.Archive{Sig: archive.ArchiveSig, Assets: parts})})
	}
	return []Case{{
		Rule: "s3-object-no-secret-script", Property: "content", Missing: Passes,
		Compliant: object(Props{"content": `password = secret["password"]`}),
		Violating: object(Props{"content": `password = "correct-horse"`}),
		AlsoViolates: map[string][]Res{
			"text asset":                  object(Props{"source": property.New(text)}),
			"file":                        object(Props{"source": property.New(file)}),
			"encoded":                     object(Props{"contentBase64": "cGFzc3dvcmQgPSAiY29ycmVjdC1ob3JzZSI="}),
			"an ACL":                      object(Props{"acl": "private"}),
			"a web site":                  object(Props{"source": property.New(&asset.Asset{Sig: asset.AssetSig, URI: "https://example.com/job.py"})}),
			"an archive of it":            object(Props{"source": property.New(&archive.Archive{Sig: archive.ArchiveSig, URI: "https://example.com/job.zip"})}),
			"a string in an archive":      of(map[string]any{"a": text}),
			"a file in an archive in one": of(map[string]any{"a": &archive.Archive{Sig: archive.ArchiveSig, Assets: map[string]any{"b": file}}}),
		},
		AlsoPasses: map[string][]Res{
			"a local archive": object(Props{"source": property.New(&archive.Archive{Sig: archive.ArchiveSig, Path: "job.zip"})}),
			"archives in one": of(map[string]any{"a": &archive.Archive{Sig: archive.ArchiveSig, Path: "job.zip"}}),
		},
	}}
}
