package policy_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"localaws/testtools/front"
)

// remedied enables all remediations, and disables the other rules that the careless program violates.
const remedied = `{
	"all": "advisory",
	"log-retention-set": {"enforcementLevel": "remediate", "remedyDays": 45},
	"s3-public-access-block-complete": "remediate",
	"tags-required": {"enforcementLevel": "remediate", "values": {"Owner": "shop", "CostCenter": "42", "DataClassification": "internal"}}
}`

// careless violates all rules with a remediation; its bucket has one tag.
func careless(ctx *pulumi.Context) error {
	p := &registry{ctx: ctx}
	bucket := p.add("aws:s3/bucketV2:BucketV2", "careless", pulumi.Map{
		"bucket": pulumi.String("careless-bucket"), "tags": pulumi.StringMap{"Owner": pulumi.String("till")},
	})
	p.add("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "block", pulumi.Map{"bucket": bucket.ID(), "blockPublicAcls": pulumi.Bool(true)})
	p.add("aws:cloudwatch/logGroup:LogGroup", "group", pulumi.Map{"name": pulumi.String("/careless")})
	return p.err
}

var bucketTags = map[string]string{
	"Owner": "till", "Project": "policy-test", "Environment": "dev", "ManagedBy": "pulumi", "CostCenter": "42", "DataClassification": "internal",
}

func TestRemediationIsOffByDefault(t *testing.T) {
	t.Parallel()
	o := preview(t, "dev", careless)
	require.Empty(t, o.Remedied)
	require.Subset(t, o.mandatory(), []string{"log-retention-set group", "s3-public-access-block-complete block"}, o.Log)
	require.Equal(t, false, o.Planned["block"]["ignorePublicAcls"])
}

func TestRemediationsInThePreview(t *testing.T) {
	t.Parallel()
	o := previewConfigured(t, "dev", configuration(t, remedied), careless)
	require.NoError(t, o.Err, o.Log)
	require.ElementsMatch(t, []string{"log-retention-set group", "s3-public-access-block-complete block", "tags-required careless", "tags-required group"}, o.Remedied)
	require.EqualValues(t, 60, o.Planned["group"]["retentionInDays"], "the next longer period of CloudWatch Logs")
	for _, name := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		require.Equal(t, true, o.Planned["block"][name], name)
	}
	tags := map[string]string{}
	for key, v := range o.Planned["careless"]["tags"].(map[string]any) {
		if key != "__defaults" {
			tags[key] = fmt.Sprint(v)
		}
	}
	require.Equal(t, bucketTags, tags)
	require.Contains(t, o.Log, "4 remediated")
}

func TestRemediationsAreDeployed(t *testing.T) {
	t.Parallel()
	aws := emptyAWS(t, "eu-west-1")
	endpoint, owner := front.Serve(t, aws)
	file := configuration(t, remedied)
	s := newStack(t, "dev", careless, []setting{
		{"aws:endpoints", config.NewObjectValue(fmt.Sprintf(`[{"s3":%[1]q,"logs":%[1]q,"sts":%[1]q}]`, endpoint))},
		{"aws:accessKey", config.NewValue(owner.AccessKeyID)},
		{"aws:secretKey", config.NewValue(owner.SecretAccessKey)},
		{"aws:s3UsePathStyle", config.NewValue("true")},
	})
	o := observe(func(ch chan events.EngineEvent, log io.Writer) error {
		_, err := s.Up(t.Context(), optup.EventStreams(ch), optup.ProgressStreams(log), optup.ErrorProgressStreams(log),
			optup.PolicyPacks(packFile), optup.PolicyPackConfigs(file))
		return err
	})
	require.NoError(t, o.Err, o.Log)

	clients := aws.Config("eu-west-1")
	groups, err := cloudwatchlogs.NewFromConfig(clients).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	require.NoError(t, err)
	require.Len(t, groups.LogGroups, 1)
	require.EqualValues(t, 60, *groups.LogGroups[0].RetentionInDays)

	storage := s3.NewFromConfig(clients, func(o *s3.Options) { o.UsePathStyle = true })
	name := "careless-bucket"
	block, err := storage.GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: &name})
	require.NoError(t, err)
	yes := true
	require.Equal(t, &types.PublicAccessBlockConfiguration{BlockPublicAcls: &yes, BlockPublicPolicy: &yes, IgnorePublicAcls: &yes, RestrictPublicBuckets: &yes}, block.PublicAccessBlockConfiguration)
	tagging, err := storage.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: &name})
	require.NoError(t, err)
	tags := map[string]string{}
	for _, tag := range tagging.TagSet {
		tags[*tag.Key] = *tag.Value
	}
	require.Equal(t, bucketTags, tags)
	_, err = s.Preview(t.Context(), optpreview.PolicyPacks(packFile), optpreview.PolicyPackConfigs(file), optpreview.ExpectNoChanges())
	require.NoError(t, err, "the next update changes nothing")
}
