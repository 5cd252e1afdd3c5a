package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// exportedLogs go to CloudWatch. The general log is left out: it would hold
// every statement, at a cost.
var exportedLogs = []string{"error", "slowquery"}

// serverParameters are what the server is told beyond the defaults of MySQL 8.4.
var serverParameters = []struct{ name, value string }{
	{"require_secure_transport", "1"},
	// The job streams rows by LOAD DATA LOCAL; clients have it off but for that
	// one connection.
	{"local_infile", "1"},
	{"slow_query_log", "1"},
	{"long_query_time", "2"},
	{"log_output", "FILE"}, // Only files can be exported to CloudWatch.
}

func newParameterGroup(ctx *pulumi.Context, name string, child pulumi.ResourceOption) (*rds.ParameterGroup, error) {
	var parameters rds.ParameterGroupParameterArray
	for _, p := range serverParameters {
		parameters = append(parameters, rds.ParameterGroupParameterArgs{
			Name:        pulumi.String(p.name),
			Value:       pulumi.String(p.value),
			ApplyMethod: pulumi.String("immediate"),
		})
	}
	g, err := rds.NewParameterGroup(ctx, name+"-parameters", &rds.ParameterGroupArgs{
		Description: pulumi.String("TLS only, bulk load, slow query log"),
		Family:      pulumi.String("mysql8.4"),
		Parameters:  parameters,
		Tags:        tagged(name),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("database parameters: %w", err)
	}
	return g, nil
}

// newDatabaseLogs makes the log groups before RDS would, without retention. It
// returns the option of the instance that writes to them.
func newDatabaseLogs(ctx *pulumi.Context, name string, args *DatabaseArgs, child pulumi.ResourceOption) (pulumi.ResourceOption, error) {
	var groups []pulumi.Resource
	for _, log := range exportedLogs {
		g, err := cloudwatch.NewLogGroup(ctx, name+"-"+log+"-log", &cloudwatch.LogGroupArgs{
			Name:            pulumi.String(fmt.Sprintf("/aws/rds/instance/%s/%s", name, log)),
			RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
			KmsKeyId:        args.Storage.KeyArn,
		}, child)
		if err != nil {
			return nil, fmt.Errorf("database log group: %w", err)
		}
		groups = append(groups, g)
	}
	return pulumi.DependsOn(groups), nil
}

// monitor switches enhanced monitoring on, where configured.
func monitor(ctx *pulumi.Context, name string, args *DatabaseArgs, spec *rds.InstanceArgs, child pulumi.ResourceOption) error {
	spec.MonitoringInterval = pulumi.Int(args.Database.MonitoringSeconds)
	if args.Database.MonitoringSeconds == 0 {
		return nil
	}
	// RDS writes to one group for all instances of the account, RDSOSMetrics:
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
	role, err := newRole(ctx, name+"-monitoring", roleArgs{
		service:     "monitoring.rds.amazonaws.com",
		description: "Writes the database host's metrics",
		account:     args.Site.Account,
		policy: []statement{{
			sid:       "MetricsGroup",
			actions:   []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"},
			resources: args.Site.logGroup(pulumi.String("RDSOSMetrics")),
		}, {
			sid:       "WriteMetrics",
			actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"},
			resources: list(args.Site.arn("logs", "log-group:RDSOSMetrics:log-stream:*")),
		}},
	}, child)
	if err != nil {
		return err
	}
	// RDS tries the role when it creates the instance: its policy must be there.
	spec.MonitoringRoleArn = role.readyArn()
	return nil
}
