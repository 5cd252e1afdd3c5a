package preflight_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	laketypes "github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	"github.com/stretchr/testify/require"

	"localaws/authz"
	"localaws/awsclient"
	"localaws/awsmodel"
	"localaws/credentials"
	"localaws/database"
	"localaws/encryption"
	"localaws/gateway"
	"localaws/gateway/rds"
	"localaws/iam/audit"
	"localaws/iam/services"
	"localaws/ministack"
	"localaws/store"
	"localaws/tags"
	"store-events/preflight"
	"store-events/tests/policy/recording"
	"store-events/tests/testtools"
)

const region = recording.Region

// account is a local AWS.
type account struct {
	cfg       aws.Config
	authority *credentials.Authority
	file      string // a missing feature
}

func newAccount(t *testing.T) *account {
	t.Helper()
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	authority, err := credentials.Open(dir)
	require.NoError(t, err)
	emu, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: filepath.Join(dir, "emulator"), Region: region, SessionKey: authority.SessionKey(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	st, err := store.Open(filepath.Join(dir, "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	denied, err := audit.Open(filepath.Join(dir, "denied.jsonl"))
	require.NoError(t, err)
	models, err := awsmodel.Find(testtools.Ministack(t))
	require.NoError(t, err)
	opened, err := awsmodel.Open(models)
	require.NoError(t, err)
	place := services.Place{Partition: "aws", Region: region, Account: credentials.AccountID}
	source := authz.NewEmulator(authz.EmulatorOptions{Transport: emu.Transport(), URL: ministack.URL, Place: place})
	a := &account{authority: authority, file: filepath.Join(dir, "account.json")}
	g, err := gateway.New(gateway.Options{
		EmulatorURL: ministack.URL, Transport: emu.Transport(), Authority: authority, Region: region, Access: authz.New(source, place, denied, log),
		Glue: encryption.Operations(st), Tags: tags.New(st), Store: st, AccountFile: a.file, Models: opened, Log: log,
		Databases: &withoutServers{running: map[string]database.Status{}},
	})
	require.NoError(t, err)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	a.cfg = awsclient.Signed(region, server.URL, authority.Root())
	return a
}

// withoutServers is a fake for the servers of instances, which preflight does not call.
type withoutServers struct {
	rds.Databases
	running map[string]database.Status
}

func (w *withoutServers) Create(_ context.Context, s database.Spec) error {
	w.running[s.ID] = database.Status{ID: s.ID, Engine: "MySQL", Version: "8.0.1", Host: "127.0.0.1", Port: s.Port, Running: true}
	return nil
}

func (w *withoutServers) Get(id string) (database.Status, bool) {
	s, found := w.running[id]
	return s, found
}

func (w *withoutServers) SetParameters(context.Context, string, map[string]string) error { return nil }

// as returns clients with the credentials of a role's session.
func (a *account) as(t *testing.T, role string) *preflight.Clients {
	t.Helper()
	session, err := a.authority.Issue(credentials.Principal{RoleARN: role, SessionName: "deploy"}, time.Hour)
	require.NoError(t, err)
	return preflight.NewClients(awsclient.Signed(region, *a.cfg.BaseEndpoint, session))
}

func (a *account) lacks(t *testing.T, what map[string]any) {
	t.Helper()
	raw, err := json.Marshal(what)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.file, raw, 0o600))
}

func (a *account) run(t *testing.T, plan preflight.Plan) preflight.Report {
	t.Helper()
	report, err := preflight.Run(t.Context(), preflight.NewClients(a.cfg), plan)
	require.NoError(t, err)
	return report
}

// notOK returns the findings of a report that are not ok, by message.
func notOK(r preflight.Report) map[string]preflight.Finding {
	out := map[string]preflight.Finding{}
	for _, f := range r.Findings {
		if f.Status != preflight.OK {
			out[f.What] = f
		}
	}
	return out
}

var recorded = sync.OnceValues(func() (map[string]preflight.Plan, error) {
	plans := map[string]preflight.Plan{}
	for _, stack := range []string{"dev", "prod"} {
		program, err := recording.Record("..", stack, recording.Settings{"store-events:alertEmail": "ops@example.com"})
		if err != nil {
			return nil, err
		}
		plan := preflight.Plan{Stack: stack, Region: region}
		for _, r := range program.Resources {
			if strings.HasPrefix(r.Type, "aws:") {
				plan.Resources = append(plan.Resources, preflight.Resource{Type: r.Type, Inputs: known(r.Props)})
			}
		}
		plans[stack] = plan
	}
	return plans, nil
})

// known omits values from other resources.
func known(props map[string]any) map[string]any {
	out := maps.Clone(props)
	maps.DeleteFunc(out, func(_ string, v any) bool {
		text, ok := v.(string)
		return ok && strings.Contains(text, "${")
	})
	return out
}

func planOf(t *testing.T, stack string) preflight.Plan {
	t.Helper()
	plans, err := recorded()
	require.NoError(t, err)
	return plans[stack]
}

// unique are types whose names need not be free: they belong to another resource of
// the stack, or are identified by an ID.
var unique = []string{
	"aws:athena/namedQuery:NamedQuery", "aws:glue/catalogTable:CatalogTable", "aws:ec2/securityGroup:SecurityGroup", "aws:iam/rolePolicy:RolePolicy",
}

// A new resource of the program needs an entry in the tables.
func TestTablesHaveEveryResource(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		for _, r := range planOf(t, stack).Resources {
			require.True(t, preflight.Creates(r.Type), "%s: which actions create it?", r.Type)
			for _, input := range []string{"name", "bucket", "identifier", "finalSnapshotIdentifier", "dashboardName"} {
				if name, _ := r.Inputs[input].(string); name != "" && !slices.Contains(unique, r.Type) {
					require.True(t, preflight.LooksUp(r.Type, input), "%s %q: no check that the name is free", r.Type, name)
				}
			}
		}
	}
}

