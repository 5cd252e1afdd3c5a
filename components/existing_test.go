package components

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
	"store-events/lambda/rotation/rotationapi"
)

// lookUp looks up what the configuration names, in a mock account.
func lookUp(t *testing.T, change func(*config.Config)) (found Existing, err error) {
	t.Helper()
	c := settings(t)
	change(&c)
	r := pulumitest.New()
	r.Functions = map[string]func(map[string]any) map[string]any{
		"aws:s3/getBucket:getBucket": func(args map[string]any) map[string]any {
			return map[string]any{"region": map[any]string{"own": region, "far": "us-west-2"}[args["bucket"]]}
		},
		"aws:ec2/getSubnet:getSubnet": func(args map[string]any) map[string]any {
			vpc, zone, _ := strings.Cut(args["id"].(string), "-")
			return map[string]any{"vpcId": vpc, "availabilityZone": zone}
		},
		"aws:ec2/getPrefixList:getPrefixList": func(args map[string]any) map[string]any {
			return map[string]any{"id": "pl-of-" + args["name"].(string)}
		},
		"aws:secretsmanager/getSecret:getSecret": func(args map[string]any) map[string]any {
			return map[string]any{"kmsKeyId": strings.TrimPrefix(args["arn"].(string), "secret:")}
		},
		"aws:kms/getAlias:getAlias": func(args map[string]any) map[string]any {
			return map[string]any{"targetKeyArn": map[any]string{"alias/own": keyArn}[args["name"]]}
		},
	}
	require.NoError(t, r.Run("test", nil, func(ctx *pulumi.Context) error {
		found, err = LookupExisting(ctx, environment(), c)
		return nil
	}))
	require.Empty(t, r.Resources)
	return found, err
}

func TestStackWithoutExistingResourcesLooksNothingUp(t *testing.T) {
	found, err := lookUp(t, func(*config.Config) {})
	require.NoError(t, err)
	require.Equal(t, Existing{}, found)
}

func TestExistingBucketMustBeInTheRegion(t *testing.T) {
	_, err := lookUp(t, func(c *config.Config) { c.Storage.ExistingBucket = "own" })
	require.NoError(t, err)
	_, err = lookUp(t, func(c *config.Config) { c.Storage.ExistingBucket = "far" })
	require.Equal(t, config.Problem{Key: "existingBucket", Value: `"far"`, Allowed: "a bucket in eu-west-1: this one is in us-west-2"}, err)
}

func TestAnExistingNetworkIsLookedUp(t *testing.T) {
	network := func(app, db []string) func(*config.Config) {
		return func(c *config.Config) {
			c.Network.VpcID, c.Network.AppSubnetIDs, c.Network.DbSubnetIDs = "vpc", app, db
		}
	}
	found, err := lookUp(t, network([]string{"vpc-b", "vpc-a"}, nil))
	require.NoError(t, err)
	require.Equal(t, Existing{Network: ExistingNetwork{AppZones: []string{"b", "a"}, S3PrefixList: "pl-of-com.amazonaws.eu-west-1.s3"}}, found)
	_, err = lookUp(t, network([]string{"vpc-a", "vpc-b"}, []string{"vpc-c", "vpc-b"}))
	require.NoError(t, err)
	for key, change := range map[string]func(*config.Config){
		"appSubnetIds": network([]string{"vpc-a", "other-b"}, nil), "dbSubnetIds": network([]string{"vpc-a", "vpc-b"}, []string{"vpc-c", "vpc-c"}),
	} {
		found, err = lookUp(t, change)
		var problem config.Problem
		require.ErrorAs(t, err, &problem)
		require.Equal(t, key, problem.Key)
		if key == "appSubnetIds" {
			require.Contains(t, problem.Value, "other-b", "the one that does not match")
		}
		require.Equal(t, Existing{}, found)
	}
}

