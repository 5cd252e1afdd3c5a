package preflight

import (
	"context"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// lookup checks whether a name is in use.
type lookup struct {
	// kind is the resource's type, and input the input with its name.
	kind, input string
	// what describes the resource, and remove is the command that removes it.
	what, remove string
	// setting changes the name; empty if the name depends only on the stack's.
	setting string
	// exists returns false, or a not-found error, if the name is not in use.
	exists func(ctx context.Context, r *run, name string) (bool, error)
}

var lookups = []lookup{
	{"aws:glue/catalogDatabase:CatalogDatabase", "name", "Glue database", "aws glue delete-database --name %s", "catalogDatabase",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetDatabase(ctx, &glue.GetDatabaseInput{Name: &name}))
		}},
	{"aws:glue/crawler:Crawler", "name", "Glue crawler", "aws glue delete-crawler --name %s", "crawlerName",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &name}))
		}},
	// If a job with this name exists, Glue updates it instead of returning an error.
	{"aws:glue/job:Job", "name", "Glue job", "aws glue delete-job --job-name %s", "jobName",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetJob(ctx, &glue.GetJobInput{JobName: &name}))
		}},
	{"aws:glue/workflow:Workflow", "name", "Glue workflow", "aws glue delete-workflow --name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetWorkflow(ctx, &glue.GetWorkflowInput{Name: &name}))
		}},
	{"aws:glue/trigger:Trigger", "name", "Glue trigger", "aws glue delete-trigger --name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetTrigger(ctx, &glue.GetTriggerInput{Name: &name}))
		}},
	{"aws:glue/securityConfiguration:SecurityConfiguration", "name", "Glue security configuration", "aws glue delete-security-configuration --name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetSecurityConfiguration(ctx, &glue.GetSecurityConfigurationInput{Name: &name}))
		}},
	{"aws:glue/connection:Connection", "name", "Glue connection", "aws glue delete-connection --connection-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.glue.GetConnection(ctx, &glue.GetConnectionInput{Name: &name, HidePassword: true}))
		}},
	{"aws:athena/workgroup:Workgroup", "name", "Athena workgroup", "aws athena delete-work-group --recursive-delete-option --work-group %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.athena.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: &name}))
		}},
	// CloudWatch replaces an existing alarm or dashboard with the name.
	{"aws:cloudwatch/metricAlarm:MetricAlarm", "name", "alarm", "aws cloudwatch delete-alarms --alarm-names %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			out, err := r.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
			return err == nil && len(out.MetricAlarms) > 0, err
		}},
	{"aws:cloudwatch/dashboard:Dashboard", "dashboardName", "dashboard", "aws cloudwatch delete-dashboards --dashboard-names %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.alarms.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: &name}))
		}},
	{"aws:cloudwatch/logGroup:LogGroup", "name", "log group", "aws logs delete-log-group --log-group-name %s", "", logGroup},
	{"aws:lambda/function:Function", "name", "Lambda function", "aws lambda delete-function --function-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name}))
		}},
	{"aws:rds/instance:Instance", "identifier", "RDS instance", "aws rds delete-db-instance --db-instance-identifier %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name}))
		}},
	// A destroy would fail to create the snapshot.
	{"aws:rds/instance:Instance", "finalSnapshotIdentifier", "RDS snapshot", "aws rds delete-db-snapshot --db-snapshot-identifier %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			out, err := r.rds.DescribeDBSnapshots(ctx, &rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: &name})
			return err == nil && len(out.DBSnapshots) > 0, err
		}},
	{"aws:rds/parameterGroup:ParameterGroup", "name", "RDS parameter group", "aws rds delete-db-parameter-group --db-parameter-group-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.rds.DescribeDBParameterGroups(ctx, &rds.DescribeDBParameterGroupsInput{DBParameterGroupName: &name}))
		}},
	{"aws:rds/subnetGroup:SubnetGroup", "name", "RDS subnet group", "aws rds delete-db-subnet-group --db-subnet-group-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.rds.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: &name}))
		}},
	{"aws:kms/alias:Alias", "name", "KMS alias", "aws kms delete-alias --alias-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name}))
		}},
	{"aws:s3/bucketV2:BucketV2", "bucket", "bucket", "aws s3 rb s3://%s", "bucketName", bucket},
	{budget, "name", "budget", "aws budgets delete-budget --account-id <account> --budget-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.budgets.DescribeBudget(ctx, &budgets.DescribeBudgetInput{AccountId: &r.caller.account, BudgetName: &name}))
		}},
	{"aws:iam/role:Role", "name", "role", "aws iam delete-role --role-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name}))
		}},
	{"aws:iam/instanceProfile:InstanceProfile", "name", "instance profile", "aws iam delete-instance-profile --instance-profile-name %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name}))
		}},
	// A deleted secret keeps its name during its recovery window.
	{"aws:secretsmanager/secret:Secret", "name", "secret", "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id %s", "",
		func(ctx context.Context, r *run, name string) (bool, error) {
			return found(r.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name}))
		}},
}

func found[T any](_ *T, err error) (bool, error) { return err == nil, err }

// logGroup matches the whole name. AWS creates some groups again if a service
// writes to them after their deletion.
func logGroup(ctx context.Context, r *run, name string) (bool, error) {
	out, err := r.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(out.LogGroups, func(g logstypes.LogGroup) bool { return *g.LogGroupName == name }), nil
}

// bucket also finds buckets of other accounts and regions, because names are global: AWS
// refuses or redirects the request.
func bucket(ctx context.Context, r *run, name string) (bool, error) {
	_, err := r.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	switch status(err) {
	case http.StatusForbidden, http.StatusMovedPermanently:
		return true, nil
	case http.StatusNotFound:
		return false, nil
	}
	return err == nil, err
}
