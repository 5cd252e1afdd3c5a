package schema

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// validityCase is a line of testdata/validity.jsonl, which the job's tests
// also read.
type validityCase struct {
	Case   string `json:"case"`
	Line   string `json:"line"`
	Bytes  []byte `json:"line_base64"`
	Reason string `json:"reason"`
	Key    string `json:"key"`
}

func (c validityCase) line() []byte {
	if c.Bytes != nil {
		return c.Bytes
	}
	return []byte(c.Line)
}

func validityCases(t testing.TB) []validityCase {
	file, err := os.Open("testdata/validity.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	var out []validityCase
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var c validityCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		out = append(out, c)
	}
	require.NoError(t, lines.Err())
	require.Greater(t, len(out), 150)
	return out
}

func TestCheck(t *testing.T) {
	c := Load()
	for _, tc := range validityCases(t) {
		t.Run(tc.Case, func(t *testing.T) {
			key, reason := c.Check(tc.line())
			require.Equal(t, tc.Reason, reason)
			require.Equal(t, tc.Key, key)
		})
	}
}

func TestUnknownFieldWithoutANameIsChecked(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	_, reason := Load().Check([]byte(`{"request_id":"a","":` + deep + `}`))
	require.Equal(t, ReasonBadField, reason)
}

func TestKeysArePrintableASCII(t *testing.T) {
	c := Load()
	for _, b := range []byte{'!', '~', 'a'} {
		key, reason := c.Check([]byte(`{"request_id":"a` + string(b) + `"}`))
		require.Equal(t, "a"+string(b), key)
		require.Empty(t, reason)
	}
	for _, b := range []string{" ", `\u007f`, `\u001f`, "ä"} {
		key, reason := c.Check([]byte(`{"request_id":"a` + b + `"}`))
		require.Empty(t, key)
		require.Equal(t, ReasonBadKey, reason, b)
	}
	for _, line := range []string{`{}`, `{"request_id":null}`} {
		key, reason := c.checkKey(nil)
		require.Empty(t, key)
		require.Equal(t, ReasonMissingKey, reason)
		_, reason = c.Check([]byte(line))
		require.Equal(t, ReasonMissingKey, reason, line)
	}
}

// A declared field is not checked again as an unknown one.
func TestFirstInvalidFieldIsReported(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	_, reason := Load().Check([]byte(`{"request_id":"a","a":` + deep + `,"qty":"x","b":` + deep + `}`))
	require.Equal(t, ReasonBadField+"qty", reason)
	_, reason = Load().Check([]byte(`{"request_id":"a","b":` + deep + `,"a":` + deep + `}`))
	require.Equal(t, ReasonBadField+"a", reason)
}

func TestDepthIgnoresBracketsInStrings(t *testing.T) {
	require.Equal(t, 2, depth([]byte(`[{"a":"[[[\"[["},{"b":1}]`)))
	require.Equal(t, 0, depth([]byte(`"[[["`)))
}

func FuzzCheck(f *testing.F) {
	for _, tc := range validityCases(f) {
		f.Add(tc.line())
	}
	c := Load()
	f.Fuzz(func(t *testing.T, line []byte) {
		key, reason := c.Check(line)
		require.Equal(t, reason == "", key != "", "either a key or a reason")
		require.LessOrEqual(t, len(key), 36)
		again, same := c.Check(line)
		require.Equal(t, key+reason, again+same)
		if reason == "" {
			require.True(t, strings.HasPrefix(strings.Trim(string(line), Around), "{"))
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	c, line := Load(), validityCases(b)[0].line()
	for b.Loop() {
		if _, reason := c.Check(line); reason != "" {
			b.Fatal(reason)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