// One account: first clean, then with faults, each of which has a finding.
func TestFindings(t *testing.T) {
	a := newAccount(t)
	dev, prod := planOf(t, "dev"), planOf(t, "prod")
	require.Empty(t, notOK(a.run(t, dev)), "a clean account")
	clean := notOK(a.run(t, prod))
	require.Len(t, clean, 1)
	for _, f := range clean {
		require.Equal(t, preflight.Finding{
			ID: "catalog-encryption", Status: preflight.Warning, Do: f.Do,
			What: "the stack encrypts the data catalog of the whole account and region: all its users then need the stack's key",
		}, f)
	}

	require.NoError(t, preflight.CheckCatalog(t.Context(), preflight.NewClients(a.cfg)))

	a.addFaults(t)
	found := notOK(a.run(t, prod))
	for what, want := range map[string]struct{ id, do string }{
		"Glue database miztiik_sales_db_prod exists already":                                                                                                    {"name-taken", "or choose another name with store-events:catalogDatabase"},
		"the stack needs 1 VPCs; the account uses 5 of 5":                                                                                                       {"quota", "--quota-code L-F678F1CE --desired-value 6"},
		"the stack needs 8 interface endpoints in the VPC; the account uses 0 of 7":                                                                             {"quota", "--service-code vpc --quota-code L-29B6F2EB --desired-value 8"},
		"RDS does not offer db.t4g.medium with mysql 8.4 in us-east-1a":                                                                                         {"database-class", "store-events:databaseInstanceClass to another class"},
		"zone us-east-1a does not offer endpoint service com.amazonaws.us-east-1.glue":                                                                          {"zones", "choose another instance type or another aws:region"},
		"zone us-east-1a does not offer instance type t3.micro":                                                                                                 {"zones", "choose another instance type or another aws:region"},
		"Lake Formation controls the access to new databases: it denies crawler, job and Athena the access, regardless of their IAM policies":                   {"lake-formation", "Use only IAM access control"},
		"the data catalog of this account and region is already encrypted with " + otherKey + ": the stack would replace this setting of another stack or team": {"catalog-encryption", "store-events:catalogEncryption to false"},
	} {
		require.Contains(t, found, what)
		require.Equal(t, want.id, found[what].ID)
		require.Equal(t, preflight.Problem, found[what].Status)
		require.Contains(t, found[what].Do, want.do)
	}

	err := preflight.CheckCatalog(t.Context(), preflight.NewClients(a.cfg))
	require.ErrorContains(t, err, "is already encrypted with "+otherKey)
	require.ErrorContains(t, err, "set store-events:catalogEncryption to false and store-events:catalogKeyArn to that key")

	t.Run("one zone can have a single instance", func(t *testing.T) {
		a.lacks(t, map[string]any{"unavailable": map[string]any{"db.t4g.micro": []string{"us-east-1a"}}})
		f := notOK(a.run(t, dev))["RDS does not offer db.t4g.micro with mysql 8.4 in us-east-1a; the instance can run only in the other zone, without a standby"]
		require.Equal(t, preflight.Warning, f.Status)
	})
	t.Run("the Free plan", func(t *testing.T) { testFreePlan(t, a, dev) })
	t.Run("another key than expected", func(t *testing.T) { testCatalogKey(t, a, dev) })
	t.Run("no such version or zone", func(t *testing.T) { testVersionAndZone(t, a, dev) })
}

