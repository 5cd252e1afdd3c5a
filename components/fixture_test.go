package components

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	keyArn  = "arn:aws:kms:eu-west-1:123456789012:key/1"
	events  = "arn:aws:s3:::events-bucket"
)

// environment returns an environment that does not protect data.
func environment() Environment {
	return Environment{
		Common:  config.Default().Common,
		Account: account, Region: region, Partition: "aws", Zones: []string{region + "a", region + "b"},
	}
}

func protected() Environment {
	e := environment()
	e.ProtectData = true
	return e
}

// settings returns the default settings of a stack named test.
func settings(t testing.TB) config.Config {
	t.Helper()
	c, err := config.Load("test", config.Map{})
	require.NoError(t, err)
	return c
}

// recorded holds the resources that a component registers.
type recorded struct {
	t testing.TB
	*pulumitest.Recorder
}

// record runs build, whose component has the name "test", and keeps its outputs.
func record[C pulumi.ComponentResource](t testing.TB, build func(ctx *pulumi.Context) (C, error)) recorded {
	t.Helper()
	r := recorded{t, pulumitest.New()}
	require.NoError(t, r.Run("test", nil, func(ctx *pulumi.Context) error {
		c, err := build(ctx)
		if err == nil {
			r.Keep(ctx, outputs(c))
		}
		return err
	}))
	return r
}

// all returns the resources of a type, such as aws:ec2/subnet:Subnet.
func (r recorded) all(kind string) []pulumitest.Resource {
	return pulumitest.OfType(r.Resources, kind)
}

// one returns the only resource of a type; with a role, the only one named test-<role>.
func (r recorded) one(kind, role string) pulumitest.Resource {
	r.t.Helper()
	var found []pulumitest.Resource
	for _, res := range r.all(kind) {
		if role == "" || res.Name == "test-"+role {
			found = append(found, res)
		}
	}
	require.Len(r.t, found, 1, "%s named test-%s", kind, role)
	return found[0]
}

type policyStatement struct {
	Sid, Effect      string
	Principal        any
	Action, Resource []string
	Condition        map[string]map[string]any
}

// statements returns the statements of a policy document by their IDs.
func statements(t testing.TB, document any) map[string]policyStatement {
	t.Helper()
	var policy struct{ Statement []policyStatement }
	require.NoError(t, json.Unmarshal([]byte(document.(string)), &policy))
	all := map[string]policyStatement{}
	for _, s := range policy.Statement {
		all[s.Sid] = s
	}
	require.Len(t, all, len(policy.Statement), "each has its own id")
	return all
}

// role returns the statements of a role's policy.
func (r recorded) role(name string) map[string]policyStatement {
	r.t.Helper()
	policy := r.one("aws:iam/rolePolicy:RolePolicy", name+"-policy")
	require.Equal(r.t, "test-"+name, policy.Get(r.t, "role"))
	return statements(r.t, policy.Get(r.t, "policy"))
}

// through returns a condition that allows only requests through these services.
func through(services ...string) map[string]map[string]any {
	var via []any
	for _, service := range services {
		via = append(via, service+"."+region+".amazonaws.com")
	}
	return map[string]map[string]any{"StringEquals": {"kms:ViaService": via}}
}

func id(v string) pulumi.IDOutput { return pulumi.ID(v).ToIDOutput() }

// marker is a resource that others can depend on.
type marker struct{ pulumi.CustomResourceState }

// ready returns an option that depends on a new resource with the given name.
func ready(ctx *pulumi.Context, name string) (pulumi.ResourceOption, error) {
	m := &marker{}
	err := ctx.RegisterResource("test:index:Marker", name, pulumi.Map{}, m)
	return after(m), err
}

// waitsForMarker reports whether a resource waits for the resource of ready.
func waitsForMarker(r pulumitest.Resource, name string) bool {
	return r.WaitsFor(pulumitest.Resource{Type: "test:index:Marker", Name: name})
}

func storageOutputs() *Storage {
	return &Storage{
		Bucket: output("events-bucket"), KeyArn: output(keyArn),
		ScriptURL: output("s3://events-bucket/scripts/job.py"), PythonURLs: list("s3://events-bucket/scripts/a.zip", "s3://events-bucket/scripts/b.zip"),
		AuthoritiesURL: output("s3://events-bucket/scripts/ca.pem"), AuthoritiesArn: output(events + "/scripts/ca.pem"),
	}
}

func networkOutputs(ctx *pulumi.Context) (*Network, error) {
	reachable, err := ready(ctx, "reachable")
	return &Network{
		VpcID: id("vpc"), AppSubnetIDs: list("app-1", "app-2"), AppZones: list(region+"a", region+"b"), DbSubnetIDs: list("db-1", "db-2"),
		SecurityGroups: SecurityGroups{Job: id("sg-job"), Consumer: id("sg-consumer"), Rotation: id("sg-rotation"), Database: id("sg-database")},
		Reachable:      reachable,
	}, err
}

func databaseOutputs(ctx *pulumi.Context) (*Database, error) {
	users, err := ready(ctx, "users")
	return &Database{
		Identifier: output("db"), Endpoint: output("db.internal:3306"), Name: output("store_events"),
		SecretArn: output("arn:master"), LoaderSecretArn: output("arn:loader"), ReaderSecretArn: output("arn:reader"),
		Rotation: output("test-rotation"), Ready: users,
	}, err
}

func catalogOutputs(c config.Catalog) *Catalog {
	return &Catalog{
		Database: output(c.Database), Crawler: output(c.CrawlerName), CuratedTable: output(CuratedTable),
		SecurityConfiguration: output("encrypted"), Settings: c,
	}
}

// starterOutputs is nil for a stack without one.
func starterOutputs(c config.Etl) *Starter {
	if !c.Triggered() {
		return nil
	}
	return &Starter{Function: output("test-starter"), Queue: output("test-starts"), DeadLetters: output("test-starts-dead")}
}

func etlOutputs(c config.Etl) *Etl { return &Etl{Job: output(c.JobName), Workflow: output("test")} }