// A key is named by its ARN, its ID or its alias. AWS managed keys need no permission.
func TestTheKeysOfExistingSecretsAreLookedUp(t *testing.T) {
	database := func(administrator, loader, reader string) []string {
		found, err := lookUp(t, func(c *config.Config) {
			c.Database.Host = "db.example.internal"
			c.Database.SecretArn, c.Database.LoaderSecretArn, c.Database.ReaderSecretArn = administrator, loader, reader
		})
		require.NoError(t, err)
		return found.Database.KeyArns
	}
	require.Equal(t, []string{keyArn}, database("secret:"+keyArn, "", ""))
	require.Equal(t, []string{"arn:aws:kms:" + region + ":" + account + ":key/1234"}, database("secret:1234", "", ""))
	require.Equal(t, []string{keyArn}, database("secret:alias/own", "secret:arn:aws:kms:"+region+":"+account+":alias/own", "secret:"+keyArn))
	require.Empty(t, database("secret:alias/aws/secretsmanager", "secret:arn:aws:kms:"+region+":"+account+":alias/aws/secretsmanager", ""))
	require.Empty(t, database("secret:", "", ""))
	require.Equal(t, []string{"arn:1", "arn:2"}, database("", "secret:arn:2", "secret:arn:1"), "in the same order each time")
}

func TestTheKeyOfTheLineageSecretIsLookedUp(t *testing.T) {
	for secret, want := range map[string]string{"secret:" + keyArn: keyArn, "secret:alias/own": keyArn, "secret:": ""} {
		found, err := lookUp(t, func(c *config.Config) { c.Etl.LineageSecretARN = secret })
		require.NoError(t, err)
		require.Equal(t, Existing{LineageKeyArn: want}, found)
	}
}

func existingNetwork(t *testing.T, database config.Database, change func(*config.Network)) recorded {
	t.Helper()
	s := config.Network{VpcID: "vpc-1", AppSubnetIDs: []string{"subnet-1", "subnet-2"}}
	if change != nil {
		change(&s)
	}
	return record(t, func(ctx *pulumi.Context) (*Network, error) {
		n, err := NewNetwork(ctx, "test", &NetworkArgs{
			Environment: environment(), Settings: s, Existing: ExistingNetwork{AppZones: []string{"a", "b"}, S3PrefixList: "pl-region"},
			Storage: storageOutputs(), Database: database,
		})
		if err != nil {
			return nil, err
		}
		return n, ctx.RegisterResource("test:index:Client", "client", pulumi.Map{}, &marker{}, n.Reachable)
	})
}

// An existing VPC gets security groups with the rules that its settings require.
func TestSecurityGroupsOfAnExistingNetwork(t *testing.T) {
	own := settings(t).Database
	byGroup, byBlock := own, own
	byGroup.Host, byGroup.GroupID = "db.example.internal", "sg-db"
	byBlock.Host, byBlock.Cidr, byBlock.Port = "db.example.internal", "10.20.0.0/24", 3307
	endpoints := func(s *config.Network) { s.EndpointGroupID = "sg-endpoints" }
	each := func(to string) []string {
		return []string{"job -> " + to, "consumer -> " + to, "rotation -> " + to}
	}
	for name, tc := range map[string]struct {
		database config.Database
		change   func(*config.Network)
		both     []string // Rules of both groups.
		leaving  []string
		groups   int
	}{
		"routes":                {own, nil, each("database 3306-3306"), each("0.0.0.0/0 443-443"), 4},
		"endpoints":             {own, endpoints, append(each("database 3306-3306"), each("sg-endpoints 443-443")...), nil, 4},
		"a database's group":    {byGroup, endpoints, append(each("sg-db 3306-3306"), each("sg-endpoints 443-443")...), nil, 3},
		"a database's block":    {byBlock, endpoints, each("sg-endpoints 443-443"), each("10.20.0.0/24 3307-3307"), 3},
		"a block, and no group": {byBlock, nil, nil, append(each("10.20.0.0/24 3307-3307"), each("0.0.0.0/0 443-443")...), 3},
	} {
		r := existingNetwork(t, tc.database, tc.change)
		both := append([]string{"job -> job 0-65535"}, tc.both...)
		client := r.all("test:index:Client")[0]
		var in, out []string
		for _, rule := range r.all(ingressType) {
			in = append(in, edge(t, rule, peer(t, rule), group(rule.Get(t, "securityGroupId"))))
			require.True(t, client.WaitsFor(rule), rule.Name)
		}
		for _, rule := range r.all(egressType) {
			out = append(out, edge(t, rule, group(rule.Get(t, "securityGroupId")), peer(t, rule)))
			require.True(t, client.WaitsFor(rule), rule.Name)
			require.Contains(t, rule.Parent, "store-events:index:Network::test")
		}
		require.ElementsMatch(t, both, in, name)
		require.ElementsMatch(t, append(append(each("pl-region 443-443"), both...), tc.leaving...), out, name)
		require.Len(t, r.all("aws:ec2/securityGroup:SecurityGroup"), tc.groups, name)
		for _, g := range r.all("aws:ec2/securityGroup:SecurityGroup") {
			require.Equal(t, "vpc-1", g.Get(t, "vpcId"))
		}
		for _, kind := range []string{"aws:ec2/vpc:Vpc", subnetType, endpointType, "aws:ec2/route:Route"} {
			require.Empty(t, r.all(kind), name)
		}
	}
	r := existingNetwork(t, own, nil)
	require.Equal(t, map[string]any{"vpcId": "vpc-1"}, r.one("store-events:index:Network", "").Inputs)
	app := []any{"subnet-1", "subnet-2"}
	require.Equal(t, map[string]any{"vpcId": "vpc-1", "appSubnetIds": app, "appZones": []any{"a", "b"}, "dbSubnetIds": app}, r.Outputs)
	r = existingNetwork(t, own, func(s *config.Network) { s.DbSubnetIDs = []string{"subnet-3"} })
	require.Equal(t, []any{"subnet-3"}, r.Outputs["dbSubnetIds"])
}

