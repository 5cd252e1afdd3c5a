package crawler

import (
	"encoding/json"

	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// tableInputOf returns the input for writing the table unchanged.
func tableInputOf(t gluetypes.Table) *gluetypes.TableInput {
	return &gluetypes.TableInput{
		Name: t.Name, Description: t.Description, Owner: t.Owner, Retention: t.Retention,
		StorageDescriptor: t.StorageDescriptor, PartitionKeys: t.PartitionKeys,
		TableType: t.TableType, Parameters: t.Parameters,
		ViewOriginalText: t.ViewOriginalText, ViewExpandedText: t.ViewExpandedText,
		TargetTable: t.TargetTable, LastAnalyzedTime: t.LastAnalyzedTime,
	}
}

func partitionInputOf(p gluetypes.Partition) gluetypes.PartitionInput {
	return gluetypes.PartitionInput{
		Values: p.Values, Parameters: p.Parameters, StorageDescriptor: p.StorageDescriptor,
		LastAnalyzedTime: p.LastAnalyzedTime,
	}
}

// equal reports whether catalog entries are equal to clients. A missing value, an empty string and an empty list are
// equal, because the catalog does not distinguish them.
func equal(a, b any) bool { return canonical(a) == canonical(b) }

func canonical(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return err.Error()
	}
	out, _ := json.Marshal(prune(tree)) //nolint:errchkjson // It was decoded from JSON.
	return string(out)
}

// prune removes empty values at every level.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e = prune(e); e == nil {
				delete(v, k)
			} else {
				v[k] = e
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = prune(v[i])
		}
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}
