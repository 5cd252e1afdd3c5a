package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

var settingsTable = flag.Bool("settings", false, "preview a change of every setting, and write tests/docs/testdata/effects.json")

// changes are values that differ from those of the local stack. Other settings that must
// change together follow, separated by spaces; the page lists them.
var changes = map[string]string{
	"protectData": "true", "dataClassification": "confidential", "logRetentionDays": "7",
	"paused": "true", "permissionsBoundaryArn": "arn:aws:iam::000000000000:policy/boundary", "bucketName": "another-events-bucket",
	"vpcCidr": "10.10.0.0/17", "natGateways": "1", "interfaceEndpoints": "false",
	"publicSubnetCidrs": `["10.10.2.0/24","10.10.3.0/24"]`, "appSubnetCidrs": `["10.10.12.0/24","10.10.13.0/24"]`, "dbSubnetCidrs": `["10.10.22.0/24","10.10.23.0/24"]`,
	"databaseName": "warehouse", "databaseUser": "otherboss", "databaseInstanceClass": "db.t4g.small", "databaseEngineVersion": "8.4.5",
	"databaseStorageGiB": "30", "databaseMaxStorageGiB": "90", "databaseMultiAz": "true", "databaseBackupDays": "1", "databaseMonitoringSeconds": "60",
	"secretRotationDays": "60", "catalogDatabase": "other", "crawlerName": "other", "crawlerTablePrefix": "other_", "catalogEncryption": "true protectData=true",
	"catalogKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab", "jobName": "other", "glueVersion": "6.0", "jobWorkerType": "G.2X",
	"jobWorkers": "3", "jobTimeoutMinutes": "60", "jobMaxRetries": "0", "jobCommitRows": "100000", "jobMaxInvalidShare": "0.5", "jobMaxUnread": "1",
	"ledgerDays": "30", "targetTable": "other_tbl", "schedule": "cron(30 * * * ? *)", "crawlSchedule": "cron(0 4 * * ? *)", "scheduleEnabled": "true", "trigger": "both",
	"consumerInstanceType": "t3.small", "athenaScanLimitMiB": "2048", "databasePort": "13399", "extraColumns": "channel=string(8)", "alertEmail": "ops@example.com", "monthlyBudgetUsd": "200",
}

// bases are settings that have an effect, or are allowed, only with another one. Their change
// is previewed with the other one deployed, so that the preview does not show the other one.
var bases = map[string]string{
	"protectData": "databaseBackupDays=1", "catalogEncryption": "databaseBackupDays=1", "interfaceEndpoints": "natGateways=1", "publicSubnetCidrs": "natGateways=1",
	"schedule": "scheduleEnabled=true", "crawlSchedule": "scheduleEnabled=true", "triggerWindowSeconds": "trigger=both", "triggerBatch": "trigger=both",
}

// effect is the effect of a change of one setting.
type effect struct {
	// Base is the other deployed setting, and With are settings that change together.
	Base string   `json:"base,omitempty"`
	With []string `json:"with,omitempty"`
	// Only means that without Base the change is allowed and has no effect.
	Only bool `json:"only,omitempty"`

	Replaced []string `json:"replaced,omitempty"`
	Updated  []string `json:"updated,omitempty"`
	Created  []string `json:"created,omitempty"`
	Deleted  []string `json:"deleted,omitempty"`
	DataLoss []string `json:"data_loss,omitempty"`
	Refused  string   `json:"refused,omitempty"`
}

// TestEffectsOfSettings deploys the local stack once and previews a change of every
// setting. It takes some minutes, and is run by `make settings`.
func TestEffectsOfSettings(t *testing.T) {
	if !*settingsTable {
		return
	}
	s := newStack(t)
	s.run(t, nil, "up")
	effects := map[string]effect{}
	values := map[string]string{}
	for _, setting := range config.Default().Settings() {
		value, given := changes[setting.Key]
		if !given {
			switch now := setting.Value.(type) {
			case int:
				value, given = strconv.Itoa(now+1), true
			case float64:
				value, given = fmt.Sprint(now/2), true
			case bool:
				value, given = strconv.FormatBool(!now), true
			}
		}
		if given {
			values[setting.Key] = value
			effects[setting.Key] = s.effectOf(t, setting.Key, value)
		}
	}
	for _, base := range slices.Compact(slices.Sorted(maps.Values(bases))) {
		s.settings += "\n" + config.Namespace + ":" + base
	}
	s.run(t, nil, "up")
	for key, base := range bases {
		without, e := effects[key], s.effectOf(t, key, values[key])
		e.Base, e.Only = base, without.nothing()
		effects[key] = e
	}
	raw, err := json.MarshalIndent(effects, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join("..", "docs", "testdata", "effects.json"), append(raw, '\n'), 0o600))
	s.run(t, nil, "down")
}

// nothing reports whether the change is allowed and changes only inputs of components,
// which are not AWS resources.
func (e effect) nothing() bool {
	changed := slices.Concat(e.Replaced, e.Updated, e.Created, e.Deleted)
	return e.Refused == "" && !slices.ContainsFunc(changed, func(kind string) bool {
		return !strings.HasPrefix(kind, config.Namespace+":")
	})
}

// effectOf previews a change.
func (s *stack) effectOf(t *testing.T, key, value string) effect {
	t.Helper()
	args := []string{"preview", "--summary"}
	var with []string
	for i, item := range strings.Fields(value) {
		if i == 0 {
			item = key + "=" + item
		}
		schedule := strings.Contains(value, "cron(") // The value contains spaces.
		if schedule {
			item = key + "=" + value
		}
		args = append(args, "--config", config.Namespace+":"+item)
		if schedule {
			break
		}
		if i > 0 {
			with = append(with, item)
		}
	}
	var r struct {
		Steps []struct{ Op, Type string }
		Loss  []string `json:"data_loss"`
		Error string
	}
	s.try(t, &r, args...)
	e := effect{DataLoss: r.Loss, With: with}
	e.Refused = r.Error
	lists := map[string]*[]string{"replace": &e.Replaced, "create-replacement": &e.Replaced, "update": &e.Updated, "create": &e.Created, "delete": &e.Deleted}
	for _, step := range r.Steps {
		if list := lists[step.Op]; list != nil && !slices.Contains(*list, step.Type) {
			*list = append(*list, step.Type)
		}
	}
	for _, list := range lists {
		slices.Sort(*list)
	}
	return e
}
