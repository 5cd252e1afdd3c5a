package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"store-events/program/output"
	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
)

// fixedNames deploys the resources that once had a fixed name, so that a second stack in
// the account cannot have them. It deploys only these and the roles.
func (r *recorded) fixedNames(t *testing.T) {
	t.Helper()
	second, err := recording.Record(r.project, "dev", recording.Settings{
		"store-events:databasePort": r.dbPort, "store-events:databaseCaFile": daemon.DatabaseCA(r.state),
		"store-events:catalogDatabase": r.outputs[output.CatalogDatabase], "store-events:crawlerName": r.outputs[output.Crawler],
		"store-events:jobName": r.outputs[output.Job],
	})
	require.NoError(t, err)
	for _, c := range []struct{ name, resourceType, role, code, cause string }{
		{"database", "aws:glue/catalogDatabase:CatalogDatabase", "", "AlreadyExistsException", r.outputs[output.CatalogDatabase].(string)},
		{"crawler", crawler, "crawler", "AlreadyExistsException", r.outputs[output.Crawler].(string)},
		// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
		{"job", glueJob, "job", "IdempotentParameterMismatchException", r.outputs[output.Job].(string)},
	} {
		t.Run("the fixed name of the "+c.name+" in two stacks", func(t *testing.T) {
			p := second
			p.Outputs = nil
			p.Resources = nil
			for _, resource := range second.Resources {
				switch {
				case resource.Type == role && strings.HasSuffix(resource.Name, "-"+c.role), resource.Type == "aws:s3/bucketV2:BucketV2":
				case resource.Type == c.resourceType:
					resource.Props = bare(resource.Props)
					resource.Needs = nil
				default:
					continue
				}
				p.Resources = append(p.Resources, resource)
			}
			_, err := r.deploy(t, p)
			require.ErrorContains(t, err, c.code)
			require.ErrorContains(t, err, c.cause)
		})
	}
}

// bare omits references to resources that are not deployed.
func bare(props map[string]any) map[string]any {
	kept := map[string]any{}
	for name, v := range props {
		if !slices.Contains([]string{"securityConfiguration", "connections", "defaultArguments"}, name) {
			kept[name] = v
		}
	}
	return kept
}

// snapshotTaken destroys a stack whose final snapshot has a fixed name twice: the
// second time the snapshot exists already.
func (r *recorded) snapshotTaken(t *testing.T) {
	t.Helper()
	_, err := rds.NewFromConfig(r.config(r.outputs)).CreateDBSnapshot(t.Context(), &rds.CreateDBSnapshotInput{
		DBInstanceIdentifier: aws.String(r.outputs[output.Database].(string)), DBSnapshotIdentifier: aws.String(fixedSnapshot),
	})
	require.NoError(t, err)
	p := r.changed(t,
		mutation.Alter(database, "instance", "skipFinalSnapshot", to(false)),
		mutation.Alter(database, "instance", "finalSnapshotIdentifier", to(fixedSnapshot)))
	_, err = r.deploy(t, p)
	require.NoError(t, err)
	_, err = r.open(t, p).Destroy(t.Context())
	require.ErrorContains(t, err, "DBSnapshotAlreadyExists")
	require.ErrorContains(t, err, fixedSnapshot)
}
