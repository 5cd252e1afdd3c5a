package crawler

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// schemaOf formats columns as in the API.
func schemaOf(columns []column) string {
	var out []string
	for _, c := range columns {
		out = append(out, c.Name+":"+c.Type.String())
	}
	return strings.Join(out, " ")
}

func TestInferJSON(t *testing.T) {
	tests := []struct {
		name, data, want string
		records          int64
	}{
		{"lines", `{"a":1,"b":"x"}` + "\n" + `{"a":2,"c":true}` + "\n", "a:int b:string c:boolean", 2},
		{"one without a newline", `{"a":1}`, "a:int", 1},
		{"spread over lines", "{\n \"a\": 1,\n \"b\": {\"c\": [1, 2.5]}\n}\n", "a:int b:struct<c:array<double>>", 1},
		{"concatenated", `{"a":1}{"a":2}`, "a:int", 2},
		{"an array is one record", `[{"a":1},{"a":2,"b":"x"}]`, "array:array<struct<a:int,b:string>>", 1},
		{"numbers widen", `{"n":1}` + "\n" + `{"n":3000000000}`, "n:bigint", 2},
		{"to double", `{"n":1}` + "\n" + `{"n":1.5}`, "n:double", 2},
		{"conflict", `{"n":1}` + "\n" + `{"n":"x"}`, "n:string", 2},
		{"nulls have no type", `{"n":null,"m":null}` + "\n" + `{"n":1}`, "n:int m:string", 2},
		{"empty array and object", `{"l":[],"o":{}}`, "l:array<string> o:string", 1},
		{"case", `{"Sku":1}` + "\n" + `{"sKU":2}`, "sku:int", 2},
		{"broken line is skipped", `{"a":1}` + "\n" + `{"a":` + "\n" + `{"a":2}` + "\n", "a:int", 2},
		{"broken last line", `{"a":1}` + "\n" + `{"a":2}` + "\n" + `{"a`, "a:int", 2},
		{"text between", `{"a":1}` + "\nnot json\n" + `{"b":2}` + "\n\n \n", "a:int b:int", 2},
		{"byte order mark", "\ufeff" + `{"a":1}`, "a:int", 1},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s, err := classify([]byte(tc.data), true)
			require.NoError(t, err)
			require.Equal(t, format{Classification: "json", Compression: "none"}, s.Format)
			require.Equal(t, tc.want, schemaOf(s.Columns))
			require.Equal(t, tc.records, s.Records)
		})
	}
}

func TestNotJSON(t *testing.T) {
	for _, data := range []string{
		"{broken", "hello\nworld\n", "{]\n{]\n" + `{"a":1}`, "\x00\x01\x02", "123\n456\n", "",
		strings.Repeat("[", 200) + strings.Repeat("]", 200),
	} {
		_, err := classify([]byte(data), true)
		require.ErrorIs(t, err, errUnknownFormat, "%q", data)
	}
}

func TestCutOff(t *testing.T) {
	line := `{"id":"x","n":1}` + "\n"
	s, err := classify([]byte(line+line+`{"id":"x","n`), false)
	require.NoError(t, err)
	require.EqualValues(t, 2, s.Records)
	require.EqualValues(t, len(line)*2-1, s.Bytes)
	require.False(t, s.Whole)

	_, err = classify([]byte(`{"id":"`+strings.Repeat("x", 1000)), false)
	require.ErrorIs(t, err, errTooShort)
}

func TestGzipByContent(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for range 2000 {
		_, err := w.Write([]byte(`{"id":"` + randomText(40) + `","n":1}` + "\n"))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())

	s, err := classify(packed.Bytes(), true)
	require.NoError(t, err)
	require.Equal(t, format{Classification: "json", Compression: "gzip"}, s.Format)
	require.EqualValues(t, 2000, s.Records)
	require.True(t, s.Whole)

	s, err = classify(packed.Bytes()[:packed.Len()/2], false)
	require.NoError(t, err)
	require.Equal(t, "id:string n:int", schemaOf(s.Columns))
	require.False(t, s.Whole)
	require.Less(t, s.Records, int64(2000))

	_, err = classify([]byte("\x1f\x8bbroken"), true)
	require.ErrorIs(t, err, errUnknownFormat)
}

func randomText(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = 'a' + byte(rand.IntN(26)) //nolint:gosec // No secret.
	}
	return string(out)
}

