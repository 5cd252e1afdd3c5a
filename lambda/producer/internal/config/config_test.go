package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{"STORE_EVENTS_BUCKET": "events"}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		m[name] = value
	}
	return func(name string) string { return m[name] }
}

func TestDefaults(t *testing.T) {
	c, err := Load(env(), nil)
	require.NoError(t, err)
	c.Seed = 0
	require.Equal(t, Config{Bucket: "events", Duration: 2 * time.Second, Rate: 1000, IncompleteShare: 0.1, Batch: 1000}, c)
}

func TestEveryRunHasADifferentSeed(t *testing.T) {
	a, err := Load(env(), nil)
	require.NoError(t, err)
	b, err := Load(env(), nil)
	require.NoError(t, err)
	require.NotEqual(t, a.Seed, b.Seed)
}

func TestPayloadOverridesEnvironment(t *testing.T) {
	e := env("STORE_EVENTS_SECONDS=5", "STORE_EVENTS_COUNT=3", "STORE_EVENTS_RATE=0", "STORE_EVENTS_INCOMPLETE_SHARE=1",
		"STORE_EVENTS_GZIP=true", "STORE_EVENTS_BATCH=7")

	c, err := Load(e, []byte(`{"seed":null,"key1":"a console's test event"}`))
	require.NoError(t, err)
	c.Seed = 0
	require.Equal(t, Config{Bucket: "events", Duration: 5 * time.Second, Events: 3, IncompleteShare: 1, Gzip: true, Batch: 7}, c)

	c, err = Load(e, []byte(`{"seconds":0.5,"events":0,"rate":9,"seed":18446744073709551615,"incomplete_share":0.25,"gzip":false,"batch":2}`))
	require.NoError(t, err)
	require.Equal(t, Config{
		Bucket: "events", Duration: 500 * time.Millisecond, Rate: 9, IncompleteShare: 0.25, Batch: 2, Seed: 1<<64 - 1,
	}, c)
}

func TestLargestAndSmallestValues(t *testing.T) {
	c, err := Load(env(), []byte(`{"seconds":0.1,"events":0,"rate":0,"seed":0,"incomplete_share":0,"batch":1}`))
	require.NoError(t, err)
	require.Equal(t, Config{Bucket: "events", Duration: 100 * time.Millisecond, Batch: 1}, c)
	c, err = Load(env(), []byte(`{"seconds":900,"events":1000000000,"rate":10000000,"seed":18446744073709551615,"incomplete_share":1,"batch":50000}`))
	require.NoError(t, err)
	require.Equal(t, Config{
		Bucket: "events", Duration: 15 * time.Minute, Events: 1_000_000_000, Rate: 10_000_000, IncompleteShare: 1, Batch: 50_000, Seed: 1<<64 - 1,
	}, c)
}

func TestSecondsAreRounded(t *testing.T) {
	c, err := Load(env(), []byte(`{"seconds":1.005}`))
	require.NoError(t, err)
	require.Equal(t, 1005*time.Millisecond, c.Duration)
}

func TestFormerKeyIsRefused(t *testing.T) {
	_, err := Load(env(), []byte(`{"bad_share":0}`))
	require.EqualError(t, err, `payload "bad_share": use the key "incomplete_share"`)
}

func TestAllInvalidValuesAreReported(t *testing.T) {
	_, err := Load(env("STORE_EVENTS_BUCKET=", "STORE_EVENTS_SECONDS=NaN", "STORE_EVENTS_COUNT=-1", "STORE_EVENTS_RATE=fast",
		"STORE_EVENTS_GZIP=yes"), []byte(`{"incomplete_share":1.5,"batch":50001,"seed":-4}`))
	require.EqualError(t, err, strings.Join([]string{
		`STORE_EVENTS_BUCKET: must be set`,
		`STORE_EVENTS_SECONDS: NaN is not a number from 0.1 to 900`,
		`STORE_EVENTS_COUNT: -1 is not a whole number from 0 to 1000000000`,
		`STORE_EVENTS_RATE: fast is not a whole number from 0 to 10000000`,
		`payload "incomplete_share": 1.5 is not a number from 0 to 1`,
		`STORE_EVENTS_GZIP: yes is not true or false`,
		`payload "batch": 50001 is not a whole number from 1 to 50000`,
		`payload "seed": -4 is not a whole number from 0 to 2^64-1`,
	}, "\n"))
}

func TestPayloadMustBeAnObject(t *testing.T) {
	for _, payload := range []string{`[]`, `"text"`, `{`} {
		_, err := Load(env(), []byte(payload))
		require.EqualError(t, err, "payload: must be a JSON object", payload)
	}
	_, err := Load(env(), []byte(`null`))
	require.NoError(t, err)
	_, err = Load(env(), []byte(`{"seconds":"2"}`))
	require.EqualError(t, err, `payload "seconds": "2" is not a number from 0.1 to 900`)
}
