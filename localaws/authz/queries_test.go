package authz

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// A request names a saved query by its ID. IAM checks the workgroup of the query.
func TestSavedQueryIsCheckedByWorkgroup(t *testing.T) {
	w := newWorld(t)
	client := athena.NewFromConfig(w.config)
	saved := map[string]*string{}
	for _, workgroup := range []string{"own", "other"} {
		out, err := client.CreateNamedQuery(t.Context(), &athena.CreateNamedQueryInput{
			Name: aws.String("q"), Database: aws.String("d"), QueryString: aws.String("select 1"), WorkGroup: aws.String(workgroup),
		})
		require.NoError(t, err)
		saved[workgroup] = out.NamedQueryId
	}
	ctx := w.role(t, "analyst", `{"Effect":"Allow","Action":["athena:GetNamedQuery","athena:DeleteNamedQuery"],"Resource":"arn:aws:athena:*:*:workgroup/own"}`)
	_, err := client.GetNamedQuery(ctx, &athena.GetNamedQueryInput{NamedQueryId: saved["own"]})
	require.NoError(t, err)
	_, err = client.DeleteNamedQuery(ctx, &athena.DeleteNamedQueryInput{NamedQueryId: saved["other"]})
	requireDenied(t, err, "AccessDeniedException", "athena:DeleteNamedQuery on resource: arn:aws:athena:us-east-1:000000000000:workgroup/other")
	for _, id := range saved {
		_, err = client.DeleteNamedQuery(t.Context(), &athena.DeleteNamedQueryInput{NamedQueryId: id})
		require.NoError(t, err)
	}
}

// IAM checks the workgroup of an execution as well.
func TestExecutionIsCheckedByWorkgroup(t *testing.T) {
	w := newWorld(t)
	client := athena.NewFromConfig(w.config)
	_, err := w.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("query-results")})
	require.NoError(t, err)
	started := map[string]*string{}
	for _, workgroup := range []string{"ours", "theirs"} {
		_, err := client.CreateWorkGroup(t.Context(), &athena.CreateWorkGroupInput{Name: &workgroup})
		require.NoError(t, err)
		out, err := client.StartQueryExecution(t.Context(), &athena.StartQueryExecutionInput{
			QueryString: aws.String("select 1"), WorkGroup: &workgroup,
			ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://query-results/")},
		})
		require.NoError(t, err)
		started[workgroup] = out.QueryExecutionId
	}
	ctx := w.role(t, "querier", `{"Effect":"Allow","Action":["athena:GetQueryExecution","athena:StopQueryExecution"],"Resource":"arn:aws:athena:*:*:workgroup/ours"}`)
	_, err = client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: started["ours"]})
	require.NoError(t, err)
	_, err = client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: started["theirs"]})
	requireDenied(t, err, "AccessDeniedException", "athena:StopQueryExecution on resource: arn:aws:athena:us-east-1:000000000000:workgroup/theirs")
}
