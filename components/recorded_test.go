package components

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

var update = flag.Bool("update", false, "rewrite testdata from what the components register")

// TestRegisteredResources compares everything that each component registers with testdata. Files of variants, with a
// dash in the name, contain only differences. A changed name or immutable input replaces the resource in deployed
// stacks, so read the diff before you update the files.
func TestRegisteredResources(t *testing.T) {
	c := settings(t)
	pinned := protected()
	pinned.ZonesPinned = true
	variants := map[string]func(t testing.TB) recorded{
		"storage": func(t testing.TB) recorded { return buildStorage(t, environment(), c.Storage) },
		"storage-protected": func(t testing.TB) recorded {
			s := c.Storage
			s.BucketName = "fixed"
			return buildStorage(t, protected(), s)
		},
		"network": func(t testing.TB) recorded { return buildNetwork(t, environment(), c.Network) },
		"network-nat": func(t testing.TB) recorded {
			s := c.Network
			s.NatGateways, s.InterfaceEndpoints = 1, false
			return buildNetwork(t, pinned, s)
		},
		"network-nat-instance": func(t testing.TB) recorded {
			s := c.Network
			s.NatInstance, s.InterfaceEndpoints = true, false
			return buildNetwork(t, environment(), s)
		},
		"network-two-nats": func(t testing.TB) recorded {
			s := c.Network
			s.NatGateways = 2
			return buildNetwork(t, environment(), s)
		},
		"database": func(t testing.TB) recorded { return buildDatabase(t, environment(), c.Database) },
		"database-protected": func(t testing.TB) recorded {
			s := c.Database
			s.MonitoringSeconds, s.RotationDays, s.MultiAz, s.EngineVersion = 60, 0, true, "8.4.3"
			return buildDatabase(t, protected(), s)
		},
		"catalog": func(t testing.TB) recorded { return buildCatalog(t, c.Catalog) },
		"catalog-encrypted": func(t testing.TB) recorded {
			s := c.Catalog
			s.Encryption, s.KeyArn, s.ExtraColumns = true, "arn:other-key", "x_channel=string(32)"
			return buildCatalog(t, s)
		},
		"etl": func(t testing.TB) recorded { return buildEtl(t, c.Etl, c.Catalog) },
		"etl-on-demand": func(t testing.TB) recorded {
			s, catalog := c.Etl, c.Catalog
			s.ScheduleEnabled, catalog.ExtraColumns, catalog.KeyArn = false, "x_channel=string(32)", "arn:other-key"
			return buildEtl(t, s, catalog)
		},
		"starter": func(t testing.TB) recorded { return buildStarter(t, c.Etl) },
		"starter-long-runs": func(t testing.TB) recorded {
			s := c.Etl
			s.TimeoutMinutes, s.TriggerWindowSeconds, s.TriggerBatch = 10079, 30, 10
			return buildStarter(t, s)
		},
		"producer":           func(t testing.TB) recorded { return buildProducer(t, c.Producer) },
		"producer-by-number": func(t testing.TB) recorded { s := c.Producer; s.Events, s.Gzip = 28, true; return buildProducer(t, s) },
		"consumer":           buildConsumer,
		"analytics":          buildAnalytics,
		"alarms":             everyAlarm,
		"alerts":             func(t testing.TB) recorded { return buildAlerts(t, c.Alerts) },
		"alerts-email":       func(t testing.TB) recorded { s := c.Alerts; s.Email = "ops@example.com"; return buildAlerts(t, s) },
	}
	for name, build := range variants {
		t.Run(name, func(t *testing.T) {
			got := build(t).describe()
			if base, _, variant := strings.Cut(name, "-"); variant {
				got = got.without(variants[base](t).describe())
			}
			text, err := json.MarshalIndent(got, "", " ")
			require.NoError(t, err)
			file := filepath.Join("testdata", name+".json")
			if *update {
				require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o600))
			}
			want, err := os.ReadFile(file) //nolint:gosec // A file of the test.
			require.NoError(t, err)
			require.JSONEq(t, string(want), string(text))
		})
	}
}

// registration is what a component registers, by "type name".
type registration struct {
	Resources map[string]description `json:"resources"`
	Outputs   any                    `json:"outputs,omitempty"`
	// Absent are the resources that only the plain component has.
	Absent []string `json:"absent,omitempty"`
}

// without returns the differences from the plain component.
func (d registration) without(plain registration) registration {
	diff := registration{Resources: map[string]description{}}
	for name, res := range d.Resources {
		if !reflect.DeepEqual(res, plain.Resources[name]) {
			diff.Resources[name] = res
		}
	}
	for name := range plain.Resources {
		if _, there := d.Resources[name]; !there {
			diff.Absent = append(diff.Absent, name)
		}
	}
	slices.Sort(diff.Absent)
	return diff
}

// description describes a resource in testdata.
type description struct {
	Parent   string         `json:"parent,omitempty"`
	Inputs   map[string]any `json:"inputs,omitempty"`
	Options  []string       `json:"options,omitempty"`
	WaitsFor []string       `json:"waitsFor,omitempty"`
}

func (r recorded) describe() registration {
	all := registration{Resources: map[string]description{}, Outputs: readable(r.Outputs)}
	for _, res := range r.Resources {
		d := description{Parent: lastOfURN(res.Parent), Inputs: readable(res.Inputs).(map[string]any)}
		for option, set := range map[string]bool{"protect": res.Protected, "retainOnDelete": res.Retained, "deleteBeforeReplace": res.DeleteBeforeReplace} {
			if set {
				d.Options = append(d.Options, option)
			}
		}
		for _, property := range res.Ignored {
			d.Options = append(d.Options, "ignoreChanges "+property)
		}
		for _, property := range res.Replacing {
			d.Options = append(d.Options, "replaceOnChanges "+property)
		}
		for _, urn := range res.Depends {
			d.WaitsFor = append(d.WaitsFor, lastOfURN(urn))
		}
		slices.Sort(d.Options)
		slices.Sort(d.WaitsFor)
		d.WaitsFor = slices.Compact(d.WaitsFor)
		all.Resources[res.Type+" "+res.Name] = d
	}
	return all
}

// lastOfURN returns the type and the name in a URN.
func lastOfURN(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return ""
	}
	kinds := strings.Split(parts[2], "$")
	return kinds[len(kinds)-1] + " " + parts[3]
}

// readable replaces files by their paths, secrets by a description, and JSON
// documents by their contents.
func readable(v any) any {
	switch v := v.(type) {
	case pulumitest.Secret:
		return map[string]any{"secret": readable(v.Value)}
	case *asset.Asset:
		return "file " + v.Path
	case *archive.Archive:
		return "archive " + v.Path
	case map[string]any:
		m := map[string]any{}
		for key, item := range v {
			m[key] = readable(item)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = readable(item)
		}
		return list
	case string:
		var document map[string]any
		if json.Unmarshal([]byte(v), &document) == nil {
			return map[string]any{"json": document}
		}
	}
	return v
}
