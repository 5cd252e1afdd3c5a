package deploy

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

const bucketType = "aws:s3/bucketV2:BucketV2"

// dataStores are the types of resources whose deletion deletes data.
var dataStores = []string{
	bucketType, "aws:rds/instance:Instance",
	"aws:kms/key:Key", "aws:secretsmanager/secret:Secret",
}

// dataLoss describes the data that a step deletes for good, "" for none.
func dataLoss(m apitype.StepEventMetadata) string {
	if !slices.Contains(dataStores, m.Type) || m.Old == nil || m.Old.RetainOnDelete || recoverable(m.Old.Inputs) {
		return ""
	}
	name := urn.URN(m.URN).Name()
	switch m.Op {
	case apitype.OpReplace:
		return fmt.Sprintf("%s %s is replaced: its data is DELETED", m.Type, name)
	case apitype.OpDelete:
		return fmt.Sprintf("%s %s is deleted with its data", m.Type, name)
	default: // The other steps of a replacement repeat it.
		return ""
	}
}

// recoverable reports whether a deleted database leaves a final snapshot, or a
// deleted secret can be restored.
func recoverable(inputs map[string]any) bool {
	skip, isDatabase := inputs["skipFinalSnapshot"].(bool)
	days, isSecret := inputs["recoveryWindowInDays"].(float64)
	return isDatabase && !skip || isSecret && days > 0
}
