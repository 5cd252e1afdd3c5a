package authz

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/iam/audit"
	"localaws/iam/services"
)

func TestGlueActsAsTheRolesOfCrawlersAndJobs(t *testing.T) {
	w := newWorld(t)
	_, err := w.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("crawled")})
	require.NoError(t, err)
	may := `{"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation","glue:GetTable","glue:CreateTable","glue:UpdateTable","glue:Batch*"],"Resource":"*"}`
	w.role(t, "crawler", may)
	c := services.Crawler{Database: "db", Targets: []string{"s3://crawled/in/"}, PartitionIndexes: true}
	_, err = w.authorizer.Crawl(t.Context(), "crawler", c)
	var denied *DeniedError
	require.ErrorAs(t, err, &denied)
	require.ErrorContains(t, err, "User: arn:aws:sts::000000000000:assumed-role/crawler/AWS-Crawler is not authorized to perform: glue:CreatePartitionIndex")

	c.PartitionIndexes = false
	ctx, err := w.authorizer.Crawl(t.Context(), "crawler", c)
	require.NoError(t, err)
	_, err = w.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("crawled")})
	require.NoError(t, err)
	_, err = w.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("crawled"), Key: aws.String("in/a")})
	requireDenied(t, err, "AccessDenied", "s3:GetObject")

	w.role(t, "loader", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`)
	ctx, err = w.authorizer.JobStart(t.Context(), JobRun{Job: "load", Role: "arn:aws:iam::000000000000:role/jobs/loader"})
	require.NoError(t, err)
	_, err = w.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("crawled")})
	requireDenied(t, err, "AccessDenied", "assumed-role/loader/GlueJobRunnerSession")
	_, err = w.authorizer.JobStart(t.Context(), JobRun{Job: "load", Role: "nobody"})
	require.ErrorContains(t, err, "sts:AssumeRole")

	require.NoError(t, w.client.json(t.Context(), "glue", "AWSGlue.CreateConnection", map[string]any{"ConnectionInput": map[string]any{
		"Name": "db", "ConnectionType": "NETWORK", "ConnectionProperties": map[string]string{},
		"PhysicalConnectionRequirements": map[string]any{"SubnetId": "subnet-1", "SecurityGroupIdList": []string{"sg-1"}},
	}}, &struct{}{}))
	run := JobRun{Job: "load", Role: "loader", Connections: []string{"db"}}
	_, err = w.authorizer.JobStart(t.Context(), run)
	require.ErrorContains(t, err, "glue:GetConnection")
	w.grant(t, "loader", `{"Effect":"Allow","Action":["glue:*","ec2:*"],"Resource":"*"}`)
	_, err = w.authorizer.JobStart(t.Context(), run)
	require.ErrorContains(t, err, "Could not find S3 endpoint or NAT gateway for subnetId: subnet-1")
	cuts := w.denied.Denials()
	last := cuts[len(cuts)-1]
	require.Equal(t, []string{audit.Network, "job load", "glue:StartJobRun"}, []string{last.Kind, last.Workload, last.Action})
}