func TestAnExistingBucketIsNotChanged(t *testing.T) {
	s := settings(t).Storage
	s.ExistingBucket = "own"
	r := buildStorage(t, environment(), s)
	require.Equal(t, map[string]any{"bucketName": "", "protectData": false, "existingBucket": "own"}, r.one("store-events:index:Storage", "").Inputs)
	require.Equal(t, "own", r.Outputs["bucket"])
	for _, res := range r.Resources {
		require.True(t, !strings.HasPrefix(res.Type, bucketParts) || res.Type == bucketParts+"Objectv2:BucketObjectv2", res.Type)
	}
	own := &Storage{KeyArn: output(keyArn)}
	require.Len(t, own.keys(), 1)
	own.settings.ExistingBucketKeyArn = "arn:other"
	require.Len(t, own.keys(), 2, "and the bucket's key")
}

// existingDatabase builds a Database on a server whose users have the stack's name.
func existingDatabase(t *testing.T, change func(*config.Database)) recorded {
	t.Helper()
	s := settings(t).Database
	s.Host, s.Port = "db.example.internal", 3307
	change(&s)
	r := recorded{t, pulumitest.New()}
	require.NoError(t, r.Run("feature-12", nil, func(ctx *pulumi.Context) error {
		network, err := networkOutputs(ctx)
		if err != nil {
			return err
		}
		d, err := NewDatabase(ctx, "test", &DatabaseArgs{
			Environment: environment(), Settings: s, Storage: storageOutputs(), Network: network, TargetTable: "sales", RotationZip: "bin/rotation.zip",
			Existing: ExistingDatabase{KeyArns: []string{"arn:key-of-secrets"}}, Connections: 20,
		})
		if err != nil {
			return err
		}
		r.Keep(ctx, outputs(d))
		return ctx.RegisterResource("test:index:Client", "client", pulumi.Map{}, &marker{}, d.Ready)
	}))
	return r
}

// input is the event of an invocation.
func input(t *testing.T, call pulumitest.Resource) (event map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(call.Get(t, "input").(string)), &event))
	return event
}

func checkOf(secret string) map[string]any {
	return map[string]any{
		"Step": rotationapi.CheckDatabase, "SecretId": secret, "Connections": 20.0,
		"Facts": map[string]any{"host": "db.example.internal", "port": 3307.0, "dbname": "store_events"},
	}
}

