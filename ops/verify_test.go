package ops

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func gzipped(t *testing.T, text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func entry(t *testing.T, fields map[string]any) []byte {
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return append(text, '\n')
}

const (
	saleObject  = "sale_events/dt=2026-05-01/events-1.json"
	stockObject = "inventory_events/dt=2026-05-01/events-2.json.gz"
)

// world is a stack whose events a, b, c and d are where they are to be, with
// two invalid lines in quarantine.
func world(t *testing.T) (f *fakeAWS, o *Ops, verify func(rows string, parquet ...string) Verification) {
	f, o = newFake(t)
	f.objects[saleObject] = []byte("{\"request_id\":\"a\"}\r\n\n{\"request_id\":\"b\"}\n no event \r\n{\"request_id\":\"a\",\"qty\":1}")
	f.objects[stockObject] = gzipped(t, "{\"request_id\":\"c\"}\n{\"request_id\":\"d\"}\n{\"request_id\":\"a\"}\nb\xe2\x82d\n")
	f.objects["sale_events/dt=2026-05-01/_SUCCESS"] = []byte("not read")
	f.objects["sale_events/dt=2026-05-01/"] = []byte("")
	f.objects["quarantine/"+saleObject+".jsonl"] = entry(t, map[string]any{"reason": "not_json_object", "line": " no event "})
	f.objects["quarantine/"+stockObject+".jsonl"] = entry(t, map[string]any{"line": "b??d", "line_base64": []byte("b\xe2\x82d")})
	o.stack.Endpoint = "" // Rows come from the consumer.
	return f, o, func(rows string, parquet ...string) Verification {
		withConsumer(f, "request_id\n"+strings.ReplaceAll(rows, " ", "\n")+"\n")
		f.athenaAnswers("request_id", parquet...)
		v, err := o.Verify(t.Context())
		require.NoError(t, err)
		return v
	}
}

func TestVerifyOfAWholeStack(t *testing.T) {
	_, _, verify := world(t)
	v := verify("a b c d", "d", "c", "b", "a")
	require.NoError(t, v.Err())
	require.True(t, v.OK())
	require.Equal(t, Verification{
		Objects: 2, Lines: 8, Events: 4, Duplicates: 2, Invalid: 2, Rows: 4, ParquetRows: 4, Quarantined: 2,
	}, v)
	require.Equal(t, "exactly once: 4 events in 2 objects, 4 rows, 4 Parquet rows, 2 of 2 invalid lines quarantined, 2 repeated lines", v.Summary())
}

func TestVerifyNamesWhatDiffers(t *testing.T) {
	f, _, verify := world(t)
	f.objects["quarantine/"+saleObject+".jsonl"] = entry(t, map[string]any{"line": "another line"})
	v := verify("a b x", "a", "c", "d", "y", "d")
	require.False(t, v.OK())
	at := func(key, object string, line int) Findings {
		return Findings{Total: 1, First: []Finding{{Key: key, Object: object, Line: line}}}
	}
	require.Equal(t, Findings{Total: 2, First: []Finding{
		{Key: "c", Object: stockObject, Line: 1}, {Key: "d", Object: stockObject, Line: 2},
	}}, v.MissingRows)
	require.Equal(t, at("x", "", 0), v.SurplusRows)
	require.Equal(t, at("b", saleObject, 3), v.MissingParquet)
	require.Equal(t, at("y", "", 0), v.SurplusParquet)
	require.Equal(t, at("d", stockObject, 2), v.RepeatedParquet)
	require.Equal(t, at(" no event \r", saleObject, 4), v.MissingQuarantine)
	require.Equal(t, at("another line", saleObject, 0), v.SurplusQuarantine)
	require.ErrorContains(t, v.Err(), "2 events without a row: c ("+stockObject+":1), d ("+stockObject+":2)\n1 rows without an event: x\n")
	require.True(t, strings.HasPrefix(v.Summary(), "NOT exactly once"))
}

func TestVerifyBeforeTheFirstIngest(t *testing.T) {
	f, o := newFake(t)
	f.objects[saleObject] = []byte("{\"request_id\":\"a\"}\n")
	o.stack.Endpoint = ""
	f.answers("SendCommand", document{"Command": document{"CommandId": "c-1"}})
	f.answers("GetCommandInvocation", document{"Status": "Success", "StandardOutputContent": "count(*)"})
	f.objects["command-output/c-1/i-1/stdout"] = []byte("count(*)\n0\n")
	f.athenaAnswers("request_id")
	v, err := o.Verify(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, v.MissingRows.Total)
	require.Zero(t, v.Rows)
}

func TestVerifyCountsRepeatedBadLines(t *testing.T) {
	f, _, verify := world(t)
	f.objects[saleObject] = append(f.objects[saleObject], "\n no event \n"...)
	v := verify("a b c d", "a", "b", "c", "d")
	require.Equal(t, 3, v.Invalid)
	require.Equal(t, 1, v.MissingQuarantine.Total)
}

func TestVerifyOfADamagedObjectIsAnError(t *testing.T) {
	f, o, _ := world(t)
	f.objects[stockObject] = f.objects[stockObject][:30]
	_, err := o.Verify(t.Context())
	require.ErrorContains(t, err, "read s3://events/"+stockObject+": unexpected EOF")
}

func TestFindingsAreBoundedAndInOrder(t *testing.T) {
	var f Findings
	for i := 99; i >= 0; i-- {
		f.add(Finding{Key: strings.Repeat("k", i+1), Object: "o", Line: i})
	}
	require.Equal(t, 100, f.Total)
	require.Len(t, f.First, named)
	require.Equal(t, 0, f.First[0].Line)
	require.Equal(t, named-1, f.First[named-1].Line)
	require.True(t, strings.HasSuffix(f.String(), ", and 80 more"))
}
