package gateway

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
	lakeFormation  = "lakeformation"
	lakeRecords    = "lake-formation"
	lakeSettings   = "settings"
	lakeAllAllowed = `[{"Principal":{"DataLakePrincipalIdentifier":"IAM_ALLOWED_PRINCIPALS"},"Permissions":["ALL"]}]`
)

// lake keeps Lake Formation's settings, which the emulator does not know. They
// are kept, not applied: the local AWS decides by IAM alone, as AWS does with the
// settings of a new account.
type lake struct{ store *store.Store }

// unsetLake are the settings of a new account: IAM alone decides.
// https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
const unsetLake = `{"DataLakeAdmins":[],"ReadOnlyAdmins":[],"CreateDatabaseDefaultPermissions":` + lakeAllAllowed +
	`,"CreateTableDefaultPermissions":` + lakeAllAllowed + `,"TrustedResourceOwners":[],"AllowExternalDataFiltering":false}`

type lakeDocument struct {
	DataLakeSettings json.RawMessage `json:"DataLakeSettings"`
}

// serves reports whether a request is for Lake Formation, which has a path for
// each operation.
func (l *lake) serves(r *http.Request) bool {
	return r.Method == http.MethodPost && credentials.ServiceOf(r) == lakeFormation
}

func (l *lake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := l.answer(r)
	if err != nil {
		awsjson.WriteError(w, err)
		return
	}
	awsjson.WriteResult(w, out)
}

func (l *lake) answer(r *http.Request) (any, error) {
	switch r.URL.Path {
	case "/GetDataLakeSettings":
		out := lakeDocument{json.RawMessage(unsetLake)}
		err := l.store.Get(lakeRecords, lakeSettings, &out)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return out, err
	case "/PutDataLakeSettings":
		var in lakeDocument
		body, err := io.ReadAll(io.LimitReader(r.Body, maxCallBody))
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil || len(in.DataLakeSettings) == 0 {
			return nil, awsjson.Errorf(awsjson.InvalidInput, "DataLakeSettings is missing")
		}
		return nil, l.store.Put(lakeRecords, lakeSettings, in)
	}
	return nil, awsjson.Errorf("UnknownOperationException", "operation %q", r.URL.Path)
}
