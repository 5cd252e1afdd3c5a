// Package encryption stores the encryption settings of the account's Glue data catalog. It does not encrypt the
// catalog, which has only one user.
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

// unset are the default settings.
const unset = `{"EncryptionAtRest":{"CatalogEncryptionMode":"DISABLED"},"ConnectionPasswordEncryption":{"ReturnConnectionPasswordEncrypted":false}}`

// settings is the request of PutDataCatalogEncryptionSettings and the response of GetDataCatalogEncryptionSettings.
type settings struct {
	DataCatalogEncryptionSettings json.RawMessage
}

type empty struct{}

// Operations returns the operations on the settings:
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
