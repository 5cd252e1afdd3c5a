package eventfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

type numbered struct {
	number int
	text   string
	size   int
}

func framed(t *testing.T, in io.Reader) []numbered {
	found := []numbered{}
	require.NoError(t, Read(in, func(l Value) error {
		require.NotEqual(t, ReasonCutShort, l.Reason)
		found = append(found, numbered{l.Number, string(l.Text), l.Size})
		return nil
	}))
	return found
}

// The job's tests read the same vectors.
func TestFraming(t *testing.T) {
	file, err := os.Open("../../../schema/testdata/framing.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var vector struct {
			Case, Text string
			Values     [][2]any
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &vector))
		t.Run(vector.Case, func(t *testing.T) {
			want := []numbered{}
			for _, v := range vector.Values {
				text := v[1].(string)
				want = append(want, numbered{int(v[0].(float64)), text, len(text)})
			}
			require.Equal(t, want, framed(t, strings.NewReader(vector.Text)))
			require.Equal(t, want, framed(t, iotest.OneByteReader(strings.NewReader(vector.Text))), "in other pieces")
		})
	}
}

func TestFramingOfLongValues(t *testing.T) {
	long := `{"a":"` + strings.Repeat(`x\"`, 1_500_000) + `"}`
	for name, tc := range map[string]struct {
		text string
		want []numbered
	}{
		"among others": {`{"b":1}` + long + `{"c":1}` + "\n", []numbered{{1, `{"b":1}`, 7}, {2, long[:Sample], len(long)}, {3, `{"c":1}`, 7}}},
		"not ended":    {`{"b":1}` + long[:len(long)-2], []numbered{{1, `{"b":1}`, 7}, {2, long[:Sample], len(long) - 2}}},
		"ends open":    {long[:len(long)-1], []numbered{{1, long[:Sample], len(long) - 1}}},
		"broken":       {long[:len(long)-2] + "\n" + `{"c":1}`, []numbered{{1, long[:Sample], len(long) - 2}, {2, `{"c":1}`, 7}}},
		"and more":     {long + "x\n" + `{"c":1}`, []numbered{{1, long[:Sample], len(long)}, {2, "x", 1}, {3, `{"c":1}`, 7}}},
		"blanks":       {strings.Repeat(" ", 3*MaxLine) + `{"c":1}` + strings.Repeat(" ", 3*MaxLine) + "x\n", []numbered{{1, `{"c":1}`, 7}, {2, "x", 1}}},
		"no value":     {long[1:] + "\n" + `{"c":1}`, []numbered{{1, long[1 : Sample+1], len(long) - 1}, {2, `{"c":1}`, 7}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, framed(t, strings.NewReader(tc.text)))
			require.Equal(t, tc.want, framed(t, gzippedReader(t, tc.text)))
		})
	}
}

func TestFramingOfLongValuesOverSeveralLines(t *testing.T) {
	event := `{"b":"` + strings.Repeat("x", 90) + `"}`
	events := strings.Repeat(event+",\n", 3*MaxLine/len(event))
	half, deep := strings.Repeat("x", MaxLine/2), strings.Repeat("[", MaxLine)
	for name, tc := range map[string]struct {
		text  string
		first []numbered
		count int
	}{
		"cut within an array": {"[\n{\"a\":[1,\n" + events + "]\n", []numbered{{2, `{"a":[1,`, 8}, {3, event, len(event)}}, 1 + 3*MaxLine/len(event)},
		"long in its second":  {"{\n\"" + half + half + "\n{}\n", []numbered{{1, "{", 1}, {2, `"` + half[:Sample-1], MaxLine + 1}, {3, "{}", 2}}, 3},
		"long in its first":   {`{"a":["` + half + half + "\",\n{},]}\n", []numbered{{1, `{"a":["` + half[:Sample-7], MaxLine + 9}, {2, "{}", 2}, {3, "}", 1}}, 3},
		"as long as may be":   {"{\n\"" + half + half[:MaxLine/2-5] + "\"}\n{}\n", []numbered{{1, "{\n\"" + half + half[:MaxLine/2-5] + "\"}", MaxLine}, {2, "{}", 2}}, 2},
		"longer by a byte":    {"{\n\"" + half + half[:MaxLine/2-4] + "\"}\n{}\n", []numbered{{1, "{", 1}, {2, `"` + half + half[:MaxLine/2-4] + `"}`, MaxLine - 1}, {3, "{}", 2}}, 3},
		"deep":                {`{"a":` + deep + deep + "\n{}\n", []numbered{{1, `{"a":` + deep[:Sample-5], 2*MaxLine + 5}, {2, "{}", 2}}, 2},
		"only counted":        {`{"a":` + deep + deep + "}{}\n", []numbered{{1, `{"a":` + deep[:Sample-5], 2*MaxLine + 6}, {2, "{}", 2}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(tc.text), gzippedReader(t, tc.text)} {
				found := framed(t, in)
				require.Equal(t, tc.first, found[:len(tc.first)])
				require.Len(t, found, tc.count)
			}
		})
	}
}

func gzippedReader(t *testing.T, text string) io.Reader { return bytes.NewReader(gzipped(t, text)) }

func TestUTF16(t *testing.T) {
	text := "{\"a\":\"\u00e9\U0001f600\"}"
	le, be := []byte("\xff\xfe"), []byte("\xfe\xff")
	for _, unit := range []uint16{'{', '"', 'a', '"', ':', '"', 0xe9, 0xd83d, 0xde00, '"', '}'} {
		le = append(le, byte(unit), byte(unit>>8))
		be = append(be, byte(unit>>8), byte(unit))
	}
	for _, body := range [][]byte{le, be} {
		require.Equal(t, []numbered{{1, text, len(text)}}, framed(t, bytes.NewReader(body)))
		require.Equal(t, []numbered{{1, text, len(text)}}, framed(t, iotest.OneByteReader(bytes.NewReader(body))))
	}
	require.Equal(t, []numbered{{1, "\xed\xa0\x80a", 4}}, framed(t, strings.NewReader("\xff\xfe\x00\xd8a\x00")))
	require.Equal(t, []string{"1 cut_shortab"}, unpacked(t, strings.NewReader("\xff\xfea\x00b\x00c")))
}
