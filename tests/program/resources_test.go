package program

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/program/output"
)

// Counts that depend on a stack's configuration; other resources are the same in all stacks.
func TestResourcesOfEachStack(t *testing.T) {
	counts := map[string]map[string]int{
		"local": {"aws:ec2/natGateway:NatGateway": 0, "aws:ec2/vpcEndpoint:VpcEndpoint": 9, "aws:iam/role:Role": 6, "aws:ec2/instance:Instance": 1},
		"dev":   {"aws:ec2/natGateway:NatGateway": 0, "aws:ec2/vpcEndpoint:VpcEndpoint": 1, "aws:iam/role:Role": 6, "aws:ec2/instance:Instance": 2},
		"prod":  {"aws:ec2/natGateway:NatGateway": 0, "aws:ec2/vpcEndpoint:VpcEndpoint": 9, "aws:iam/role:Role": 7, "aws:ec2/instance:Instance": 1},
	}
	common := map[string]int{
		"store-events:index:Storage": 1, "store-events:index:Network": 1, "store-events:index:Database": 1,
		"store-events:index:Catalog": 1, "store-events:index:Etl": 1, "store-events:index:Producer": 1,
		"store-events:index:Consumer": 1, "store-events:index:Analytics": 1, "store-events:index:Alerts": 1,
		"aws:kms/key:Key": 1, "aws:s3/bucketV2:BucketV2": 2, "aws:s3/bucketObjectv2:BucketObjectv2": 4,
		"aws:ec2/subnet:Subnet": 6, "aws:ec2/routeTable:RouteTable": 4, "aws:ec2/flowLog:FlowLog": 1,
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": 1, "aws:rds/instance:Instance": 1,
		"aws:secretsmanager/secret:Secret": 3, "aws:glue/crawler:Crawler": 1, "aws:glue/job:Job": 1,
		"aws:glue/connection:Connection": 1, "aws:glue/workflow:Workflow": 1, "aws:glue/trigger:Trigger": 1,
		"aws:glue/catalogTable:CatalogTable": 2,
		"aws:athena/workgroup:Workgroup":     1, "aws:athena/namedQuery:NamedQuery": 5,
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

// The engine also counts the stack, and counts the providers aws and random as steps.
func TestReadmeHasTheNumberOfResources(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(projectDir, "README.md"))
	require.NoError(t, err)
	eachStack(t, func(t *testing.T, s stack) {
		n := len(s.Resources) + 1
		for _, text := range map[string][]string{
			"local": {fmt.Sprintf("%d resources, %[1]d changed", n+2)},
			"dev":   {fmt.Sprintf("%d resources)", n+2), fmt.Sprintf("stack dev: %d create", n+2)},
		}[s.name] {
			require.Contains(t, string(readme), text, n)
		}
	})
}

func TestEveryResourceBelongsToItsComponent(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, r := range s.Resources {
			require.True(t, strings.HasPrefix(r.Name, config.Namespace+"-"+s.name), r.Name)
			if strings.HasPrefix(r.Type, "store-events:") {
				require.NotContains(t, r.Parent, "store-events:index:", r.Name)
				require.NotEmpty(t, r.Inputs, "%s registers its inputs for policies", r.Type)
				continue
			}
			require.Contains(t, r.Parent, "::store-events:index:", "%s %s has no component as parent", r.Type, r.Name)
		}
	})
}

// Users' scripts read these names.
func TestOutputs(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		queries := map[string]any{}
		for _, q := range s.all("aws:athena/namedQuery:NamedQuery") {
			queries[q.Get(t, "name").(string)] = q.ID()
		}
		require.Len(t, queries, 5)
		var alarms []any
		for _, a := range s.all("aws:cloudwatch/metricAlarm:MetricAlarm") {
			alarms = append(alarms, a.Get(t, "name"))
		}
		require.ElementsMatch(t, alarms, s.Outputs[output.Alarms])
		require.Equal(t, map[string]any{
			"StoreEventsBucket":            s.one("aws:s3/bucketV2:BucketV2", "-events").Name,
			"StoreOrdersEventsProducer":    "store-events-" + s.name + "-producer",
			"StoreEventsDatabase":          "store-events-" + s.name + "-0123abcd",
			"StoreEventsDatabaseSecretArn": s.secretArn("master"),
			"LoaderSecretArn":              s.secretArn("loader"),
			"ReaderSecretArn":              s.secretArn("reader"),
			"GlueCatalogDBForStoreEvents":  "miztiik_sales_db_" + s.name,
			"SaleTransactionsCrawler":      "sale_txns_crawler_" + s.name,
			"RDSIngestorETLGlueJob":        "s3-to-rds-ingestor-" + s.name,
			"AthenaWorkgroup":              "store-events-" + s.name,
			"EtlWorkflow":                  "store-events-" + s.name,
			"CuratedTable":                 "curated_sales_txns",
			"TargetTable":                  "sales_txns_tbl",
			"DatabaseName":                 "store_events",
			"DatabaseEndpoint":             "db.internal:3306",
			"DatabaseCa":                   fmt.Sprintf("s3://%s/scripts/database-ca.pem", s.Outputs[output.Bucket]),
			"StoreEventsKeyArn":            s.ARN(s.one("aws:kms/key:Key", "")),
			"Region":                       region,
			"NamedQueries":                 queries,
			"Alarms":                       s.Outputs[output.Alarms],
			"Ec2ConsumerInstance":          s.Outputs[output.Consumer],
		}, s.Outputs)
		require.EqualValues(t, s.consumer().ID(), s.Outputs[output.Consumer])
	})
}

