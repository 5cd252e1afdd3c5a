package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"store-events/config"
)

// effect is the effect of a change of one setting, recorded by `make settings`.
type effect struct {
	// Base is another deployed setting, With are settings that change together. Only means
	// that without Base the change has no effect.
	Base                                string
	With                                []string
	Only                                bool
	Replaced, Updated, Created, Deleted []string
	Loss                                []string `json:"data_loss"`
	Refused                             string
}

// stores are the types that hold data, in words.
var stores = map[string]string{
	"aws:s3/bucketV2:BucketV2": "the bucket", "aws:rds/instance:Instance": "the database",
	"aws:kms/key:Key": "the key", "aws:secretsmanager/secret:Secret": "the secrets",
}

// unseen are settings that need existing resources, with the effect of a change.
var unseen = map[string]string{
	"availabilityZones":       "replaces the subnets and everything in them, and fails while they are in use",
	"databaseCaFile":          "updates the object with the certificate authorities",
	"lineageUrl":              "updates `glue/job`",
	"lineageSecretArn":        "updates `glue/job` and its role",
	"vpcId":                   "replaces everything in the VPC, but the update fails at the database, which RDS cannot move to another VPC: create a new stack",
	"appSubnetIds":            "replaces the consumer; updates the rotation function and the job's connection. Without dbSubnetIds the update fails at the database's subnet group, as for dbSubnetIds",
	"dbSubnetIds":             "the update fails, because RDS cannot remove a subnet from an instance's subnet group: create a new stack",
	"endpointGroupId":         "replaces security group rules",
	"existingBucket":          "**deletes the bucket** if the stack created it, and keeps an existing one; replaces the uploaded files",
	"existingBucketKeyArn":    "updates the policies of the roles",
	"databaseHost":            "**deletes the database** if the stack created it, and keeps an existing one: **events whose objects are no longer in the bucket stay in the former database only**, and their Parquet is removed",
	"databaseSecretArn":       "updates the users and their secrets",
	"databaseLoaderSecretArn": "updates the connection, the job and its role; if it replaces databaseSecretArn, **deletes the secrets** of the users that the stack created",
	"databaseReaderSecretArn": "like databaseLoaderSecretArn, for the consumer",
	"databaseGroupId":         "replaces security group rules",
	"databaseCidr":            "updates security group rules",
}

// notes are effects that a preview on the local AWS does not show.
var notes = map[string]string{
	"targetTable":       "The next run loads all objects into the new table: **events whose objects are no longer in the bucket stay in the former table only**, and their Parquet is removed",
	"databaseName":      "With databaseHost, the former database is kept: **events whose objects are no longer in the bucket stay there only**, and their Parquet is removed",
	"vpcCidr":           "On AWS the update fails, because RDS cannot move the database to another VPC: create a new stack",
	"publicSubnetCidrs": "Blocks that overlap the former ones fail, because the former subnets are deleted last",
	"appSubnetCidrs":    "Blocks that overlap the former ones fail, because the former subnets are deleted last",
	"dbSubnetCidrs":     "The update fails, because RDS cannot remove a subnet from an instance's subnet group: create a new stack",

	"databaseEngineVersion": "RDS cannot downgrade; `up` refuses an earlier version",
	"databaseStorageGiB":    "RDS cannot reduce storage: a lower value has no effect, and with databaseMaxStorageGiB=0 `up` refuses it",
	"databaseMaxStorageGiB": "With 0, `up` refuses a databaseStorageGiB below the current size",
}

const settingsPage = `# Settings

All settings, and the effect of a change on a deployed stack. ` + "`make settings`" + ` previews each change and writes this
page; ` + "`storeevents preview`" + ` previews your own change.

- A change in **bold** loses data. Without ` + "`--lose-data`" + `, ` + "`storeevents up`" + ` refuses it before anything is changed; with
  ` + "`protectData`" + ` the engine always refuses it. [stack-lifecycle.md](stack-lifecycle.md#updates-that-would-delete-data)
  describes how to keep the data. All other changes keep the data.
- "With ` + "`natGateways=1`" + `:" means that the change was previewed on a stack with this setting; "a change to" another setting
  means that both were changed together, because one needs the other.
- "updates" changes a resource in place; "replaces" deletes it and creates another.
- [existing.md](existing.md) describes the settings of existing resources.
- The effects of these settings were not previewed but derived from the program, because a preview needs a server, VPC
  or zone of an account: UNSEEN.

| setting | type | default | meaning | effect of a change |
| --- | --- | --- | --- | --- |
`

