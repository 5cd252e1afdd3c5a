package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/deploy"
)

// initProject returns a folder with the project's Pulumi.yaml and Pulumi.prod.yaml.
func initProject(t *testing.T) string {
	t.Helper()
	t.Setenv("AWS_REGION", "")
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.prod.yaml"} {
		raw, err := os.ReadFile(filepath.Join("..", "..", name)) //nolint:gosec // The project's settings files.
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), raw, 0o600))
	}
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

// initSettings returns the settings that init writes for the stack staging.
func initSettings(t *testing.T, options []string) deploy.Settings {
	t.Helper()
	dir := initProject(t)
	_, err := runInit(dir, append([]string{"staging", "--yes", "--region", "eu-west-1"}, options...)...)
	require.NoError(t, err)
	s, err := deploy.ReadSettings(dir, "staging")
	require.NoError(t, err)
	return s
}

func TestInitChoosesAnEgressThatFitsTheBudget(t *testing.T) {
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
			s := initSettings(t, tc.set)
			require.Equal(t, tc.instance, s.Config["store-events:natInstance"])
		})
	}
}

func TestInitProtectsAsProductionDoes(t *testing.T) {
	server := []string{"--set", "databaseHost=db", "--set", "databaseCidr=10.0.0.0/24", "--set", "databaseSecretArn=arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-AbCdEf"}
	others := []string{"catalogEncryption", "logRetentionDays", "monthlyBudgetUsd"}
	prod, err := deploy.ReadSettings(filepath.Join("..", ".."), "prod")
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		set  []string
		want []string // From prod.
	}{
		"not protected":                    {[]string{"--set", "protectData=false"}, nil},
		"protected":                        {[]string{"--set", "protectData=true"}, append([]string{"databaseMultiAz", "databaseBackupDays", "databaseMonitoringSeconds"}, others...)},
		"with other values":                {[]string{"--set", "protectData=true", "--set", "databaseBackupDays=35", "--set", "monthlyBudgetUsd=900"}, []string{"databaseMultiAz", "databaseMonitoringSeconds", "catalogEncryption", "logRetentionDays"}},
		"existing database":                {append(server, "--set", "protectData=true"), others},
		"existing catalog key":             {[]string{"--set", "protectData=true", "--set", "catalogKeyArn=arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}, []string{"databaseMultiAz", "databaseBackupDays", "databaseMonitoringSeconds", "logRetentionDays", "monthlyBudgetUsd"}},
		"not protected, existing database": {server, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := initSettings(t, tc.set)
			for key, value := range prod.Config {
				if key, ours := strings.CutPrefix(key, "store-events:"); ours && key != "protectData" && !slices.Contains(tc.set, key+"=35") && !slices.Contains(tc.set, key+"=900") {
					require.Equal(t, slices.Contains(tc.want, key), s.Config["store-events:"+key] == value, key)
				}
			}
		})
	}
	dir := initProject(t)
	_, err = runInit(dir, "live-eu", "--yes", "--region", "eu-west-1")
	require.NoError(t, err)
	s, err := deploy.ReadSettings(dir, "live-eu")
	require.NoError(t, err)
	require.Equal(t, "true", s.Config["store-events:protectData"], "the pack refuses the environment dev for such a name")
	require.NotContains(t, s.Config, "policy:environment")
	_, err = runInit(dir, "eu-dev", "--yes", "--region", "eu-central-1", "--set", "protectData=true")
	require.NoError(t, err)
	s, err = deploy.ReadSettings(dir, "eu-dev")
	require.NoError(t, err)
	require.Equal(t, "prod", s.Config["policy:environment"], "the pack would take it for one of development by its name")
	_, err = runInit(dir, "live-us", "--yes", "--set", "protectData=false")
	require.ErrorContains(t, err, "name of stack live-us makes it a production stack")

	require.NoError(t, os.Remove(deploy.SettingsFile(dir, "prod")))
	_, err = runInit(dir, "staging", "--yes", "--region", "eu-west-2", "--set", "protectData=true", "--set", "databaseMultiAz=true")
	require.ErrorContains(t, err, `copy catalogEncryption, logRetentionDays, monthlyBudgetUsd, databaseBackupDays, databaseMonitoringSeconds from stack prod, because the stack protects its data (--set overrides them): no stack "prod"`)
}

