package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// glueLogs are the log groups that Glue writes to under a security configuration.
// Glue would create them itself, without retention, and leave them behind.
type glueLogs struct {
	arns   pulumi.StringArray
	groups []pulumi.Resource
}

// newJobLogs makes the groups of a job of Glue 5 with a security configuration,
// PREFIX/SECURITY CONFIGURATION-role/ROLE/error and …/output, where PREFIX is the
// job's argument --custom-logGroup-prefix:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
func newJobLogs(ctx *pulumi.Context, name string, args *EtlArgs, role *role, child pulumi.ResourceOption) (*glueLogs, error) {
	logs := &glueLogs{}
	for _, kind := range []string{"error", "output"} {
		group := pulumi.Sprintf("%s/%s-role/%s/%s", jobLogPrefix(name), args.Tables.SecurityConfiguration, role.Name, kind)
		if err := logs.add(ctx, name+"-job-log-"+kind, args.Site, &cloudwatch.LogGroupArgs{
			Name:            group,
			RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
			KmsKeyId:        args.Storage.KeyArn,
		}, child); err != nil {
			return nil, fmt.Errorf("job's log group: %w", err)
		}
	}
	return logs, nil
}

// jobLogPrefix keeps the job's groups apart from those of other jobs.
func jobLogPrefix(name string) string { return "/aws-glue/jobs/" + name }

// newCrawlerLog makes the group of all crawlers of one role and one security
// configuration, /aws-glue/crawlers-role/ROLE-SECURITY CONFIGURATION. AWS names it
// only by example ("/aws-glue/crawlers-role/…" in the permissions of crawlers).
func newCrawlerLog(ctx *pulumi.Context, name string, args *CatalogArgs, role *role, securityConfiguration pulumi.StringInput, child pulumi.ResourceOption) (*glueLogs, error) {
	logs := &glueLogs{}
	err := logs.add(ctx, name+"-crawler-log", args.Site, &cloudwatch.LogGroupArgs{
		Name:            pulumi.Sprintf("/aws-glue/crawlers-role/%s-%s", role.Name, securityConfiguration),
		RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
		KmsKeyId:        args.KeyArn,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("crawler's log group: %w", err)
	}
	return logs, nil
}

func (l *glueLogs) add(ctx *pulumi.Context, name string, site Site, args *cloudwatch.LogGroupArgs, child pulumi.ResourceOption) error {
	group, err := cloudwatch.NewLogGroup(ctx, name, args, child)
	if err != nil {
		return err
	}
	l.groups = append(l.groups, group)
	l.arns = append(l.arns, site.logGroup(group.Name)...)
	return nil
}

// ready is the option of what writes to the groups: it must find them.
func (l *glueLogs) ready() pulumi.ResourceOption { return pulumi.DependsOn(l.groups) }

// write lets a role write to these groups. Glue creates group and association
// with the key if they are missing, and turns logging off without the permission.
func (l *glueLogs) write() statement {
	return statement{
		sid: "WriteGlueLogs",
		actions: []string{
			"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
			"logs:AssociateKmsKey", "logs:DescribeLogStreams",
		},
		resources: l.arns,
	}
}
