package matcher

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/value"
)

func TestLocal(t *testing.T) {
	file := &asset.Asset{Sig: asset.AssetSig, Path: "job.py"}
	site := &asset.Asset{Sig: asset.AssetSig, URI: "https://example.com/job.py"}
	zip := &archive.Archive{Sig: archive.ArchiveSig, Path: "job.zip"}
	siteZip := &archive.Archive{Sig: archive.ArchiveSig, URI: "https://example.com/job.zip"}
	of := func(part any) property.Value {
		return property.New(&archive.Archive{Sig: archive.ArchiveSig, Assets: map[string]any{"a": file, "b": part}})
	}
	for name, test := range map[string]struct {
		v     property.Value
		local bool
	}{
		"a file":                 {property.New(file), true},
		"an archive":             {property.New(zip), true},
		"archives in one":        {of(zip), true},
		"a string":               {property.New("https://example.com/job.py"), true},
		"an asset of a site":     {property.New(site), false},
		"an archive of a site":   {property.New(siteZip), false},
		"a part of a site":       {of(site), false},
		"an archive of it in it": {of(siteZip), false},
	} {
		v := value.Of(property.NewMap(map[string]property.Value{"source": test.v})).Get("source")
		local, err := Local(v)
		require.NoError(t, err, name)
		require.Equal(t, test.local, local, name)
	}
	require.False(t, remote("https://example.com/job.py"), "neither an asset nor an archive")
}
