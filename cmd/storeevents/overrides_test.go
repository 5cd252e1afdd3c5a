package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOverrides(t *testing.T) {
	const columns = "x_channel=string(32),tax=decimal(12,2)"
	for name, c := range map[string]struct {
		environment string
		flags       []string
		want        map[string]string
	}{
		"nothing": {want: map[string]string{}},
		"merged by key, the flag wins": {
			environment: "store-events:databasePort=13307\nstore-events:jobWorkers=3", flags: []string{"store-events:jobWorkers=4"},
			want: map[string]string{"store-events:databasePort": "13307", "store-events:jobWorkers": "4"},
		},
		"commas in values": {
			environment: "store-events:extraColumns=" + columns + "\nstore-events:note=a,aws:region=eu-west-1", flags: []string{"store-events:alertEmail=a=b,c"},
			want: map[string]string{"store-events:extraColumns": columns, "store-events:note": "a,aws:region=eu-west-1", "store-events:alertEmail": "a=b,c"},
		},
		"lines": {
			environment: "store-events:a=1\nstore-events:b=2\n",
			want:        map[string]string{"store-events:a": "1", "store-events:b": "2"},
		},
		"the project's own": {
			environment: "jobWorkers=3\n  extraColumns=" + columns + "\naws:region=eu-west-1", flags: []string{"databasePort=13307", "alertEmail="},
			want: map[string]string{
				"store-events:jobWorkers": "3", "store-events:extraColumns": columns, "aws:region": "eu-west-1", "store-events:databasePort": "13307", "store-events:alertEmail": "",
			},
		},
		"empty value": {flags: []string{"store-events:a="}, want: map[string]string{"store-events:a": ""}},
	} {
		got, err := overrides(c.environment, c.flags)
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
}

func TestMalformedOverridesAreAllReported(t *testing.T) {
	_, err := overrides("1=databasePort\neu-west-1", []string{"store-events:jobWorkers", "store-events:a=1", ""})
	require.ErrorContains(t, err, `STORE_EVENTS_CONFIG "1=databasePort": must be a key and a value`)
	require.ErrorContains(t, err, `STORE_EVENTS_CONFIG "eu-west-1": must be`)
	require.ErrorContains(t, err, `--config "store-events:jobWorkers": must be`)
	require.ErrorContains(t, err, `--config "": must be`)

	_, err = overrides("store-events:jobWorkers=3,store-events:trigger=both", nil)
	require.ErrorContains(t, err, `",store-events:trigger=" looks like another setting`)
	_, err = overrides("store-events:appSubnetIds=subnet-1,subnet-2", nil)
	require.NoError(t, err)
}