// One stack of an account and region encrypts the data catalog: init does not set it for a second one.
func TestInitLeavesTheCatalogToTheStackThatEncryptsIt(t *testing.T) {
	dir := initProject(t)
	key := "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	protect := []string{"staging", "--yes", "--force", "--owner", "shop", "--set", "protectData=true"}
	_, err := runInit(dir, protect...)
	require.ErrorContains(t, err, "stack prod sets catalogEncryption in us-east-1")
	require.ErrorContains(t, err, "--set catalogKeyArn=ARN")
	require.NoFileExists(t, deploy.SettingsFile(dir, "staging"))

	for name, tc := range map[string]struct {
		option, value string
		encrypts      any
	}{
		"its key":         {"--set", "catalogKeyArn=" + key, nil},
		"another account": {"--set", "catalogEncryption=true", "true"},
		"another region":  {"--region", "eu-west-1", "true"},
	} {
		_, err := runInit(dir, append(protect, tc.option, tc.value)...) //nolint:gocritic // A copy for each.
		require.NoError(t, err, name)
		s, err := deploy.ReadSettings(dir, "staging")
		require.NoError(t, err)
		require.Equal(t, tc.encrypts, s.Config["store-events:catalogEncryption"], name)
		if tc.encrypts != nil {
			require.NotContains(t, s.Config, "policy:exceptions", name)
			continue
		}
		until := time.Now().UTC().AddDate(0, 0, 180).Format(time.DateOnly)
		require.Equal(t, []any{map[string]any{
			"rule": "glue-catalog-encrypted", "resource": "store-events-staging-database", "owner": "shop", "expires": until,
			"reason": "another stack encrypts the data catalog, with " + key,
		}}, s.Config["policy:exceptions"])
	}
	_, err = runInit(dir, append(protect, "--region", "eu-west-1")...) //nolint:gocritic // A copy.
	require.NoError(t, err, "the file that --force replaces does not belong to another stack")
}

// The output names each exception, because the user has not asked for any.
func TestInitListsItsExceptions(t *testing.T) {
	dir := initProject(t)
	status, text, _ := invoke(t, "", "init", "staging", "--yes", "--project", dir, "--set", "monthlyBudgetUsd=0")
	require.Zero(t, status)
	require.Regexp(t, `\nwith an exception from the policy budget-present until 2\d{3}-\d\d-\d\d: the account cannot have a budget\n\nnext:\n`, text)
	status, text, _ = invoke(t, "", "init", "dev", "--yes", "--project", dir)
	require.Zero(t, status)
	require.NotContains(t, text, "exception")
}

// The first command that init suggests succeeds with the settings that it wrote.
func TestInitSettingsPassPreview(t *testing.T) {
	dir := t.TempDir()
	copyProject(t, dir)
	examples := strings.Split(command(newRoot(newApp(io.Discard, io.Discard)), "init").Example, "\n")
	require.Len(t, examples, 3)
	examples = append(examples,
		"storeevents init staging --region eu-central-1 --set protectData=true --set natGateways=1 --set interfaceEndpoints=false", // As init suggests.
		"storeevents init staging --set protectData=true --set catalogKeyArn=arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"storeevents init staging --set monthlyBudgetUsd=0",
	)
	for i, example := range examples {
		args := strings.Fields(strings.ReplaceAll(example, "'", ""))[2:]
		args[0] += strconv.Itoa(i)
		_, err := runInit(dir, args...)
		require.NoError(t, err, example)
		preview := exec.CommandContext(t.Context(), filepath.Join(dir, "bin", "storeevents"), "preview", "--offline", "--summary", //nolint:gosec // The project's own.
			"--stack", args[0], "--project", dir, "--state", t.TempDir())
		text, err := preview.CombinedOutput()
		require.NoError(t, err, "%s: %s", example, text)
		require.Contains(t, string(text), "preview of stack "+args[0], example)
	}
}

func TestInitDoesNotOverwrite(t *testing.T) {
	dir := initProject(t)
	_, err := runInit(dir, "staging")
	require.NoError(t, err)
	file := deploy.SettingsFile(dir, "staging")
	before, err := os.ReadFile(file) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	_, err = runInit(dir, "staging", "--region", "eu-west-1")
	require.ErrorContains(t, err, "Pulumi.staging.yaml exists")
	after, err := os.ReadFile(file) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, err = runInit(dir, "staging", "--region", "eu-west-1", "--force")
	require.NoError(t, err)
	s, err := deploy.ReadSettings(dir, "staging")
	require.NoError(t, err)
	require.Equal(t, "eu-west-1", s.Region())
}

func TestInitWritesNoInvalidSettings(t *testing.T) {
	dir := initProject(t)
	for message, args := range map[string][]string{
		"use at most 24 lower-case letters":       {"My_Stack"},
		`region "nope": must be an AWS region`:    {"staging", "--region", "nope"},
		"store-events:natGateway: no such":        {"staging", "--set", "natGateway=1"},
		"store-events:natGateways: 9":             {"staging", "--set", "natGateways=9"},
		"must be a key and a value":               {"staging", "--set", "natGateways"},
		"2 different subnets":                     {"staging", "--vpc-id", "vpc-0123456789abcdef0"},
		"no value together with vpcId":            {"staging", "--vpc-id", "vpc-0123456789abcdef0", "--set", "natGateways=1"},
		"accepts 1 arg(s), received 0":            {},
		"store-events:databaseSecretArn: \"\" is": {"staging", "--set", "databaseHost=db", "--set", "databaseGroupId=sg-0123456789abcdef0"},
	} {
		_, err := runInit(dir, args...)
		require.ErrorContains(t, err, message)
	}
	require.Equal(t, []string{"prod"}, deploy.Stacks(dir))
}

