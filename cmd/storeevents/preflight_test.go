package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy"
	"store-events/preflight"
)

// Resources that the stack already has are not checked again.
func TestPlanOmitsExistingResources(t *testing.T) {
	dir := projectWith(t)
	settings := "config:\n  aws:region: eu-west-1\n  store-events:natGateways: \"1\"\n  store-events:availabilityZones: [eu-west-1a, eu-west-1b]\n  store-events:catalogKeyArn: arn:aws:kms:eu-west-1:000000000000:key/a\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte(settings), 0o600))
	a := &app{project: dir, stack: "dev"}
	job := map[string]any{"name": "job"}
	planned := []deploy.Planned{
		{URN: "u:job", Type: "aws:glue/job:Job", Name: "job", Inputs: job},
		{URN: "u:vpc", Type: "aws:ec2/vpc:Vpc", Name: "vpc"},
		{URN: "u:id", Type: "random:index/randomId:RandomId", Name: "id"},
	}
	first, err := a.planOf(planned, nil)
	require.NoError(t, err)
	require.Equal(t, preflight.Plan{
		Stack: "dev", Region: "eu-west-1", Zones: []string{"eu-west-1a", "eu-west-1b"}, CatalogKey: "arn:aws:kms:eu-west-1:000000000000:key/a",
		Resources: []preflight.Resource{{Type: "aws:glue/job:Job", Inputs: job}, {Type: "aws:ec2/vpc:Vpc"}},
	}, first)

	subnet := func(zone string) deploy.DeployedResource {
		return deploy.DeployedResource{URN: "u:subnet-" + zone, Type: "aws:ec2/subnet:Subnet", Outputs: map[string]any{"availabilityZone": zone}}
	}
	later, err := a.planOf(planned, []deploy.DeployedResource{
		{URN: "u:vpc", Type: "aws:ec2/vpc:Vpc"}, subnet("eu-west-1c"), subnet("eu-west-1b"), subnet("eu-west-1c"),
		{URN: "u:catalog", Type: "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"},
	})
	require.NoError(t, err)
	require.Equal(t, first.Resources[:1], later.Resources)
	require.Equal(t, []string{"eu-west-1b", "eu-west-1c"}, later.Zones)
	require.True(t, later.OwnsCatalog)
}

func TestPlanIncludesTheExistingDatabase(t *testing.T) {
	dir := projectWith(t)
	const loader, reader = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:loader-AbCd12", "arn:aws:secretsmanager:eu-west-1:000000000000:secret:reader-AbCd12"
	settings := "config:\n  aws:region: eu-west-1\n  store-events:databaseHost: db.example.com\n  store-events:databaseName: warehouse\n  store-events:databaseCidr: 10.20.0.0/24\n" +
		"  store-events:databaseLoaderSecretArn: " + loader + "\n  store-events:databaseReaderSecretArn: " + reader + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte(settings), 0o600))
	a := &app{project: dir, stack: "dev"}
	plan, err := a.planOf(nil, nil)
	require.NoError(t, err)
	require.Equal(t, "db.example.com:3306 warehouse 10.20.0.0/24", fmt.Sprintf("%s:%d %s %s", plan.Server.Host, plan.Server.Port, plan.Server.Name, plan.Server.Cidr))
	require.Equal(t, map[string]string{"databaseLoaderSecretArn": loader, "databaseReaderSecretArn": reader}, plan.Server.Users)
	require.Empty(t, plan.Server.Administrator)
	require.Positive(t, plan.Server.Connections)
}
