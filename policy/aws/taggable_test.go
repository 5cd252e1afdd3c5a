package aws

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The SDK's source shows which types have tags.
func TestTaggableMatchesTheSDK(t *testing.T) {
	dir := sdk(t)
	for name, class := range Classes {
		if class != Checked {
			continue
		}
		checked := Canonical(name)
		path := strings.Split(checked, ":")[1]
		if checked == GlueMLTransform {
			path = "glue/mltransform" // The only file that is not named after its type.
		}
		source, err := os.ReadFile(filepath.Join(dir, path+".go")) //nolint:gosec // A file of the SDK.
		require.NoError(t, err)
		require.Equal(t, strings.Contains(string(source), "TagsAll pulumi.StringMapOutput"), slices.Contains(Taggable, checked), checked)
	}
}