func TestAdministratorCreatesTheUsersOfAnExistingServer(t *testing.T) {
	r := existingDatabase(t, func(s *config.Database) { s.SecretArn = "arn:admin" })
	function, check := r.one(functionType, "rotation"), r.one(invocationType, "server-check")
	require.Equal(t, checkOf("arn:admin"), input(t, check))
	require.Equal(t, function.Get(t, "name"), check.Get(t, "functionName"))
	require.Equal(t, map[string]any{"code": "hash-of-test-rotation"}, check.Get(t, "triggers"), "a new version of the function checks again")
	require.Contains(t, check.Parent, "store-events:index:Database::test")
	client := r.all("test:index:Client")[0]
	for label, name := range map[string]string{"loader": "se_feature_12_load", "reader": "se_feature_12_read"} {
		made, secret := r.one(invocationType, label+"-user"), r.one(secretType, label+"-login")
		require.Equal(t, map[string]any{"Step": rotationapi.CreateUser, "SecretId": r.ARN(secret), "Facts": map[string]any{
			"engine": "mysql", "host": "db.example.internal", "port": 3307.0, "username": name, "dbname": "store_events", "masterarn": "arn:admin",
		}}, input(t, made))
		require.Equal(t, "db.example.internal:3307", made.Get(t, "triggers", "database"))
		require.True(t, made.WaitsFor(check), "users are created only on a server that passes the check")
		require.True(t, client.WaitsFor(made))
		require.True(t, r.one(rotationType, label+"-rotation").WaitsFor(made))
		require.Contains(t, made.Get(t, "triggers", "grants"), name)
	}
	require.True(t, client.WaitsFor(check))
	require.Len(t, r.all(rotationType), 2, "the administrator's password is not rotated")
	require.Len(t, r.all(secretType), 2)
	require.Empty(t, r.all(instanceType))
	policy := r.role("rotation")
	require.Equal(t, []string{r.ARN(r.one(secretType, "loader-login")), r.ARN(r.one(secretType, "reader-login"))}, policy["RotateLogins"].Resource)
	require.Equal(t, []string{"arn:admin"}, policy["ReadExistingLogins"].Resource)
	require.Equal(t, []string{"secretsmanager:GetSecretValue"}, policy["ReadExistingLogins"].Action)
	require.Equal(t, []string{keyArn}, policy["UseKey"].Resource)
	require.Equal(t, []string{"arn:key-of-secrets"}, policy["DecryptExistingSecrets"].Resource)
	require.Equal(t, map[string]any{"host": "db.example.internal", "database": "store_events"}, r.one("store-events:index:Database", "").Inputs)
	require.Equal(t, map[string]any{
		"identifier": "db.example.internal", "endpoint": "db.example.internal:3307", "name": "store_events", "secretArn": "arn:admin",
		"loaderSecretArn": r.ARN(r.one(secretType, "loader-login")), "readerSecretArn": r.ARN(r.one(secretType, "reader-login")), "rotation": "test-rotation",
	}, r.Outputs)
}

// Existing users are checked, and their passwords are not changed.
func TestUsersOfAnExistingServerAreChecked(t *testing.T) {
	r := existingDatabase(t, func(s *config.Database) { s.LoaderSecretArn, s.ReaderSecretArn = "arn:load", "arn:read" })
	var expected map[string]map[string]any
	require.NoError(t, json.Unmarshal([]byte(expectedGrants), &expected))
	client := r.all("test:index:Client")[0]
	require.Len(t, r.all(invocationType), 2)
	for label, secret := range map[string]string{"loader": "arn:load", "reader": "arn:read"} {
		check := r.one(invocationType, label+"-check")
		want := checkOf(secret)
		want["Grants"] = expected["store_events_"+label]
		require.Equal(t, fmt.Sprint(want), fmt.Sprint(input(t, check)))
		require.True(t, client.WaitsFor(check))
	}
	require.Empty(t, r.all(rotationType))
	require.Empty(t, r.all(secretType))
	policy := r.role("rotation")
	require.NotContains(t, policy, "RotateLogins")
	require.Equal(t, []string{"arn:load", "arn:read"}, policy["ReadExistingLogins"].Resource)
	require.Equal(t, map[string]any{
		"identifier": "db.example.internal", "endpoint": "db.example.internal:3307", "name": "store_events", "secretArn": "",
		"loaderSecretArn": "arn:load", "readerSecretArn": "arn:read", "rotation": "test-rotation",
	}, r.Outputs)
}