func testFreePlan(t *testing.T, a *account, plan preflight.Plan) {
	t.Helper()
	a.lacks(t, map[string]any{"freePlan": true})
	defer a.lacks(t, nil)
	f := notOK(a.run(t, plan))["the account has the Free plan, with which EC2 runs only instance types eligible for the Free Tier, and not t4g.nano"]
	require.Equal(t, preflight.Problem, f.Status)
	require.Contains(t, f.Do, "upgrade the account to the paid plan")
	plan.Resources = []preflight.Resource{{Type: "aws:ec2/instance:Instance", Inputs: map[string]any{"instanceType": "t4g.micro"}}}
	found := notOK(a.run(t, plan))
	maps.DeleteFunc(found, func(_ string, f preflight.Finding) bool { return f.ID != "free-plan" })
	require.Len(t, found, 1)
	for what, f := range found {
		require.Equal(t, preflight.Warning, f.Status)
		require.Contains(t, what, "AWS closes the account when the credits are used up")
	}
}

func testCatalogKey(t *testing.T, a *account, plan preflight.Plan) {
	t.Helper()
	findings := func(key string) (n int) {
		plan.CatalogKey = key
		for _, f := range notOK(a.run(t, plan)) {
			if f.ID == "catalog-encryption" {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, findings(""))
	require.Zero(t, findings(otherKey))

	keys := kms.NewFromConfig(a.cfg)
	made, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	require.NoError(t, err)
	_, err = keys.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/catalog"), TargetKeyId: made.KeyMetadata.KeyId})
	require.NoError(t, err)
	a.encryptCatalog(t, "alias/catalog")
	require.Zero(t, findings(*made.KeyMetadata.Arn), "the alias is resolved by KMS")
	require.Equal(t, 1, findings(otherKey))
}

func (a *account) encryptCatalog(t *testing.T, key string) {
	t.Helper()
	_, err := glue.NewFromConfig(a.cfg).PutDataCatalogEncryptionSettings(t.Context(), &glue.PutDataCatalogEncryptionSettingsInput{
		DataCatalogEncryptionSettings: &gluetypes.DataCatalogEncryptionSettings{EncryptionAtRest: &gluetypes.EncryptionAtRest{
			CatalogEncryptionMode: gluetypes.CatalogEncryptionModeSsekms, SseAwsKmsKeyId: &key,
		}},
	})
	require.NoError(t, err)
}

func testVersionAndZone(t *testing.T, a *account, plan preflight.Plan) {
	t.Helper()
	plan.Zones = []string{"us-east-1a", "us-east-1x"}
	plan.Resources = []preflight.Resource{{Type: "aws:rds/instance:Instance", Inputs: map[string]any{"engine": "mysql", "engineVersion": "8.4.99", "instanceClass": "db.t4g.micro"}}}
	found := notOK(a.run(t, plan))
	require.Contains(t, found, "RDS does not offer mysql 8.4.99 in us-east-1")
	require.Contains(t, found, `store-events:availabilityZones: "us-east-1x" is not allowed: use 2 of the zones of us-east-1: us-east-1a, us-east-1b`)
}

const otherKey = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"

// addFaults adds the faults.
func (a *account) addFaults(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	_, err := glue.NewFromConfig(a.cfg).CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String("miztiik_sales_db_prod")}})
	require.NoError(t, err)
	for range 4 { // in addition to the default one
		_, err = ec2.NewFromConfig(a.cfg).CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
		require.NoError(t, err)
	}
	zone := []string{region + "a"}
	a.lacks(t, map[string]any{
		"quotas":      map[string]any{"L-29B6F2EB": 7},
		"unavailable": map[string]any{"db.t4g.medium": zone, "t3.micro": zone, "com.amazonaws." + region + ".glue": zone},
	})
	_, err = lakeformation.NewFromConfig(a.cfg).PutDataLakeSettings(ctx, &lakeformation.PutDataLakeSettingsInput{DataLakeSettings: &laketypes.DataLakeSettings{
		CreateTableDefaultPermissions: []laketypes.PrincipalPermissions{{
			Principal: &laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String("IAM_ALLOWED_PRINCIPALS")}, Permissions: []laketypes.Permission{laketypes.PermissionAll},
		}},
	}})
	require.NoError(t, err)
	a.encryptCatalog(t, otherKey)
}

