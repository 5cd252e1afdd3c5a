package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

func TestLateHours(t *testing.T) {
	for _, c := range []struct {
		settings Map
		want     int
	}{
		{nil, 3},
		{Map{"scheduleEnabled": "false"}, 0},
		{Map{"scheduleEnabled": "false", "alarmLateHours": "12"}, 12},
		{Map{"trigger": "events"}, 2 + 24}, // Each stream is expected to get an object in 24 hours.
		{Map{"trigger": "both", "scheduleEnabled": "false"}, 2 + 24},
		{Map{"trigger": "both"}, 3},
		{Map{"trigger": "events", "alarmLateHours": "12"}, 12},
		{Map{"alarmLateHours": "1"}, 1},
		{Map{"schedule": "cron(0/5 * * * ? *)"}, 3}, // five minutes and two hours
		{Map{"schedule": "cron(0 6 * * ? *)"}, 26},
		{Map{"schedule": "cron(0 6,18 * * ? *)"}, 14},
		{Map{"schedule": "cron(30 8-16/2 ? * MON-FRI *)"}, 2 + 64}, // from Friday, 16:30, to Monday, 8:30
		{Map{"schedule": "cron(0 6 ? * SUN-FRI *)"}, 2 + 48},
		{Map{"schedule": "cron(0 0,2 ? * SUN *)"}, 168}, // the longest period of CloudWatch
		{Map{"schedule": "cron(0 0,1 ? * SUN *)"}, 0},
		{Map{"schedule": "cron(0 0 30 2 ? *)"}, 0},  // never
		{Map{"schedule": "cron(0 0 ? * SUN *)"}, 0}, // longer than the longest period of CloudWatch
		{Map{"schedule": "cron(0 0 1 * ? *)"}, 0},
		{Map{"schedule": "cron(0 0 L * ? *)"}, 0},
	} {
		loaded, err := Load("dev", c.settings)
		require.NoError(t, err)
		require.Equal(t, c.want, loaded.LateHours(), c.settings)
	}
}

// The stream with the shortest expectation decides; streams without one are ignored.
func TestFreshness(t *testing.T) {
	fresh := func(hours int) schema.Stream {
		return schema.Stream{Expect: &schema.StreamExpectation{FreshHours: hours}}
	}
	got, known := freshness([]schema.Stream{{}, fresh(0), fresh(48), fresh(6), fresh(24)})
	require.True(t, known)
	require.Equal(t, 6*time.Hour, got)
	_, known = freshness([]schema.Stream{{}, fresh(0)})
	require.False(t, known)
}
