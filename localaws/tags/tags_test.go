package tags_test

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/awsjson"
	"localaws/store"
	"localaws/tags"
)

const job = "arn:aws:glue:us-east-1:000000000000:job/ingest"

func TestTagsOfOurResources(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Set(job, map[string]string{"team": "stores", "stage": "dev"}))
	require.Equal(t, map[string]string{"team": "stores", "stage": "dev"}, get(t, s, job))

	call(t, s, "TagResource", map[string]any{"ResourceArn": job, "TagsToAdd": map[string]string{"stage": "prod", "cost": "1"}})
	call(t, s, "UntagResource", map[string]any{"ResourceArn": job, "TagsToRemove": []string{"team", "unknown"}})
	require.Equal(t, map[string]string{"stage": "prod", "cost": "1"}, get(t, s, job))

	require.NoError(t, s.Delete(job))
	require.Empty(t, get(t, s, job))
}

func TestNoService(t *testing.T) {
	var none *tags.Service
	require.NoError(t, none.Set(job, map[string]string{"team": "stores"}))
	require.NoError(t, none.Delete(job))
}

func TestTagsOfOtherResourcesPass(t *testing.T) {
	s := open(t)
	for _, arn := range []string{"arn:aws:glue:us-east-1:000000000000:database/sales", "arn:aws:glue:us-east-1:000000000000:table/job/x", "nonsense"} {
		body, err := json.Marshal(map[string]string{"ResourceArn": arn})
		require.NoError(t, err)
		_, err = s.Operations()["GetTags"](t.Context(), body)
		require.ErrorIs(t, err, awsjson.ErrPassThrough, arn)
	}
}

func TestTooManyTags(t *testing.T) {
	many := map[string]string{}
	for i := range 51 {
		many[strconv.Itoa(i)] = "v"
	}
	body, err := json.Marshal(map[string]any{"ResourceArn": job, "TagsToAdd": many})
	require.NoError(t, err)
	_, err = open(t).Operations()["TagResource"](t.Context(), body)
	require.ErrorContains(t, err, "InvalidInputException")
}

func open(t *testing.T) *tags.Service {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return tags.New(st)
}

func get(t *testing.T, s *tags.Service, arn string) map[string]string {
	t.Helper()
	var out struct{ Tags map[string]string }
	require.NoError(t, json.Unmarshal(call(t, s, "GetTags", map[string]any{"ResourceArn": arn}), &out))
	return out.Tags
}

func call(t *testing.T, s *tags.Service, operation string, in any) []byte {
	t.Helper()
	body, err := json.Marshal(in)
	require.NoError(t, err)
	out, err := s.Operations()[operation](t.Context(), body)
	require.NoError(t, err)
	raw, err := json.Marshal(out)
	require.NoError(t, err)
	return raw
}
