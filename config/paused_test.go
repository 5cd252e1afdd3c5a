package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPausedStackHasNoHourlyCosts(t *testing.T) {
	given := Map{"paused": "true", "natGateways": "2", "alarmLateHours": "0", "trigger": ByBoth, "lineageUrl": "https://lineage.example.com", "interfaceEndpoints": "false"}
	c, err := Load("test", given)
	require.NoError(t, err, "the settings of the running stack are kept for resume")
	require.False(t, c.Network.Translates())
	require.False(t, c.Network.InterfaceEndpoints)
	require.False(t, c.Etl.Scheduled())
	require.Empty(t, c.CrawlSchedule())
	require.Zero(t, c.LateHours())
	require.Zero(t, c.Database.RotationDays)
	require.True(t, c.Etl.Triggered(), "events still go to the queue")

	given["paused"] = "false"
	resumed, err := Load("test", given)
	require.NoError(t, err)
	require.Equal(t, 2, resumed.Network.NatGateways)
	require.True(t, resumed.Etl.Scheduled())
	require.Equal(t, 30, resumed.Database.RotationDays)
}

// The settings of a paused stack are checked as if it were running.
func TestPausedStackIsValidated(t *testing.T) {
	_, err := Load("test", Map{"paused": "true", "natInstance": "true", "natGateways": "1"})
	require.ErrorContains(t, err, "natInstance")
}

func TestExistingDatabaseCannotBePaused(t *testing.T) {
	_, err := Load("test", Map{
		"paused": "true", "databaseHost": "db.example.internal", "databaseGroupId": "sg-0123456789abcdef0",
		"databaseSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-AbCdEf",
	})
	require.ErrorContains(t, err, "store-events:paused: true is not allowed: use false, because databaseHost is set")
}