func TestInferCSV(t *testing.T) {
	tests := []struct {
		name, data, want string
		format           format
		records          int64
	}{
		{
			"header", "Id,name,amount\n1,x,2.5\n2,y,3\n", "id:bigint name:string amount:double",
			format{Classification: "csv", Compression: "none", Delimiter: ",", Header: true}, 2,
		},
		{
			"no header where all are strings", "a,b\nc,d\n", "col0:string col1:string",
			format{Classification: "csv", Compression: "none", Delimiter: ","}, 2,
		},
		{
			"no header where the first row has numbers", "1|2\n3|4\n", "col0:bigint col1:bigint",
			format{Classification: "csv", Compression: "none", Delimiter: "|"}, 2,
		},
		{
			"quoted", "\"a\",\"b\"\n\"x,y\",1\n", "a:string b:bigint",
			format{Classification: "csv", Compression: "none", Delimiter: ",", Header: true, Quoted: true}, 1,
		},
		{
			"tabs", "a\tb\n1\t2\n", "a:bigint b:bigint",
			format{Classification: "csv", Compression: "none", Delimiter: "\t", Header: true}, 1,
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s, err := classify([]byte(tc.data), true)
			require.NoError(t, err)
			require.Equal(t, tc.want, schemaOf(s.Columns))
			require.Equal(t, tc.format, s.Format)
			require.Equal(t, tc.records, s.Records)
		})
	}
	for _, data := range []string{"a,b\n", "one\ntwo\n", "a,b\n1,2,3\n"} {
		_, err := classify([]byte(data), true)
		require.ErrorIs(t, err, errUnknownFormat, "%q", data)
	}
}

func TestInferParquet(t *testing.T) {
	type item struct {
		Sku int64   `parquet:"sku"`
		Tag *string `parquet:"tag,optional"`
	}
	type row struct {
		RequestID string            `parquet:"request_id"`
		Qty       int32             `parquet:"qty"`
		Sales     int64             `parquet:"sales,decimal(2:12)"`
		Ts        int64             `parquet:"ts,timestamp(microsecond)"`
		Day       int32             `parquet:"day,date"`
		Gift      bool              `parquet:"Gift"`
		Share     float32           `parquet:"share"`
		Ratio     float64           `parquet:"ratio"`
		Raw       []byte            `parquet:"raw"`
		Items     []item            `parquet:"items,list"`
		Notes     map[string]string `parquet:"notes"`
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out)
	_, err := w.Write([]row{{RequestID: "a"}, {RequestID: "b"}})
	require.NoError(t, err)
	require.NoError(t, w.Close())

	s, err := inferParquet(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	require.EqualValues(t, 2, s.Records)
	want := map[string]string{
		"request_id": "string", "qty": "int", "sales": "decimal(12,2)", "ts": "timestamp", "day": "date",
		"gift": "boolean", "share": "float", "ratio": "double", "raw": "binary",
		"items": "array<struct<sku:bigint,tag:string>>", "notes": "map<string,string>",
	}
	got := map[string]string{}
	for _, c := range s.Columns {
		got[c.Name] = c.Type.String()
	}
	require.Equal(t, want, got)

	_, err = inferParquet(bytes.NewReader([]byte("PAR1 cut off")), 12)
	require.ErrorIs(t, err, errUnknownFormat)
}

// The types do not depend on the order of lines.
func TestInferenceDoesNotDependOnOrder(t *testing.T) {
	value := rapid.OneOf(
		rapid.Just[any](nil), rapid.Just[any](true), rapid.Just[any](1), rapid.Just[any](3000000000),
		rapid.Just[any](1.5), rapid.Just[any]("x"), rapid.Just[any]([]any{1}), rapid.Just[any](map[string]any{"f": 1}),
	)
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), value, 1, 3), 1, 8).Draw(t, "records")
		var lines []string
		for _, r := range records {
			raw, err := json.Marshal(r)
			require.NoError(t, err)
			lines = append(lines, string(raw))
		}
		types := func(lines []string) map[string]string {
			s, err := classify([]byte(strings.Join(lines, "\n")), true)
			require.NoError(t, err)
			require.EqualValues(t, len(lines), s.Records)
			out := map[string]string{}
			for _, c := range s.Columns {
				out[c.Name] = c.Type.String()
			}
			return out
		}
		require.Equal(t, types(lines), types(rapid.Permutation(lines).Draw(t, "shuffled")))
	})
}
