package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/deploy"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const prodKey = "arn:aws:kms:us-east-1:123456789012:key/0a1b"

// keyOf returns the key of the deployed stack prod.
func keyOf(stack string) (string, error) {
	if stack != "prod" {
		return "", errors.New("not deployed")
	}
	return prodKey, nil
}

// ephemeralApp returns an app with a copy of the project's settings files.
func ephemeralApp(t *testing.T, stack string) *app {
	t.Helper()
	dir := initProject(t)
	for _, name := range []string{"dev", "prod", "local"} {
		raw, err := os.ReadFile(deploy.SettingsFile(filepath.Join("..", ".."), name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(deploy.SettingsFile(dir, name), raw, 0o600))
	}
	a := newApp(&bytes.Buffer{}, &bytes.Buffer{})
	a.project, a.stack = dir, stack
	return a
}

func TestEphemeralStack(t *testing.T) {
	for _, from := range []string{"dev", "prod"} {
		a := ephemeralApp(t, "pr-123")
		_, err := deploy.SetConfig(a.project, from, pausedKey, "true")
		require.NoError(t, err)
		require.NoError(t, a.ephemeral(from, 48*time.Hour, noon, keyOf))
		s, err := deploy.ReadSettings(a.project, "pr-123")
		require.NoError(t, err)
		require.Equal(t, "2026-11-30T12:00:00Z", tags(s)[expiryTag], "on every resource")
		require.Equal(t, "pr-123", tags(s)["Environment"])
		require.Equal(t, "store-events", tags(s)["Project"])
		cfg, err := a.checkConfig()
		require.NoError(t, err)
		require.False(t, cfg.Common.ProtectData, "the stack can be destroyed completely")
		require.False(t, cfg.Common.Paused, "a new stack must run before it is paused")
		require.False(t, cfg.Catalog.Encryption, "it applies to the whole account")
		require.Equal(t, map[string]string{"prod": prodKey}[from], cfg.Catalog.KeyArn, "the roles need the key of the account's catalog")
		require.Equal(t, "s3-to-rds-ingestor-pr-123", cfg.Etl.JobName, "the stack has separate names")

		over, unread := a.expired(noon.Add(47 * time.Hour))
		require.Empty(t, unread)
		require.Empty(t, over)
		over, unread = a.expired(noon.Add(48 * time.Hour))
		require.Empty(t, unread)
		require.Equal(t, []string{"pr-123"}, over, "never dev, prod or local")

		require.NoError(t, a.ephemeral("", 48*time.Hour, noon.Add(24*time.Hour), keyOf))
		over, unread = a.expired(noon.Add(48 * time.Hour))
		require.Empty(t, unread)
		require.Empty(t, over, "another push moves the expiry")

		require.NoError(t, a.forget())
		require.NoFileExists(t, deploy.SettingsFile(a.project, "pr-123"))
	}
}

// bootstrap/ makes a boundary for each stack, which allows only the stack's own names. Others are the account's.
func TestEphemeralStackIsNotBoundByTheOtherStacksBoundary(t *testing.T) {
	const policies = "arn:aws:iam::123456789012:policy/"
	for arn, want := range map[string]string{
		policies + "github-store-events-dev-boundary": "", policies + "developers": policies + "developers",
		policies + "github-store-events-dev-2-boundary": policies + "github-store-events-dev-2-boundary",
	} {
		a := ephemeralApp(t, "pr-123")
		_, err := deploy.SetConfig(a.project, "dev", "store-events:permissionsBoundaryArn", arn)
		require.NoError(t, err)
		require.NoError(t, a.ephemeral("dev", time.Hour, noon, keyOf))
		cfg, err := a.checkConfig()
		require.NoError(t, err)
		require.Equal(t, want, cfg.Common.BoundaryArn)
	}
}

// Exceptions name resources that contain the stack's name, which is different in the new stack.
func TestEphemeralStackKeepsTheExceptions(t *testing.T) {
	a := ephemeralApp(t, "pr-1")
	_, err := runInit(a.project, "eu", "--set", "monthlyBudgetUsd=0")
	require.NoError(t, err)
	s, err := deploy.ReadSettings(a.project, "eu")
	require.NoError(t, err)
	exceptions, _ := s.Config["policy:exceptions"].([]any)
	others := []string{"store-events-eu-database", "store-events-eu*", "store-events-eu?kms", "store-events-eu[-]*", "store-events-europe", "*-logs"}
	for _, resource := range others {
		exceptions = append(exceptions, map[string]any{"resource": resource})
	}
	inJSON, err := json.Marshal(exceptions)
	require.NoError(t, err)
	for stack, value := range map[string]any{"pr-1": exceptions, "pr-2": string(inJSON)} {
		a.stack, s.Config["policy:exceptions"] = stack, value
		require.NoError(t, s.Write(deploy.SettingsFile(a.project, "eu")))
		require.NoError(t, a.ephemeral("eu", time.Hour, noon, keyOf))
		made, err := deploy.ReadSettings(a.project, stack)
		require.NoError(t, err)
		var resources []any
		for _, e := range made.Config["policy:exceptions"].([]any) {
			resources = append(resources, e.(map[string]any)["resource"])
		}
		own := "store-events-" + stack
		require.Equal(t, []any{own, own + "-database", own + "*", own + "?kms", own + "[-]*", "store-events-europe", "*-logs"}, resources)
	}
	a.stack, s.Config["policy:exceptions"] = "pr-3", "none"
	require.NoError(t, s.Write(deploy.SettingsFile(a.project, "eu")))
	require.ErrorContains(t, a.ephemeral("eu", time.Hour, noon, keyOf), "--from eu: policy:exceptions must be a list")
	require.NoFileExists(t, deploy.SettingsFile(a.project, "pr-3"))
}

func TestEphemeralStackErrors(t *testing.T) {
	a := ephemeralApp(t, "pr-1")
	require.ErrorContains(t, a.ephemeral("local", time.Hour, noon, keyOf), "runs on this machine")
	require.ErrorContains(t, a.ephemeral("", time.Hour, noon, keyOf), "stack pr-1 is new; set --from to a stack on AWS whose settings to copy")
	require.ErrorContains(t, a.ephemeral("staging", time.Hour, noon, keyOf), `no stack "staging"`)
	require.ErrorContains(t, a.ephemeral("dev", time.Minute, noon, keyOf), "must be 1h to 720h")
	s, err := deploy.ReadSettings(a.project, "prod")
	require.NoError(t, err)
	require.NoError(t, s.Write(deploy.SettingsFile(a.project, "next")))
	require.ErrorContains(t, a.ephemeral("next", time.Hour, noon, keyOf), "--from next: it encrypts the data catalog, and its key is unknown")
	require.NoFileExists(t, deploy.SettingsFile(a.project, "pr-1"))
	s, err = deploy.ReadSettings(a.project, "dev")
	require.NoError(t, err)
	s.Config["store-events:existingBucket"] = "ours"
	require.NoError(t, s.Write(deploy.SettingsFile(a.project, "dev")))
	require.ErrorContains(t, a.ephemeral("dev", time.Hour, noon, keyOf), "store-events:existingBucket cannot be shared by two stacks")
	require.NoFileExists(t, deploy.SettingsFile(a.project, "pr-1"))
	a.stack = "prod"
	require.ErrorContains(t, a.ephemeral("dev", time.Hour, noon, keyOf), "has its own settings")
	require.NoError(t, a.forget(), "settings without an expiry are kept")
	require.FileExists(t, deploy.SettingsFile(a.project, "prod"))
	a.stack = "a-branch-with-a-very-long-name"
	require.ErrorContains(t, a.ephemeral("dev", time.Hour, noon, keyOf), "at most 24")
}

func TestEphemeralFlagsGoTogether(t *testing.T) {
	for message, args := range map[string][]string{
		"--from needs --ttl":       {"up", "--stack", "pr-1", "--from", "dev"},
		"--ttl: stack pr-1 is new": {"up", "--stack", "pr-1", "--ttl", "2h"},
	} {
		var out, errs bytes.Buffer
		root := newRoot(newApp(&out, &errs))
		root.SetArgs(args)
		require.ErrorContains(t, root.Execute(), message)
	}
}
