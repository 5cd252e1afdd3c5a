package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newLogGroup creates a log group with encryption and the configured retention.
// Groups that services create themselves have neither.
func newLogGroup(s scope, role string, group pulumi.StringInput, env Environment, keyArn pulumi.StringInput) (*cloudwatch.LogGroup, error) {
	g, err := cloudwatch.NewLogGroup(s.ctx, s.label(role), &cloudwatch.LogGroupArgs{
		Name:            group,
		RetentionInDays: pulumi.Int(env.LogRetentionDays),
		KmsKeyId:        keyArn,
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("log group %s: %w", s.label(role), err)
	}
	return g, nil
}

// glueLogs are the log groups that Glue writes to under a security configuration.
type glueLogs struct {
	arns   pulumi.StringArray
	groups []pulumi.Resource
}

// newJobLogs creates the groups of a job of Glue 5 with a security configuration:
// PREFIX/SECURITY CONFIGURATION-role/ROLE/error and …/output, where PREFIX is the
// job's argument --custom-logGroup-prefix.
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
func newJobLogs(s scope, args *EtlArgs, role *role) (*glueLogs, error) {
	logs := &glueLogs{}
	for _, kind := range []string{"error", "output"} {
		name := pulumi.Sprintf("%s/%s-role/%s/%s", jobLogPrefix(s.name), args.Catalog.SecurityConfiguration, role.Name, kind)
		group, err := newLogGroup(s, "job-log-"+kind, name, args.Environment, args.Storage.KeyArn)
		if err != nil {
			return nil, err
		}
		logs.add(args.Environment, group)
	}
	return logs, nil
}

// jobLogPrefix separates the job's groups from those of other jobs.
func jobLogPrefix(name string) string { return "/aws-glue/jobs/" + name }

// newCrawlerLog creates the group that all crawlers with one role and one security
// configuration share: /aws-glue/crawlers-role/ROLE-SECURITY CONFIGURATION. AWS
// documents the name only in the permissions of crawlers
// ("/aws-glue/crawlers-role/…").
func newCrawlerLog(s scope, args *CatalogArgs, role *role, securityConfiguration pulumi.StringInput) (*glueLogs, error) {
	name := pulumi.Sprintf("/aws-glue/crawlers-role/%s-%s", role.Name, securityConfiguration)
	group, err := newLogGroup(s, "crawler-log", name, args.Environment, args.Storage.KeyArn)
	if err != nil {
		return nil, err
	}
	logs := &glueLogs{}
	logs.add(args.Environment, group)
	return logs, nil
}

func (l *glueLogs) add(env Environment, group *cloudwatch.LogGroup) {
	l.groups = append(l.groups, group)
	l.arns = append(l.arns, env.logGroupArns(group.Name)...)
}

// ready returns the option for resources that write to the groups.
func (l *glueLogs) ready() pulumi.ResourceOption { return after(l.groups...) }

// write allows a role to write to these groups, and to create a group and its
// association with the key: without that permission Glue turns logging off.
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
