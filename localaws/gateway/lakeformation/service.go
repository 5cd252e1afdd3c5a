// Package lakeformation stores the settings of Lake Formation, which the emulator does not implement.
package lakeformation

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"localaws/awsjson"
	"localaws/credentials"
	"localaws/store"
)

const (
	// Name is the service in the scope of a signature.
	Name = "lakeformation"

	collection = "lake-formation"
	key        = "settings"
	allAllowed = `[{"Principal":{"DataLakePrincipalIdentifier":"IAM_ALLOWED_PRINCIPALS"},"Permissions":["ALL"]}]`
)

// Service stores the settings without applying them. The local AWS uses only IAM permissions, as AWS does with the
// settings of a new account.
type Service struct{ Store *store.Store }

// unset are the settings of a new account, which uses only IAM permissions.
// https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
const unset = `{"DataLakeAdmins":[],"ReadOnlyAdmins":[],"CreateDatabaseDefaultPermissions":` + allAllowed +
	`,"CreateTableDefaultPermissions":` + allAllowed + `,"TrustedResourceOwners":[],"AllowExternalDataFiltering":false}`

// maxBody is far above AWS's limit.
const maxBody = 1 << 20

type document struct {
	DataLakeSettings json.RawMessage `json:"DataLakeSettings"`
}

// Serves reports whether a request is for Lake Formation.
func (s *Service) Serves(r *http.Request) bool {
	return r.Method == http.MethodPost && credentials.ServiceOf(r) == Name
}

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.handle(r)
	if err != nil {
		awsjson.WriteError(w, err)
		return
	}
	awsjson.WriteResult(w, out)
}

func (s *Service) handle(r *http.Request) (any, error) {
	switch r.URL.Path {
	case "/GetDataLakeSettings":
		out := document{json.RawMessage(unset)}
		err := s.Store.Get(collection, key, &out)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return out, err
	case "/PutDataLakeSettings":
		var in document
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil || len(in.DataLakeSettings) == 0 {
			return nil, awsjson.Errorf(awsjson.InvalidInput, "DataLakeSettings is missing")
		}
		return nil, s.Store.Put(collection, key, in)
	}
	return nil, awsjson.Errorf("UnknownOperationException", "operation %q", r.URL.Path)
}
