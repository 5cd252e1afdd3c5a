package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/cmd/storeevents/page"
	"store-events/config"
	"store-events/deploy"
	"store-events/policy/pack"
	"store-events/policy/state"
)

func verdictInProd(t *testing.T, settings map[string]string) verdict {
	t.Helper()
	return verdictAs(t, "prod", settings)
}

func verdictAs(t *testing.T, stack string, settings map[string]string) verdict {
	t.Helper()
	exported, err := os.ReadFile("../../policy/state/testdata/deployment.json")
	require.NoError(t, err)
	resources, err := state.Read(exported)
	require.NoError(t, err)
	result, err := policyCheck{}.apply(pack.Stack{Project: config.Namespace, Name: stack, Config: settings}, resources)
	require.NoError(t, err)
	return verdictOf(result)
}

func TestDeployedStateIsChecked(t *testing.T) {
	v := verdictInProd(t, nil)
	require.Equal(t, 4, v.Resources)
	public := slices.IndexFunc(v.Violations, func(x deploy.Violation) bool { return x.Policy == "rds-not-public" })
	encrypted := slices.IndexFunc(v.Violations, func(x deploy.Violation) bool { return x.Policy == "rds-storage-encrypted" })
	port := slices.IndexFunc(v.Violations, func(x deploy.Violation) bool { return x.Policy == "rds-copy-tags" })
	require.True(t, 0 <= public && public < encrypted && encrypted < port, "most severe first: %v", v.Violations)
	require.Equal(t, "mandatory", v.Violations[public].Level)
	require.Equal(t, "critical", v.Violations[public].Severity)
	require.Equal(t, "aws:rds/instance:Instance db", v.Violations[public].Resource)
	require.Len(t, v.Violations, v.Summary.Mandatory+v.Summary.Advisory)
	require.Positive(t, v.Summary.Severity["critical"])
	require.Positive(t, v.Summary.Undecided, "its state lacks the parameter group")
	require.ErrorContains(t, v.err(), "stack prod does not pass")

	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.NotContains(t, string(text), "s3cret")
	var b page.Page
	v.write(&b)
	require.Contains(t, b.String(), "policies of stack prod: 4 resources, ")
	require.Contains(t, b.String(), "mandatory "+v.Violations[public].Message+"\n")
	require.True(t, strings.HasPrefix(v.Violations[public].Message, "[critical] rds-not-public: "), "the title would describe the compliant state")
	for _, u := range v.Undecided {
		require.Contains(t, b.String(), "undecided "+u.Resource+": "+u.Message)
	}
}

func TestExceptionsAndEnvironmentOfTheStackHold(t *testing.T) {
	v := verdictInProd(t, map[string]string{"policy:exceptions": `[{"rule":"rds-not-public","resource":"db","reason":"moves","owner":"data","expires":"` + nextMonth() + `"}]`})
	require.False(t, slices.ContainsFunc(v.Violations, func(x deploy.Violation) bool { return x.Policy == "rds-not-public" }))
	require.True(t, slices.ContainsFunc(v.Notes, func(x deploy.Violation) bool { return x.Resource == "aws:rds/instance:Instance db" }))
	require.Greater(t, v.Summary.Mandatory, verdictAs(t, "feature-1", map[string]string{"policy:environment": "dev"}).Summary.Mandatory)
}

func nextMonth() string { return time.Now().AddDate(0, 1, 0).Format(time.DateOnly) }

func TestVerdict(t *testing.T) {
	clean := newVerdict("dev", 1, []pack.Report{{Policy: pack.NotePolicy, Message: "m"}, {Policy: "rds-multi-az", Level: 1}})
	require.NoError(t, clean.err())
	require.Equal(t, 1, clean.Summary.Advisory)
	undecided := newVerdict("dev", 1, []pack.Report{{Policy: pack.UndecidedPolicy, Level: 1}})
	require.NoError(t, undecided.err())
	undecided.mustDecide = true
	require.Error(t, undecided.err())
}
