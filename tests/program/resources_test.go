package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

// Counts that follow from a stack's configuration; the rest is the same in all.
func TestResourcesOfEachStack(t *testing.T) {
	counts := map[string]map[string]int{
		"local": {"aws:ec2/natGateway:NatGateway": 0, "aws:ec2/vpcEndpoint:VpcEndpoint": 9, "aws:iam/role:Role": 6},
		"dev":   {"aws:ec2/natGateway:NatGateway": 1, "aws:ec2/vpcEndpoint:VpcEndpoint": 1, "aws:iam/role:Role": 6},
		"prod":  {"aws:ec2/natGateway:NatGateway": 0, "aws:ec2/vpcEndpoint:VpcEndpoint": 9, "aws:iam/role:Role": 7},
	}
	common := map[string]int{
		"store-events:index:Storage": 1, "store-events:index:Network": 1, "store-events:index:Database": 1,
		"store-events:index:Catalog": 1, "store-events:index:Etl": 1, "store-events:index:Producer": 1,
		"store-events:index:Consumer": 1, "store-events:index:Analytics": 1, "store-events:index:Alerts": 1,
		"aws:kms/key:Key": 1, "aws:s3/bucketV2:BucketV2": 2, "aws:s3/bucketObjectv2:BucketObjectv2": 4,
		"aws:ec2/subnet:Subnet": 6, "aws:ec2/routeTable:RouteTable": 4, "aws:ec2/flowLog:FlowLog": 1,
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 1, "aws:rds/instance:Instance": 1,
		"aws:secretsmanager/secret:Secret": 3, "aws:glue/crawler:Crawler": 1, "aws:glue/job:Job": 1,
		"aws:glue/connection:Connection": 1, "aws:glue/workflow:Workflow": 1, "aws:glue/trigger:Trigger": 2,
		"aws:glue/catalogTable:CatalogTable": 1, "aws:ec2/instance:Instance": 1,
		"aws:athena/workgroup:Workgroup": 1, "aws:athena/namedQuery:NamedQuery": 4,
	}
	eachStack(t, func(t *testing.T, s stack) {
		for kind, n := range common {
			require.Len(t, s.all(kind), n, kind)
		}
		for kind, n := range counts[s.name] {
			require.Len(t, s.all(kind), n, kind)
		}
	})
}

// The engine counts the stack itself too, and as a step also the providers of aws and random.
func TestTheReadmeCountsTheResources(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(projectDir, "README.md"))
	require.NoError(t, err)
	eachStack(t, func(t *testing.T, s stack) {
		n := len(s.resources) + 1
		for _, said := range map[string][]string{
			"local": {fmt.Sprintf("%d resources, %[1]d changed", n+2)},
			"dev":   {fmt.Sprintf("+ %d to create", n), fmt.Sprintf("%d resources)", n+2), fmt.Sprintf("stack dev: %d create", n+2)},
		}[s.name] {
			require.Contains(t, string(readme), said)
		}
	})
}

func TestEveryResourceBelongsToItsComponent(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.resources {
			require.True(t, strings.HasPrefix(r.Name, config.Namespace+"-"+s.name), r.Name)
			if strings.HasPrefix(r.Type, "store-events:") {
				require.NotContains(t, r.Parent, "store-events:index:", r.Name)
				require.NotEmpty(t, r.Inputs, "%s shows its inputs to policies", r.Type)
				continue
			}
			require.Contains(t, r.Parent, "::store-events:index:", "%s %s has no component as parent", r.Type, r.Name)
		}
	})
}

func TestOutputs(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		queries := map[string]string{}
		for _, q := range s.all("aws:athena/namedQuery:NamedQuery") {
			queries[q.get(t, "name").(string)] = id(q)
		}
		require.Len(t, queries, 4)
		require.Equal(t, map[string]any{
			"StoreEventsBucket":            s.one("aws:s3/bucketV2:BucketV2", "-events").Name,
			"StoreOrdersEventsProducer":    "store-events-" + s.name + "-producer",
			"StoreEventsDatabase":          "store-events-" + s.name,
			"StoreEventsDatabaseSecretArn": s.secretArn("master"),
			"LoaderSecretArn":              s.secretArn("loader"),
			"ReaderSecretArn":              s.secretArn("reader"),
			"GlueCatalogDBForStoreEvents":  "miztiik_sales_db",
			"SaleTransactionsCrawler":      "sale_txns_crawler",
			"RDSIngestorETLGlueJob":        "s3-to-rds-ingestor",
			"AthenaWorkgroup":              "store-events-" + s.name,
			"EtlWorkflow":                  "store-events-" + s.name,
			"CuratedTable":                 "curated_sales_txns",
			"TargetTable":                  "sales_txns_tbl",
			"DatabaseName":                 "store_events",
			"DatabaseEndpoint":             "db.internal:3306",
			"DatabaseCa":                   fmt.Sprintf("s3://%s/scripts/database-ca.pem", s.outputs["StoreEventsBucket"]),
			"Region":                       region,
			"NamedQueries":                 queries,
			"Ec2ConsumerInstance":          s.outputs["Ec2ConsumerInstance"],
		}, s.outputs)
		require.EqualValues(t, id(s.one("aws:ec2/instance:Instance", "-consumer")), s.outputs["Ec2ConsumerInstance"])
	})
}

func TestDataIsProtectedInProdOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		prod := s.name == "prod"
		db := s.one("aws:rds/instance:Instance", "")
		require.Equal(t, prod, db.get(t, "deletionProtection"))
		require.Equal(t, prod, db.get(t, "multiAz"))
		require.Equal(t, !prod, db.get(t, "skipFinalSnapshot"))
		require.Equal(t, prod, db.get(t, "finalSnapshotIdentifier") != nil)
		for _, kind := range []string{"aws:rds/instance:Instance", "aws:kms/key:Key", "aws:s3/bucketV2:BucketV2", "aws:secretsmanager/secret:Secret"} {
			for _, r := range s.all(kind) {
				require.Equal(t, prod, r.Protected, r.Name)
				require.NotEmpty(t, r.get(t, "tags", "DataClassification"), r.Name)
			}
		}
		for _, b := range s.all("aws:s3/bucketV2:BucketV2") {
			require.Equal(t, !prod, b.get(t, "forceDestroy"))
		}
	})
}

func TestBadConfigurationRegistersNothing(t *testing.T) {
	s, err := deploy("dev", config.Map{"natGateways": "7", "databaseInstanceClass": "db.huge"})
	require.ErrorContains(t, err, "store-events:natGateways: 7 is not allowed")
	require.ErrorContains(t, err, `store-events:databaseInstanceClass: "db.huge" is not allowed`)
	require.Empty(t, s.resources)

	s, err = deploy("My_Stack", nil)
	require.ErrorContains(t, err, `stack "My_Stack"`)
	require.Empty(t, s.resources)
}

// The language host hands all settings to the program in this variable.
func TestMisspeltSettingIsRefused(t *testing.T) {
	t.Setenv("PULUMI_CONFIG", `{"aws:region":"eu-west-1","store-events:natGateway":"1"}`)
	s, err := deploy("dev", nil)
	require.ErrorContains(t, err, "store-events:natGateway: no such setting")
	require.Empty(t, s.resources)
}
