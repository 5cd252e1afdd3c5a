package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"store-events/policy/rule"
)

// Export is the output of `pulumi stack export`, of any program.
type Export struct {
	Project, Stack string
	Resources      []rule.Resource
	// Encrypted is the number of encrypted secrets. Their values count as unknown.
	Encrypted int
}

// ReadExport parses an export.
func ReadExport(text []byte) (Export, error) {
	var whole struct {
		Deployment any `json:"deployment"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // Preserves all digits of large numbers, such as accounts.
	if err := decoder.Decode(&whole); err != nil {
		return Export{}, fmt.Errorf("not the output of pulumi stack export: %w", plainly(err))
	}
	if whole.Deployment == nil {
		return Export{}, errors.New("not the output of pulumi stack export: it has no deployment")
	}
	var e Export
	deployment, err := json.Marshal(hideEncrypted(whole.Deployment, &e.Encrypted))
	if err != nil {
		return Export{}, fmt.Errorf("read the export: %w", err)
	}
	if e.Resources, err = Read(deployment); err != nil {
		return Export{}, err
	}
	if len(e.Resources) == 0 {
		return Export{}, errors.New("the export has no resources: the stack is not deployed")
	}
	first := urn.URN(e.Resources[0].URN)
	e.Stack, e.Project = string(first.Stack()), string(first.Project())
	return e, nil
}

// plainly describes a JSON value of a wrong type without the names of Go types.
func plainly(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too early")
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("it has JSON type %s, expected an object", wrong.Value)
	}
	return fmt.Errorf("%s has JSON type %s", wrong.Field, wrong.Value)
}

// hideEncrypted replaces encrypted secrets by unknown values, and counts them.
func hideEncrypted(v any, count *int) any {
	switch v := v.(type) {
	case map[string]any:
		if _, shown := v["plaintext"]; v[resource.SigKey] == resource.SecretSig && !shown {
			*count++
			return plugin.UnknownStringValue
		}
		for key, member := range v {
			v[key] = hideEncrypted(member, count)
		}
	case []any:
		for i, member := range v {
			v[i] = hideEncrypted(member, count)
		}
	}
	return v
}
