// Package encryption keeps the encryption settings of the account's Glue data
// catalog. They are kept, not applied: the catalog of one machine has one user.
package encryption

import (
	"context"
	"encoding/json"
	"errors"

	"localaws/awsjson"
	"localaws/store"
)

const (
	collection = "glue-encryption"
	catalog    = "catalog"
)

// unset are the settings of an account that has never set any.
const unset = `{"EncryptionAtRest":{"CatalogEncryptionMode":"DISABLED"},"ConnectionPasswordEncryption":{"ReturnConnectionPasswordEncrypted":false}}`

// settings is the request of one operation and the answer of the other.
type settings struct {
	DataCatalogEncryptionSettings json.RawMessage
}

type empty struct{}

// Operations that are answered:
// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-security.html
func Operations(st *store.Store) awsjson.Operations {
	return awsjson.Operations{
		"PutDataCatalogEncryptionSettings": awsjson.Typed(func(_ context.Context, in settings) (empty, error) {
			if len(in.DataCatalogEncryptionSettings) == 0 {
				return empty{}, awsjson.Errorf(awsjson.InvalidInput, "DataCatalogEncryptionSettings is missing")
			}
			return empty{}, st.Put(collection, catalog, in)
		}),
		"GetDataCatalogEncryptionSettings": awsjson.Typed(func(context.Context, empty) (settings, error) {
			out := settings{DataCatalogEncryptionSettings: json.RawMessage(unset)}
			err := st.Get(collection, catalog, &out)
			if errors.Is(err, store.ErrNotFound) {
				err = nil
			}
			return out, err
		}),
	}
}
