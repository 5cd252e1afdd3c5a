package rule

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOptionsRoundTrip(t *testing.T) {
	options := []Option{
		Integer("n", "", 1, 5, func(s *Settings) *float64 { return &s.DBBackupDays }),
		Texts("list", "", func(s *Settings) *[]string { return &s.Tags }),
		TextByKey("object", "", func(s *Settings) *map[string]string { return &s.TagValues }),
	}
	for _, o := range options {
		for text, ok := range map[string]bool{
			`3`: o.Name == "n", `["a", "b"]`: o.Name == "list", `{"a": "b"}`: o.Name == "object", `[]`: o.Name == "list", `{}`: o.Name == "object",
			`0`: false, `6`: false, `2.5`: false, `"3"`: false, `[1]`: false, `[""]`: false, `{"a": 1}`: false, `null`: false, `true`: false,
		} {
			var v any
			require.NoError(t, json.Unmarshal([]byte(text), &v))
			before := DefaultSettings(Dev)
			s := before
			err := o.Set(&s, v)
			if !ok {
				require.ErrorContains(t, err, o.Name+": ", text)
				require.Equal(t, before, s, "an error changes nothing")
				continue
			}
			require.NoError(t, err, text)
			require.Equal(t, v, o.Value(s), text)
		}
	}
}
