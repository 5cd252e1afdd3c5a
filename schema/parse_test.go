package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	const key, streams = `{"name":"k","type":"string(36)"}`, `"streams":[{"name":"sales"}]`
	contract := func(more, rest string) string { return `{"key":"k","fields":[` + key + more + `]` + rest + `}` }
	for _, kind := range []string{"string(1)", "string(10000)", "int", "bigint", "decimal(12,2)", "boolean", "timestamp"} {
		c, err := Parse([]byte(contract(`,{"name":"f","type":"`+kind+`"}`, ","+streams)))
		require.NoError(t, err, kind)
		require.Len(t, c.Fields, 2)
	}
	for text, message := range map[string]string{
		"{": "contract: unexpected end of JSON input",
		contract(`,{"name":"f","type":"text"}`, ","+streams):                                             `field f: type "text": use string(N)`,
		contract(`,{"name":"f","type":"string(0)"}`, ","+streams):                                        `field f: type "string(0)": use string(N)`,
		contract(`,{"name":"f","type":"int4"}`, ","+streams):                                             `field f: type "int4": use string(N)`,
		contract(`,{"name":"K","type":"int"}`, ","+streams):                                              "field K: duplicate",
		contract(`,{"name":"f","type":"int","description":"`+strings.Repeat("é", 256)+`"}`, ","+streams): "field f: the catalog cannot store the description: use at most 255 characters in one line",
		contract(`,{"name":"f","type":"int","description":"a\nb"}`, ","+streams):                         "field f: the catalog cannot store the description: use at most 255 characters in one line",
		contract("", ""): "streams: at least one is required",
		contract("", `,"streams":[{"name":"Sales"}]`):                                  `stream "Sales": use at most 63 lower-case letters`,
		contract("", `,"streams":[{"name":"a/b"}]`):                                    `stream "a/b": use at most 63 lower-case letters`,
		contract("", `,"streams":[{"name":"a"},{"name":"a"}]`):                         "stream a: the bucket already has a folder with this name",
		contract("", `,"prefixes":{"curated":"c"},"streams":[{"name":"c"}]`):           "stream c: the bucket already has a folder with this name",
		contract(`,{"name":"1","type":"int"}`, ","+streams):                            `field "1": use at most 64 lower-case letters`,
		`{"key":"x","fields":[` + key + `],` + streams + `}`:                           `key "x": must be the first field, of type string(N)`,
		`{"key":"k","fields":[{"name":"k","type":"int"}],` + streams + `}`:             `key "k": must be the first field, of type string(N)`,
		`{"key":"k","fields":[{"name":"f","type":"int"},` + key + `],` + streams + `}`: `key "k": must be the first field, of type string(N)`,
		`{"key":"k","fields":[{"name":"k","type":"string()"}],` + streams + `}`:        `field k: type "string()": use string(N)`,
		`{"key":"k","fields":[{"name":"k","type":"string(x)"}],` + streams + `}`:       `field k: type "string(x)": use string(N)`,
		`{"key":"k","fields":[],` + streams + `}`:                                      `key "k": must be the first field, of type string(N)`,
		`{"key":"k","fields":[{"name":"k","type":"string(3065)"}],` + streams + `}`:    `key "k": string(3065) is not allowed: a key of InnoDB has at most 3064 bytes`,
		contract(`,{"name":"extra","type":"int"}`, ","+streams):                        "field extra: the job already has a column with this name: choose another name",
		contract(`,{"name":"k_hash","type":"int"}`, ","+streams):                       "field k_hash: the job already has a column with this name",
		contract(`,{"name":"dt","type":"int"}`, `,"partitionKey":"dt",`+streams):       "field dt: the job already has a column with this name",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, message, text)
		require.ErrorContains(t, err, "contract: ", text)
	}
	_, err := Parse([]byte(`{"key":"k","fields":[{"name":"k","type":"string(3064)"}],` + streams + `}`))
	require.NoError(t, err)
	_, err = Parse([]byte(contract(`,{"name":"f","type":"int","description":"`+strings.Repeat("é", 255)+`"}`, ","+streams)))
	require.NoError(t, err)
	_, err = Parse([]byte(contract(`,{"name":"K","type":"text"}`, "")))
	require.ErrorContains(t, err, "duplicate\nstreams", "all problems at once")
	c, err := Parse(JSON())
	require.NoError(t, err)
	require.Equal(t, Load(), c)
}

func TestWayOfAField(t *testing.T) {
	for types, want := range map[[2]string]string{
		{"string(36)", "string(36)"}: "", {"string(36)", "string(40)"}: Wider, {"string(40)", "string(36)"}: Migration, {"boolean", "int"}: Refused,
		{"decimal(12,2)", "decimal(14,4)"}: Wider, {"decimal(12,2)", "decimal(13,4)"}: Migration,
	} {
		require.Equal(t, want, Field{Name: "f", Type: types[0]}.WayOf(Field{Name: "f", Type: types[1]}), types)
	}
}
