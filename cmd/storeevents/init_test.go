package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/deploy"
)

// initProject is a folder with the project's Pulumi.yaml alone.
func initProject(t *testing.T) string {
	t.Helper()
	t.Setenv("AWS_REGION", "")
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join("..", "..", "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), raw, 0o600))
	return dir
}

func runInit(dir string, args ...string) (string, error) {
	var out, errs bytes.Buffer
	a := newApp(&out, &errs)
	root := newRoot(a)
	root.SetIn(strings.NewReader(""))
	root.SetArgs(append([]string{"init", "--project", dir, "--output", "json"}, args...))
	err := root.Execute()
	return out.String(), err
}

func TestInitWritesAStack(t *testing.T) {
	dir := initProject(t)
	out, err := runInit(dir, "staging", "--region", "eu-west-1", "--owner", "shop", "--vpc-id", "vpc-0123456789abcdef0",
		"--set", `appSubnetIds=["subnet-0aaaaaaaaaaaaaaa1","subnet-0aaaaaaaaaaaaaaa2"]`, "--set", "store-events:jobWorkers=3")
	require.NoError(t, err)
	var r initResult
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Equal(t, []string{"storeevents preview --stack staging --offline", "storeevents preflight --stack staging", "storeevents up --stack staging"}, r.Next)

	s, err := deploy.ReadSettings(dir, "staging")
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", s.Region())
	require.Empty(t, s.Endpoint())
	require.Equal(t, map[string]any{"tags": map[string]any{
		"Project": "store-events", "Environment": "staging", "Owner": "shop", "CostCenter": "shop", "ManagedBy": "pulumi",
	}}, s.Config["aws:defaultTags"], "those that the policies demand")
	require.Equal(t, []any{"subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"}, s.Config["store-events:appSubnetIds"], "a list, as the engine demands")
	require.Equal(t, "3", s.Config["store-events:jobWorkers"])
	require.Equal(t, "false", s.Config["store-events:scheduleEnabled"], "runs every hour are above the default budget")
	require.Equal(t, "dev", s.Config["policy:environment"], "no data is protected")
	a := newApp(nil, nil)
	a.project, a.stack = dir, "staging"
	cfg, err := a.checkConfig()
	require.NoError(t, err)
	require.Equal(t, "vpc-0123456789abcdef0", cfg.Network.VpcID)
}

func TestInitChoosesAWayOutThatFitsTheBudget(t *testing.T) {
	for name, tc := range map[string]struct {
		set      []string
		instance any
	}{
		"nothing given":  {nil, "true"},
		"a NAT gateway":  {[]string{"--set", "natGateways=1", "--set", "interfaceEndpoints=false"}, nil},
		"endpoints":      {[]string{"--set", "interfaceEndpoints=true"}, nil},
		"protected data": {[]string{"--set", "protectData=true"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := initProject(t)
			_, err := runInit(dir, append([]string{"staging", "--yes"}, tc.set...)...)
			require.NoError(t, err)
			s, err := deploy.ReadSettings(dir, "staging")
			require.NoError(t, err)
			require.Equal(t, tc.instance, s.Config["store-events:natInstance"])
		})
	}
}

func TestInitReplacesNothing(t *testing.T) {
	dir := initProject(t)
	_, err := runInit(dir, "staging")
	require.NoError(t, err)
	file := deploy.SettingsFile(dir, "staging")
	before, err := os.ReadFile(file) //nolint:gosec // Of this test.
	require.NoError(t, err)
	_, err = runInit(dir, "staging", "--region", "eu-west-1")
	require.ErrorContains(t, err, "Pulumi.staging.yaml exists")
	after, err := os.ReadFile(file) //nolint:gosec // Of this test.
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, err = runInit(dir, "staging", "--region", "eu-west-1", "--force")
	require.NoError(t, err)
	s, err := deploy.ReadSettings(dir, "staging")
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", s.Region())
}

func TestInitWritesNothingThatIsRefused(t *testing.T) {
	dir := initProject(t)
	for message, args := range map[string][]string{
		"use at most 24 lower-case letters":       {"My_Stack"},
		"store-events:natGateway: no such":        {"staging", "--set", "natGateway=1"},
		"store-events:natGateways: 9":             {"staging", "--set", "natGateways=9"},
		"must be a key and a value":               {"staging", "--set", "natGateways"},
		"2 different subnets":                     {"staging", "--vpc-id", "vpc-0123456789abcdef0"},
		"nothing beside vpcId":                    {"staging", "--vpc-id", "vpc-0123456789abcdef0", "--set", "natGateways=1"},
		"accepts 1 arg(s), received 0":            {},
		"store-events:databaseSecretArn: \"\" is": {"staging", "--set", "databaseHost=db", "--set", "databaseGroupId=sg-0123456789abcdef0"},
	} {
		_, err := runInit(dir, args...)
		require.ErrorContains(t, err, message)
	}
	files, err := filepath.Glob(filepath.Join(dir, "Pulumi.*.yaml"))
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestInitAsks(t *testing.T) {
	var prompts bytes.Buffer
	ask := func(answers string, given config.Map) (initOptions, config.Map) {
		t.Helper()
		prompts.Reset()
		o := initOptions{region: "us-east-1", owner: "store-events"}
		require.NoError(t, interview{strings.NewReader(answers), &prompts}.ask(&o, given))
		return o, given
	}
	o, settings := ask("\n\n\n\n\n\n", config.Map{})
	require.Equal(t, "us-east-1", o.region)
	require.Equal(t, config.Map{"protectData": "false", "natGateways": "1", "interfaceEndpoints": "false"}, settings)
	require.NoError(t, checkSettings("staging", settings))
	require.NotContains(t, prompts.String(), "private subnets")

	o, settings = ask("eu-west-1\nshop\ntrue\nvpc-0123456789abcdef0\nsubnet-0aaaaaaaaaaaaaaa1, subnet-0aaaaaaaaaaaaaaa2\nops@example.com\n", config.Map{})
	require.Equal(t, []string{"eu-west-1", "shop"}, []string{o.region, o.owner})
	require.Equal(t, `["subnet-0aaaaaaaaaaaaaaa1","subnet-0aaaaaaaaaaaaaaa2"]`, settings["appSubnetIds"])
	require.NoError(t, checkSettings("staging", settings))
	require.NotContains(t, prompts.String(), "NAT")

	_, settings = ask("\n\n0\n\n", config.Map{"protectData": "true", "vpcId": ""})
	require.NotContains(t, prompts.String(), "keep the data", "a flag has answered")
	require.NotContains(t, settings, "natGateways", "vpcId is answered")
	require.ErrorContains(t, interview{strings.NewReader(""), &prompts}.ask(&o, config.Map{}), "nothing is written")
}
