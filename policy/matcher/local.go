package matcher

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"store-events/policy/value"
)

// Local accepts everything but an asset or archive of which a part comes from a web site. The
// engine fetches that at each update, and nobody sees what it gets.
func Local(v value.Value) (bool, error) {
	switch raw := v.Raw(); {
	case raw.IsAsset():
		return !remote(raw.AsAsset()), nil
	case raw.IsArchive():
		return !remote(raw.AsArchive()), nil
	default:
		return true, nil
	}
}

func remote(part any) bool {
	switch part := part.(type) {
	case *asset.Asset:
		return part.URI != ""
	case *archive.Archive:
		for _, inner := range part.Assets {
			if remote(inner) {
				return true
			}
		}
		return part.URI != ""
	default:
		return false
	}
}
