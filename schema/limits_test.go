package schema

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// table returns a contract with a key and one more field.
func table(key, kind string) Contract {
	return Contract{Key: "k", Fields: []Field{{Name: "k", Type: key}, {Name: "f", Type: kind}}}
}

// Sizes are from https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html
func TestRowBytes(t *testing.T) {
	// A pointer to extra, the day, batch, position, hash, and one byte of null bits.
	const other = 12 + 3 + 8 + 4 + 16 + 1
	for kind, want := range map[string]int{
		"int": 4, "bigint": 8, "boolean": 1, "timestamp": 7,
		"string(10)": 40 + 1, "string(63)": 252 + 1, "string(64)": 256 + 2, // Above 255 the length needs a second byte.
		"decimal(1,0)": 1, "decimal(2,0)": 1, "decimal(3,0)": 2, "decimal(4,0)": 2, "decimal(5,0)": 3, "decimal(6,0)": 3,
		"decimal(7,0)": 4, "decimal(8,0)": 4, "decimal(9,0)": 4, "decimal(10,0)": 5, "decimal(18,9)": 8, "decimal(12,2)": 6, "decimal(38,10)": 18,
	} {
		require.Equal(t, other+36+1+want, table("string(36)", kind).rowBytes(), kind)
	}
	require.Equal(t, other+255+1+4, table("string(255)", "int").rowBytes(), "the key is ASCII")
	require.Equal(t, other+256+2+4, table("string(256)", "int").rowBytes())
}

// Eight nullable columns share a byte of null bits.
func TestBitsForNulls(t *testing.T) {
	c := table("string(36)", "int")
	size := c.rowBytes()
	for n := 4; n <= 9; n++ { // Including the columns extra and hash.
		c.Fields = append(c.Fields, Field{Name: fmt.Sprintf("f%d", n), Type: "boolean"})
		size++
		if n == 9 {
			size++
		}
		require.Equal(t, size, c.rowBytes(), "%d columns", n)
	}
}

func TestLargestRowFits(t *testing.T) {
	require.NoError(t, table("string(65485)", "int").validateFields())
	require.EqualError(t, table("string(65486)", "int").validateFields(),
		"the columns need 65536 bytes in a row of MySQL, where a string(N) needs 4N: use at most 65535")
}

func TestFieldsThatAreTooLarge(t *testing.T) {
	for _, kind := range []string{"decimal(1,0)", "decimal(1,1)", "decimal(4,4)", "decimal(38,0)", "decimal(38,30)"} {
		require.NoError(t, Field{Name: "f", Type: kind}.validateType(), kind)
	}
	for _, kind := range []string{"decimal(0,0)", "decimal(39,0)", "decimal(4,5)", "decimal(38,31)"} {
		require.ErrorContains(t, Field{Name: "f", Type: kind}.validateType(), kind)
	}
	require.ErrorContains(t, Field{Name: "f", Type: "decimal(4)"}.validateType(), "use decimal(digits,digits after the point)")
	for _, name := range []string{"", "Upper", "1st", "a-b"} {
		require.ErrorContains(t, Field{Name: name, Type: "int"}.validateType(), "use at most 64 lower-case letters", name)
	}
}

// The job's tests read the same cases.
func TestLimits(t *testing.T) {
	file, err := os.Open("testdata/limits.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); count++ {
		var example struct {
			Key   string
			Types []string
			Times int // The number of fields of each type, if not one.
			Error string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &example))
		c := Contract{Key: "k", Fields: []Field{{Name: "k", Type: example.Key}}}
		for i, kind := range slices.Repeat(example.Types, max(example.Times, 1)) {
			c.Fields = append(c.Fields, Field{Name: fmt.Sprintf("f%d", i), Type: kind})
		}
		if example.Error == "" {
			require.NoError(t, c.validateFields(), example)
			continue
		}
		require.EqualError(t, c.validateFields(), example.Error, example)
	}
	require.Greater(t, count, 50)
}

func TestExpectationsFitTheirTypes(t *testing.T) {
	require.NoError(t, Load().validateFields(), "the project's contract")
	number := func(v float64) *float64 { return &v }
	for want, f := range map[string]Field{
		"":                                     {Type: "decimal(4,2)", Expect: &FieldExpectation{MaxNullShare: number(1), Min: number(-1), Max: number(1)}},
		"maxNullShare -0.1 is not allowed":     {Type: "int", Expect: &FieldExpectation{MaxNullShare: number(-0.1)}},
		"maxNullShare 1.1 is not allowed":      {Type: "int", Expect: &FieldExpectation{MaxNullShare: number(1.1)}},
		"min and max are for numbers, not for": {Type: "timestamp", Expect: &FieldExpectation{Min: number(1)}},
		"min 2 is more than max 1":             {Type: "int", Expect: &FieldExpectation{Min: number(2), Max: number(1)}},
		"allowed values are for strings":       {Type: "int", Expect: &FieldExpectation{Allowed: []string{"1"}}},
	} {
		f.Name = "f"
		err := Contract{Key: "k", Fields: []Field{{Name: "k", Type: "string(36)"}, f}}.validateFields()
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, Field{Type: "bigint", Expect: &FieldExpectation{Min: number(0)}}.validateExpectation())
	stream := func(e StreamExpectation) Contract {
		return Contract{Key: "k", Fields: []Field{{Name: "k", Type: "string(36)"}}, Streams: []Stream{{Name: "s", Expect: &e}}}
	}
	require.NoError(t, stream(StreamExpectation{}).validateFields())
	for _, e := range []StreamExpectation{{FreshHours: -1}, {MinLinesPerDay: -1}} {
		require.ErrorContains(t, stream(e).validateFields(), "stream s: freshHours and minLinesPerDay must be 0 or more")
	}
}
