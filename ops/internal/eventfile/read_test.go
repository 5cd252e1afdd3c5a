package eventfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

func unpacked(t *testing.T, in io.Reader) []string {
	var out []string
	require.NoError(t, Read(in, func(l Value) error {
		out = append(out, fmt.Sprintf("%d %s%s", l.Number, l.Reason, l.Text[:min(len(l.Text), 9)]))
		if l.Reason != "" {
			require.LessOrEqual(t, len(l.Text), Sample)
		}
		return nil
	}))
	return out
}

func TestRead(t *testing.T) {
	two := gzipped(t, "a\nb\n")
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	zstandard := encoder.EncodeAll([]byte("a\nb\n"), nil)
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(i*i>>7) | 1
	}
	for name, tc := range map[string]struct {
		object []byte
		want   []string
	}{
		"empty":             {nil, nil},
		"no last feed":      {[]byte("a\n\nb"), []string{"1 a", "3 b"}},
		"gzip":              {two, []string{"1 a", "2 b"}},
		"members, padding":  {append(append(slices.Clone(two), two...), 0, 0, 0), []string{"1 a", "2 b", "3 a", "4 b"}},
		"rubbish in pad":    {append(slices.Clone(two), "\x00\x00rubbish"...), []string{"1 a", "2 b", "3 cut_short"}},
		"rubbish after":     {append(slices.Clone(two), "rubbish"...), []string{"1 a", "2 b", "3 cut_short"}},
		"after padding":     {append(append(slices.Clone(two), 0), two...), []string{"1 a", "2 b", "3 a", "4 b"}},
		"trailer cut":       {two[:len(two)-1], []string{"1 a", "2 b", "3 cut_short"}},
		"wrong checksum":    {slices.Replace(slices.Clone(two), len(two)-8, len(two)-7, two[len(two)-8]^1), []string{"1 a", "2 b", "3 cut_short"}},
		"unknown flag":      {slices.Replace(slices.Clone(two), 3, 4, 0x20), []string{"1 cut_short"}},
		"header only":       {two[:4], []string{"1 cut_short"}},
		"magic only":        {two[:2], []string{"1 cut_short"}},
		"as long as may be": {[]byte("a\n" + strings.Repeat("b", MaxLine) + "\nc"), []string{"1 a", "2 bbbbbbbbb", "3 c"}},
		"too long":          {[]byte("a\n" + strings.Repeat("b", MaxLine+1) + "\nc"), []string{"1 a", "2 line_too_longbbbbbbbbb", "3 c"}},
		"longest, last":     {gzipped(t, strings.Repeat("b", 3*MaxLine)), []string{"1 line_too_longbbbbbbbbb"}},
		"zstd":              {zstandard, []string{"1 a", "2 b"}},
		"zstd of nothing":   {encoder.EncodeAll(nil, nil), nil},
		"zstd of a byte":    {encoder.EncodeAll([]byte("a"), nil), []string{"1 a"}},
		"zstd, skipped":     {append([]byte("\x50*M\x18\x03\x00\x00\x00abc\x5f*M\x18\x00\x00\x00\x00"), zstandard...), []string{"1 a", "2 b"}},
		"zstd, no frame":    {[]byte("\x5a*M\x18\x03\x00\x00\x00abc"), nil},
		"skipped is cut":    {[]byte("\x5a*M\x18\x03\x00\x00\x00ab"), []string{"1 cut_short"}},
		"not skipped":       {[]byte("\x60*M\x18"), []string{"1 `*M\x18"}},
		"not skipped, M":    {[]byte("\x50*M"), []string{"1 P*M"}},
		"cut in a line":     {gzipped(t, "a\n"+string(noise))[:1000], []string{"1 a", "2 cut_short" + string(noise[:9])}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, unpacked(t, bytes.NewReader(tc.object)))
			require.Equal(t, tc.want, unpacked(t, iotest.HalfReader(bytes.NewReader(tc.object))), "in other pieces")
		})
	}
}

func TestLostConnectionIsNotACorruptObject(t *testing.T) {
	lost := errors.New("connection reset")
	whole := gzipped(t, strings.Repeat("line\n", 100_000))
	for _, in := range [][]byte{whole[:len(whole)/2], []byte("plain\n")} {
		err := Read(io.MultiReader(bytes.NewReader(in), iotest.ErrReader(lost)), func(Value) error { return nil })
		require.ErrorIs(t, err, lost)
	}
}

func gzipped(t *testing.T, text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}