// One account, with several callers.
func TestCallers(t *testing.T) {
	a := newAccount(t)
	t.Run("a role with too few permissions", func(t *testing.T) { testPermissions(t, a) })
	t.Run("a log group that AWS left behind", func(t *testing.T) { testLeftLogGroup(t, a) })
	t.Run("no credentials", func(t *testing.T) {
		stranger := *a
		stranger.cfg = awsclient.Config(region, *a.cfg.BaseEndpoint)
		report := stranger.run(t, planOf(t, "dev"))
		require.Len(t, report.Findings, 1)
		require.Equal(t, "credentials", report.Findings[0].ID)
		require.Equal(t, preflight.Problem, report.Findings[0].Status)
	})
}

// The plan of a deployed stack lacks its resources.
func TestFindingsOfNothingToCreate(t *testing.T) {
	a := newAccount(t)
	_, err := iam.NewFromConfig(a.cfg).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("reader"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}`)})
	require.NoError(t, err)
	_, err = iam.NewFromConfig(a.cfg).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("reader"), PolicyName: aws.String("read"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`),
	})
	require.NoError(t, err)
	report, err := preflight.Run(t.Context(), a.as(t, "arn:aws:iam::000000000000:role/reader"), preflight.Plan{Stack: "dev", Region: region})
	require.NoError(t, err)
	found := map[string]string{}
	for _, f := range report.Findings {
		found[f.ID] = f.What
	}
	require.Equal(t, "us-east-1a, us-east-1b are available, and the stack creates no instance or interface endpoint", found["zones"])
	require.Equal(t, "the stack creates no resources", found["permissions"])
	require.Equal(t, "the stack creates no database", found["database-version"])
	require.Equal(t, "the stack creates no database", found["database-class"])
}

// The permissions of the caller's role are simulated, with its path.
func testPermissions(t *testing.T, a *account) {
	t.Helper()
	client := iam.NewFromConfig(a.cfg)
	out, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("deployer"), Path: aws.String("/teams/"), AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}`),
	})
	require.NoError(t, err)
	grant := func(statements string) map[string]preflight.Finding {
		_, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("deployer"), PolicyName: aws.String("deploy"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`),
		})
		require.NoError(t, err)
		report, err := preflight.Run(t.Context(), a.as(t, *out.Role.Arn), planOf(t, "dev"))
		require.NoError(t, err)
		return notOK(report)
	}
	require.Empty(t, grant(`{"Effect":"Allow","Action":"*","Resource":"*"}`))
	found := grant(`{"Effect":"Allow","NotAction":["rds:CreateDBInstance","glue:GetDatabase","budgets:ViewBudget"],"Resource":"*"},{"Effect":"Deny","Action":"kms:CreateKey","Resource":"*"}`)
	require.Equal(t, preflight.Problem, found["no policy allows "+*out.Role.Arn+" on all resources: budgets:ViewBudget, glue:GetDatabase, rds:CreateDBInstance"].Status)
	require.Equal(t, preflight.Problem, found["a policy denies "+*out.Role.Arn+": kms:CreateKey"].Status)
	require.Len(t, found, 4)
	for what, f := range found { // a read of the account that the role may not do
		if f.Status == preflight.Unknown {
			require.Equal(t, "name-taken", f.ID)
			require.Contains(t, what, "glue:GetDatabase")
			require.Contains(t, f.Do, "allow the caller to read this")
		}
		if f.ID == "budget" {
			require.Equal(t, preflight.Problem, f.Status)
			require.Contains(t, what, "no policy allows the caller to see budget ")
			require.Regexp(t, "^allow budgets:ViewBudget; if it is allowed, the account has no budgets: ", f.Do)
			require.Contains(t, f.Do, "store-events:monthlyBudgetUsd to 0")
		}
	}
}

// A log group that AWS creates after a teardown makes the next update fail.
func testLeftLogGroup(t *testing.T, a *account) {
	t.Helper()
	plan := preflight.Plan{Stack: "dev", Region: region, Resources: []preflight.Resource{{Type: "aws:cloudwatch/logGroup:LogGroup", Inputs: map[string]any{"name": "/aws/left"}}}}
	create := func(name string) {
		_, err := cloudwatchlogs.NewFromConfig(a.cfg).CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
		require.NoError(t, err)
	}
	create("/aws/left-and-longer")
	require.Empty(t, notOK(a.run(t, plan)))
	create("/aws/left")
	f := notOK(a.run(t, plan))["log group /aws/left exists already"]
	require.Contains(t, f.Do, "`aws logs delete-log-group --log-group-name /aws/left`")
}
