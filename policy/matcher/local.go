package matcher

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"store-events/policy/value"
)

// Local accepts everything except an asset or archive with a remote part, which the engine would
// download, without review, at each update.
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