// A destroy of a protected stack keeps its data and the key to read it.
func TestProtectedDataIsKept(t *testing.T) {
	const s3 = "aws:s3/bucket"
	eachStack(t, func(t *testing.T, s stack) {
		prod := s.name == "prod"
		kept := []string{
			"aws:kms/key:Key", "aws:kms/alias:Alias", s3 + "V2:BucketV2", s3 + "Policy:BucketPolicy",
			s3 + "PublicAccessBlock:BucketPublicAccessBlock", s3 + "VersioningV2:BucketVersioningV2",
			s3 + "OwnershipControls:BucketOwnershipControls", s3 + "LifecycleConfigurationV2:BucketLifecycleConfigurationV2",
			s3 + "ServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		}
		for _, kind := range kept {
			require.NotEmpty(t, s.all(kind), kind)
		}
		for _, r := range s.Resources {
			if slices.Contains(kept, r.Type) {
				require.Equal(t, prod, r.Retained, r.Name)
			}
		}
		require.Equal(t, "alias/store-events-"+s.name+"-", s.one("aws:kms/alias:Alias", "").Get(t, "namePrefix"), "a retained bucket does not block a new stack")
		require.Equal(t, true, s.one("aws:athena/workgroup:Workgroup", "").Get(t, "forceDestroy"), "otherwise its history would prevent the deletion")

		db := s.one("aws:rds/instance:Instance", "")
		require.Equal(t, "store-events-"+s.name+"-0123abcd", db.Get(t, "identifier"))
		if prod {
			require.Equal(t, "store-events-prod-0123abcd-final", db.Get(t, "finalSnapshotIdentifier"))
		}
		id := s.one("random:index/randomId:RandomId", "")
		require.Equal(t, map[string]any{"database": "store_events", "user": "mystiquemaster", "key": s.Outputs[output.KeyArn]}, id.Get(t, "keepers"))
		for _, log := range []string{"error", "slowquery"} {
			require.Equal(t, "/aws/rds/instance/store-events-"+s.name+"-0123abcd/"+log, s.one("aws:cloudwatch/logGroup:LogGroup", "-"+log+"-log").Get(t, "name"))
		}
	})
}

func TestDataIsProtectedInProdOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		prod := s.name == "prod"
		db := s.one("aws:rds/instance:Instance", "")
		require.Equal(t, prod, db.Get(t, "deletionProtection"))
		require.Equal(t, prod, db.Get(t, "multiAz"))
		require.Equal(t, !prod, db.Get(t, "skipFinalSnapshot"))
		require.Equal(t, prod, db.Get(t, "finalSnapshotIdentifier") != nil)
		for _, kind := range []string{"aws:rds/instance:Instance", "aws:kms/key:Key", "aws:s3/bucketV2:BucketV2", "aws:secretsmanager/secret:Secret"} {
			for _, r := range s.all(kind) {
				require.Equal(t, prod, r.Protected, r.Name)
				require.NotEmpty(t, r.Get(t, "tags", "DataClassification"), r.Name)
			}
		}
		for _, b := range s.all("aws:s3/bucketV2:BucketV2") {
			require.Equal(t, !prod, b.Get(t, "forceDestroy"))
		}
	})
}

func TestInvalidConfigurationRegistersNothing(t *testing.T) {
	s, err := deploy("dev", config.Map{"natGateways": "7", "databaseInstanceClass": "db.huge"})
	require.ErrorContains(t, err, "store-events:natGateways: 7 is not allowed")
	require.ErrorContains(t, err, `store-events:databaseInstanceClass: "db.huge" is not allowed`)
	require.Empty(t, s.Resources)

	s, err = deploy("My_Stack", nil)
	require.ErrorContains(t, err, `stack "My_Stack"`)
	require.Empty(t, s.Resources)
}

// The language host passes all settings to the program in this variable.
func TestMisspelledSettingIsRefused(t *testing.T) {
	t.Setenv("PULUMI_CONFIG", `{"aws:region":"eu-west-1","store-events:natGateway":"1"}`)
	s, err := deploy("dev", nil)
	require.ErrorContains(t, err, "store-events:natGateway: no such setting")
	require.Empty(t, s.Resources)
}