func TestSettingsPage(t *testing.T) {
	const page = "docs/settings.md"
	byHand := "`" + strings.Join(slices.Sorted(maps.Keys(unseen)), "`, `") + "`"
	want := strings.Replace(settingsPage, "UNSEEN", byHand, 1) + strings.Join(settingRows(t), "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, page), []byte(want), 0o600))
	}
	require.Equal(t, want, read(t, page), "run go test ./tests/docs -run TestSettingsPage -update")
}

func settingRows(t *testing.T) []string {
	t.Helper()
	var project struct {
		Config map[string]struct {
			Type, Description string
			Default           any
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "Pulumi.yaml")), &project))
	seen := effects(t)
	var rows []string
	for _, s := range config.Default().Settings() {
		declared := project.Config[s.Key]
		does, known := unseen[s.Key]
		if e, compared := seen[s.Key]; compared {
			require.False(t, known, "%s is compared", s.Key)
			does, known = e.words(), true
		}
		require.True(t, known, "%s: run make settings", s.Key)
		if note := notes[s.Key]; note != "" {
			does += ". " + note
		}
		value := fmt.Sprint(declared.Default)
		if value == "" || value == "[]" {
			value = "-"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | `%s` | %s | %s |", s.Key, declared.Type, value, strings.ReplaceAll(declared.Description, "|", `\|`), does))
	}
	return rows
}

func effects(t *testing.T) map[string]effect {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "effects.json"))
	require.NoError(t, err)
	var all map[string]effect
	require.NoError(t, json.Unmarshal(raw, &all))
	require.NotEmpty(t, all)
	return all
}

func (e effect) words() string {
	var parts []string
	add := func(verb string, kinds []string) {
		if words := names(kinds); len(words) > 0 {
			parts = append(parts, verb+" "+strings.Join(words, ", "))
		}
	}
	var lost, replaced []string
	for _, kind := range e.Replaced {
		if stores[kind] != "" {
			lost = append(lost, kind)
		} else {
			replaced = append(replaced, kind)
		}
	}
	if len(lost) > 0 {
		parts = append(parts, "**replaces "+strings.Join(names(lost), ", ")+"**, and the data is lost")
	}
	add("replaces", replaced)
	add("updates", e.Updated)
	add("creates", e.Created)
	add("deletes", e.Deleted)
	if e.Refused != "" {
		parts = append(parts, "the local AWS rejects the change")
	}
	if len(parts) == 0 {
		return "no effect until another setting changes"
	}
	text := strings.Join(parts, "; ")
	if conditions := e.conditions(); len(conditions) > 0 {
		text = "with " + strings.Join(conditions, " and ") + ": " + text
	}
	if e.Only {
		text = "no effect without `" + e.Base + "`; " + text
	}
	return text
}

// conditions returns the other settings of the preview.
func (e effect) conditions() []string {
	var found []string
	if e.Base != "" {
		found = append(found, "`"+e.Base+"`")
	}
	for _, item := range e.With {
		found = append(found, "a change to `"+item+"`")
	}
	return found
}

// names returns the names of types: stores in words, others by their type.
func names(kinds []string) []string {
	var words []string
	for _, kind := range kinds {
		if stores[kind] != "" {
			words = append(words, stores[kind])
			continue
		}
		if strings.HasPrefix(kind, config.Namespace+":") {
			continue // A component is not an AWS resource.
		}
		module, name, _ := strings.Cut(kind, "/")
		name, _, _ = strings.Cut(name, ":")
		words = append(words, "`"+strings.TrimPrefix(module, "aws:")+"/"+name+"`")
	}
	return words
}

// TestReplacedStoresAreReported checks that every recorded change that replaces or deletes
// a store is reported as data loss with its setting. `up` refuses reported changes.
func TestReplacedStoresAreReported(t *testing.T) {
	losing := 0
	for _, key := range slices.Sorted(maps.Keys(effects(t))) {
		e := effects(t)[key]
		for _, kind := range slices.Concat(e.Replaced, e.Deleted) {
			if stores[kind] == "" {
				continue
			}
			losing++
			require.Contains(t, strings.Join(e.Loss, "\n"), kind, key)
			require.Contains(t, strings.Join(e.Loss, "\n"), key, "the message names the setting")
		}
	}
	require.GreaterOrEqual(t, losing, 3, "bucketName, databaseName and databaseUser at least")
}
