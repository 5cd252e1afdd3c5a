package export

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"store-events/schema"
)

// everyType returns the contract with an additional field of each type.
func everyType(t *testing.T) schema.Contract {
	t.Helper()
	c, err := schema.Load().WithColumns("x_a=string(3),x_b=int,x_c=bigint,x_d=decimal(4,2),x_e=decimal(2,2),x_f=decimal(38,0),x_g=boolean,x_h=timestamp")
	require.NoError(t, err)
	return c
}

func compiled(t *testing.T, c schema.Contract) *jsonschema.Schema {
	t.Helper()
	text, err := JSONSchema(c)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler() // Check the schema against the meta-schema in $schema.
	compiler.AssertFormat = true
	require.NoError(t, compiler.AddResource("contract.json", strings.NewReader(string(text))))
	s, err := compiler.Compile("contract.json")
	require.NoError(t, err)
	return s
}

func TestJSONSchemaIsValid(t *testing.T) {
	text, err := JSONSchema(everyType(t))
	require.NoError(t, err)
	var doc any
	require.NoError(t, json.Unmarshal(text, &doc))
	meta, err := jsonschema.Compile(draft)
	require.NoError(t, err)
	require.NoError(t, meta.Validate(doc))
	compiled(t, everyType(t))
}

func TestJSONSchemaRefuses(t *testing.T) {
	s := compiled(t, everyType(t))
	for _, line := range []string{
		`{}`, `{"request_id":""}`, `{"request_id":"a b"}`, `{"request_id":null}`, `[]`,
		`{"request_id":"a","x_a":"four"}`, `{"request_id":"a","x_b":2147483648}`, `{"request_id":"a","x_b":1.5}`,
		`{"request_id":"a","x_c":9223372036854775808}`, `{"request_id":"a","x_d":100}`, `{"request_id":"a","x_e":1}`,
		`{"request_id":"a","x_g":"true"}`, `{"request_id":"a","x_h":"yesterday"}`, `{"request_id":"a","x_h":"2026-02-30T00:00:00Z"}`,
	} {
		require.Error(t, s.Validate(decode(t, line)), line)
	}
	for _, line := range []string{
		`{"request_id":"a"}`, `{"request_id":"a","unknown":[1]}`, `{"request_id":"a","x_b":null,"x_h":"2026-05-01T10:20:30.123+02:00","x_e":0.99}`,
		`{"request_id":"a","x_c":9223372036854775807,"x_d":-99.99}`,
	} {
		require.NoError(t, s.Validate(decode(t, line)), line)
	}
}

func decode(t require.TestingT, line string) any {
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber() // A float would round large integers.
	var v any
	require.NoError(t, d.Decode(&v))
	return v
}

// The job loads everything that the schema accepts.
func TestAcceptedEventsAreValid(t *testing.T) {
	c := everyType(t)
	s := compiled(t, c)
	values := []string{
		`null`, `true`, `"x"`, `"true"`, `""`, `0`, `-1`, `1.0`, `2147483647`, `2147483648`, `9223372036854775807`, `-9223372036854775808`, `99.99`, `99.994`, `99.995`,
		`0.99`, `0.994`, `1e2`, `1e-400`, `1E+1`, `99999999999999999999999999999999999999`, `"2026-05-01T10:20:30Z"`, `"2026-05-01T10:20:60Z"`, `"2026-05-01t10:20:30z"`,
		`"2026-05-01T10:20:30+17:59"`, `"2026-05-01T10:20:30+18:01"`, `"0999-01-01T00:00:00Z"`, `"2999-12-31T23:59:59.999999999-17:59"`, `"2026-05-01"`, `"äöü"`, `"äöüß"`, `"雪雪雪雪"`, `[]`, `{}`,
	}
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(c.Fields).Draw(t, "field")
		value := rapid.SampledFrom(values).Draw(t, "value")
		line := `{"request_id":"k","` + f.Name + `":` + value + `}`
		if f.Name == c.Key {
			line = `{"request_id":` + value + `}`
		}
		if s.Validate(decode(t, line)) != nil {
			return
		}
		accepted++
		_, reason := c.Check([]byte(line))
		require.Empty(t, reason, line)
	})
	require.Positive(t, accepted)
}

func TestODCSIsValid(t *testing.T) {
	published, err := os.ReadFile("testdata/odcs-3.2.0.schema.json")
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("odcs.json", strings.NewReader(string(published))))
	odcs, err := compiler.Compile("odcs.json")
	require.NoError(t, err)

	c := everyType(t)
	text, err := ODCS(c, "sales_txns_tbl")
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, yaml.Unmarshal(text, &doc))
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	require.NoError(t, odcs.Validate(decode(t, string(raw))))

	doc["apiVersion"] = "v9"
	raw, err = json.Marshal(doc)
	require.NoError(t, err)
	require.Error(t, odcs.Validate(decode(t, string(raw))), "the published schema is used")

	require.Len(t, doc["schema"], 1+len(c.Streams))
	table := doc["schema"].([]any)[0].(map[string]any)
	require.Equal(t, "sales_txns_tbl", table["physicalName"])
	require.Len(t, table["properties"], len(c.Fields))
	key := table["properties"].([]any)[0].(map[string]any)
	require.Equal(t, true, key["primaryKey"])
	require.Equal(t, "varchar(36)", key["physicalType"])
}
