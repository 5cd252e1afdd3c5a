package original

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const jobName = "s3-to-rds-ingestor"

// etl declares the crawler and the job. The connection has a dummy password and no TLS; crawler and job share a role
// with full access to S3; the schedule is declared but not started.
func etl(ctx *pulumi.Context, n network, login *secretsmanager.Secret) {
	role := wideRole(ctx, login)
	catalog := must(glue.NewCatalogDatabase(ctx, name, &glue.CatalogDatabaseArgs{Name: pulumi.String("miztiik_sales_db")}))
	must(glue.NewCrawler(ctx, "sale_txns_crawler", &glue.CrawlerArgs{
		Name: pulumi.String("sale_txns_crawler"), DatabaseName: catalog.Name, Role: role.Arn, TablePrefix: pulumi.String("txns_"),
		S3Targets: glue.CrawlerS3TargetArray{glue.CrawlerS3TargetArgs{
			Path: pulumi.String("s3://" + bucketName), Exclusions: pulumi.ToStringArray([]string{"bookmarks/**"}),
		}},
	}))
	connection := newConnection(ctx, n)
	job := must(glue.NewJob(ctx, jobName, &glue.JobArgs{
		Name: pulumi.String(jobName), RoleArn: role.Arn, GlueVersion: pulumi.String("2.0"),
		Command: glue.JobCommandArgs{
			Name: pulumi.String("glueetl"), PythonVersion: pulumi.String("3"), ScriptLocation: pulumi.String("s3://" + bucketName + "/scripts/load_json_to_rds.py"),
		},
		Connections: pulumi.StringArray{connection.Name}, MaxRetries: pulumi.Int(2),
		ExecutionProperty: glue.JobExecutionPropertyArgs{MaxConcurrentRuns: pulumi.Int(2)},
		DefaultArguments: pulumi.ToStringMap(map[string]string{
			"--job-bookmark-option": "job-bookmark-enable", "--TempDir": "s3://" + bucketName + "/bookmarks",
			"--src_etl_bkt": bucketName, "--tgt_tbl_name": "sales_txns_tbl",
		}),
	}))
	must(glue.NewTrigger(ctx, "daily", &glue.TriggerArgs{
		Type: pulumi.String("SCHEDULED"), Schedule: pulumi.String("cron(0 1 * * ? *)"), StartOnCreation: pulumi.Bool(false),
		Actions: glue.TriggerActionArray{glue.TriggerActionArgs{JobName: job.Name}},
	}))
}

func newConnection(ctx *pulumi.Context, n network) *glue.Connection {
	group := n.group(ctx, "glue", ec2.SecurityGroupIngressArgs{
		Protocol: pulumi.String("-1"), FromPort: pulumi.Int(0), ToPort: pulumi.Int(0), Self: pulumi.Bool(true),
	})
	return must(glue.NewConnection(ctx, name, &glue.ConnectionArgs{
		ConnectionType: pulumi.String("JDBC"),
		ConnectionProperties: pulumi.ToStringMap(map[string]string{
			"JDBC_CONNECTION_URL": "jdbc:mysql://" + databaseServer + ":3306/" + databaseName,
			"JDBC_ENFORCE_SSL":    "false",
			"USERNAME":            databaseUser, "PASSWORD": "DUMMY_PASSWORD",
		}),
		PhysicalConnectionRequirements: glue.ConnectionPhysicalConnectionRequirementsArgs{
			AvailabilityZone: n.app[0].AvailabilityZone, SubnetId: n.app[0].ID(), SecurityGroupIdLists: pulumi.StringArray{group.ID()},
		},
	}))
}

func wideRole(ctx *pulumi.Context, login *secretsmanager.Secret) *iam.Role {
	role := newRole(ctx, "glue", "glue.amazonaws.com", "service-role/AWSGlueServiceRole")
	must(iam.NewRolePolicy(ctx, "glue", &iam.RolePolicyArgs{Role: role.Name, Policy: pulumi.String(`{
		"Version": "2012-10-17",
		"Statement": [
			{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::` + bucketName + `", "arn:aws:s3:::` + bucketName + `/*"]},
			{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
		]}`)}))
	must(iam.NewRolePolicy(ctx, "glue-login", &iam.RolePolicyArgs{Role: role.Name, Policy: pulumi.Sprintf(`{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": %q}]}`, login.Arn)}))
	return role
}

// newRole creates a role for a service, with an AWS managed policy.
func newRole(ctx *pulumi.Context, label, service, managed string) *iam.Role {
	role := must(iam.NewRole(ctx, label, &iam.RoleArgs{AssumeRolePolicy: pulumi.String(`{
		"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Principal": {"Service": "` + service + `"}, "Action": "sts:AssumeRole"}]}`)}))
	must(iam.NewRolePolicyAttachment(ctx, label, &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String("arn:aws:iam::aws:policy/" + managed),
	}))
	return role
}