// interviewed returns the flags and settings after the prompts are answered.
func interviewed(t *testing.T, answers string, o initOptions) (flags initOptions, settings config.Map, prompts string) {
	t.Helper()
	var asked bytes.Buffer
	settings, err := o.settings()
	require.NoError(t, err)
	require.NoError(t, interview{strings.NewReader(answers), &asked}.ask(t.Context(), &o, settings))
	require.NoError(t, checkSettings("staging", settings))
	delete(settings, "scheduleEnabled")
	return o, settings, asked.String()
}

func TestInitAsks(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	o, settings, prompts := interviewed(t, "\n\n\n\n\n\n", initOptions{})
	require.Equal(t, []string{"us-east-1", "store-events"}, []string{o.region, o.owner})
	require.Equal(t, config.Map{"protectData": "false", "natInstance": "true", "interfaceEndpoints": "false"}, settings, "as --yes chooses")
	require.NotContains(t, prompts, "private subnets")

	o, settings, prompts = interviewed(t, "eu-west-1\nshop\ntrue\nvpc-0123456789abcdef0\nsubnet-0aaaaaaaaaaaaaaa1, subnet-0aaaaaaaaaaaaaaa2\nops@example.com\n", initOptions{})
	require.Equal(t, []string{"eu-west-1", "shop"}, []string{o.region, o.owner})
	require.Equal(t, `["subnet-0aaaaaaaaaaaaaaa1","subnet-0aaaaaaaaaaaaaaa2"]`, settings["appSubnetIds"])
	require.NotContains(t, prompts, "NAT")
	require.ErrorContains(t, interview{strings.NewReader(""), io.Discard}.ask(t.Context(), &o, config.Map{}), "nothing is written")
}

func TestInitRefusesAnOwnerThatIsNoTagValue(t *testing.T) {
	dir := initProject(t)
	for _, owner := range []string{"R&D", "shop, web", strings.Repeat("x", 256)} {
		_, err := runInit(dir, "staging", "--yes", "--owner", owner)
		require.ErrorContains(t, err, "--owner ", owner)
	}
	_, err := runInit(dir, "staging", "--yes", "--owner", "Läden+Web team@example.com")
	require.NoError(t, err)
}

func TestInitAsksForAnEgressPath(t *testing.T) {
	for answers, want := range map[string]config.Map{
		"false\n\ninstance\n":         {"protectData": "false", "natInstance": "true", "interfaceEndpoints": "false"},
		"false\n\ngateway\n":          {"protectData": "false", "natGateways": "1", "interfaceEndpoints": "false"},
		"false\n\n1\nendpoints\n":     {"protectData": "false", "interfaceEndpoints": "true"}, // Invalid: init prompts again.
		"true\n\n\n":                  {"protectData": "true", "interfaceEndpoints": "true"},
		"true\n\ninstance\ngateway\n": {"protectData": "true", "natGateways": "1", "interfaceEndpoints": "false"}, // The policies refuse an instance.
	} {
		_, settings, _ := interviewed(t, "\n\n"+answers+"\n", initOptions{})
		require.Equal(t, want, settings, answers)
	}
}

// A flag answers its prompt: Enter at all other prompts keeps its value.
func TestInitDoesNotPromptForFlags(t *testing.T) {
	for name, tc := range map[string]struct {
		flags initOptions
		want  config.Map
		not   []string
	}{
		"region and owner": {
			initOptions{region: "eu-west-1", owner: "shop", set: []string{"protectData=true", "alertEmail=ops@example.com"}},
			config.Map{"protectData": "true", "alertEmail": "ops@example.com", "interfaceEndpoints": "true"},
			[]string{"region", "owner", "keep the data", "e-mail"},
		},
		"endpoints":   {initOptions{set: []string{"interfaceEndpoints=true"}}, config.Map{"protectData": "false", "interfaceEndpoints": "true"}, []string{"NAT"}},
		"NAT gateway": {initOptions{set: []string{"natGateways=1"}}, config.Map{"protectData": "false", "natGateways": "1"}, []string{"NAT", "VPC"}},
		"NAT instance": {
			initOptions{set: []string{"natInstance=true"}}, config.Map{"protectData": "false", "natInstance": "true"}, []string{"NAT", "VPC"},
		},
		"blocks of a new VPC": {
			initOptions{set: []string{"vpcCidr=10.20.0.0/16", `publicSubnetCidrs=["10.20.0.0/24","10.20.1.0/24"]`, `appSubnetCidrs=["10.20.10.0/24","10.20.11.0/24"]`, `dbSubnetCidrs=["10.20.20.0/24","10.20.21.0/24"]`}},
			nil, []string{"VPC"},
		},
		"no existing VPC": {
			initOptions{set: []string{"vpcId="}},
			config.Map{"protectData": "false", "vpcId": "", "natInstance": "true", "interfaceEndpoints": "false"}, []string{"VPC"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, settings, prompts := interviewed(t, strings.Repeat("\n", 8), tc.flags)
			for _, text := range tc.not {
				require.NotContains(t, prompts, text)
			}
			if tc.want != nil {
				require.Equal(t, tc.want, settings)
			}
			if tc.flags.region != "" {
				require.Equal(t, []string{tc.flags.region, tc.flags.owner}, []string{o.region, o.owner})
			}
		})
	}
}
