package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

const (
	bucketType = "aws:s3/bucketV2:BucketV2"
	// etlType is the component of the job. Its inputs include the name of the table.
	etlType = "store-events:index:Etl"
	// databaseType is the component of the database. For an existing one, its inputs are the host and the name.
	databaseType = "store-events:index:Database"
)

// dataStores are the types of resources whose deletion deletes data.
var dataStores = []string{
	bucketType, "aws:rds/instance:Instance",
	"aws:kms/key:Key", "aws:secretsmanager/secret:Secret",
}

// storeSettings lists the settings whose change replaces or deletes a resource with
// data, by the resource's type. docs/settings.md describes the effect of every setting.
var storeSettings = map[string]string{
	bucketType:                         "bucketName or existingBucket",
	"aws:rds/instance:Instance":        "databaseName, databaseUser or databaseHost",
	"aws:secretsmanager/secret:Secret": "databaseHost or databaseSecretArn",
}

// dataLoss describes the data that a step deletes permanently, or leaves behind in a
// table or database that the job no longer loads, "" for none.
func dataLoss(operation string, m apitype.StepEventMetadata) string {
	if left, by := leftBehind(m); left != "" {
		return fmt.Sprintf("%s %s: events whose objects are no longer in the bucket stay in the %s only, and their Parquet is DELETED (a change of %s)",
			m.Type, urn.URN(m.URN).Name(), left, by)
	}
	if !holdsData(m.Type) || m.Old == nil || m.Old.RetainOnDelete || recoverable(m.Old.Inputs) {
		return ""
	}
	name, cause := urn.URN(m.URN).Name(), because(m.Type)
	if operation == destroyOperation {
		cause = ""
	}
	switch m.Op {
	case apitype.OpReplace:
		return fmt.Sprintf("%s %s is replaced: its data is DELETED%s", m.Type, name, cause)
	case apitype.OpDelete:
		return fmt.Sprintf("%s %s is deleted with its data%s", m.Type, name, cause)
	default: // Other steps of a replacement would repeat it.
		return ""
	}
}

// leftBehind returns the table, or the existing database, that the job no longer loads
// after a step, and the settings that cause it, "" for none.
func leftBehind(m apitype.StepEventMetadata) (left, by string) {
	if m.Op != apitype.OpUpdate || m.Old == nil || m.New == nil {
		return "", ""
	}
	was := func(input string) (value string, changed bool) {
		value, _ = m.Old.Inputs[input].(string)
		return value, value != "" && value != m.New.Inputs[input]
	}
	switch m.Type {
	case etlType:
		if table, changed := was("targetTable"); changed {
			return "table " + table, "targetTable"
		}
	case databaseType:
		host, moved := was("host")
		// The state of an earlier release does not contain the name.
		name, renamed := was("database")
		if moved || renamed {
			return strings.TrimSpace("database "+name) + " of " + host, "databaseName or databaseHost"
		}
	}
	return "", ""
}

// because returns the settings that replace or delete a resource of a type, in parentheses.
func because(kind string) string {
	if settings := storeSettings[kind]; settings != "" {
		return " (a change of " + settings + ")"
	}
	return ""
}

func holdsData(kind string) bool { return slices.Contains(dataStores, kind) }

func (s stackState) holdsData() bool {
	return slices.ContainsFunc(s.Resources, func(r DeployedResource) bool { return holdsData(r.Type) })
}

// HoldsData reports whether the stack is deployed with resources that store data.
func (d *Deployment) HoldsData(ctx context.Context) (bool, error) {
	if d.place.managed {
		if state, err := readSavedState(d.opts.StateDir, d.opts.Stack); err == nil {
			return state.holdsData(), nil
		}
	}
	exported, err := d.stack.Export(ctx)
	if err != nil {
		return false, fmt.Errorf("read the state of stack %s: %w", d.stack.Name(), ended(ctx, err))
	}
	state, err := readState(exported.Deployment)
	return state.holdsData(), err
}

// recoverable reports whether a deleted database leaves a final snapshot, or a
// deleted secret can be restored.
func recoverable(inputs map[string]any) bool {
	skip, isDatabase := inputs["skipFinalSnapshot"].(bool)
	days, isSecret := inputs["recoveryWindowInDays"].(float64)
	return isDatabase && !skip || isSecret && days > 0
}
