package policy

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// vector is a random request with its policies, and the decision of an
// independent simulator. testdata/README.md describes how vectors are generated.
type vector struct {
	Principal        Principal
	Action, Resource string
	Context          map[string]any
	Identity         []json.RawMessage
	ResourcePolicy   json.RawMessage
	Boundary         json.RawMessage
	Session          json.RawMessage
	Endpoint         json.RawMessage
	Want             string
}

func (v vector) policies(t *testing.T) Policies {
	t.Helper()
	read := func(kind Kind, text json.RawMessage) *Named {
		if text == nil {
			return nil
		}
		d, err := Parse(kind, text)
		require.NoError(t, err, "%s", text)
		return &Named{Name: "p", Document: d}
	}
	kind := Resource
	if v.Action == "sts:AssumeRole" {
		kind = Trust
	}
	p := Policies{
		Resource: read(kind, v.ResourcePolicy),
		Boundary: read(Boundary, v.Boundary),
		Endpoint: read(Endpoint, v.Endpoint),
	}
	for _, text := range v.Identity {
		p.Identity = append(p.Identity, *read(Identity, text))
	}
	if v.Session != nil {
		p.Session = []Named{*read(Session, v.Session)}
	}
	return p
}

func TestDecisionsMatchAnotherSimulator(t *testing.T) {
	text, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var vectors []vector
	require.NoError(t, json.Unmarshal(text, &vectors))
	reasons := map[string]Reason{"Allowed": Allowed, "ExplicitlyDenied": ExplicitDeny, "ImplicitlyDenied": ImplicitDeny}
	for i, v := range vectors {
		c := Context{}
		for key, value := range v.Context {
			if list, ok := value.([]any); ok {
				for _, member := range list {
					c.Add(key, member.(string))
				}
				continue
			}
			c.Set(key, value.(string))
		}
		r := Request{Principal: v.Principal, Action: v.Action, Resource: v.Resource, ResourceAccount: "111122223333", Context: c}
		d := Evaluate(r, v.policies(t))
		if d.Reason != reasons[v.Want] {
			text, _ := json.Marshal(v)
			t.Errorf("vector %d: %s by %s %s, want %s\n%s", i, d.Reason, d.Kind, d.Statement, v.Want, text)
		}
	}
}
