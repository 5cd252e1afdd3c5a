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

// Ways for RDS to apply a parameter. A new instance starts with all of them.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
const (
	immediate     = "immediate"
	pendingReboot = "pending-reboot"
)

// serverParameters are what the server is told beyond the defaults of MySQL 8.4.
var serverParameters = []struct{ name, value, apply string }{
	{"require_secure_transport", "1", immediate},
	// The job streams rows by LOAD DATA LOCAL; clients have it off but for that
	// one connection. The value is RDS's own default, and for a default RDS
	// reports pending-reboot whatever it was told: with another way to apply it
	// every update would change it again.
	{"local_infile", "1", pendingReboot},
	// The job counts repeated rows by the warnings of a LOAD DATA, of which the
	// server keeps 1024 by default and 65535 at most. A session may not change it
	// on RDS.
	// https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_error_count
	{"max_error_count", "65535", immediate},
	{"slow_query_log", "1", immediate},
	{"long_query_time", "2", immediate},
	{"log_output", "FILE", immediate}, // Only files can be exported to CloudWatch.
}

func newParameterGroup(ctx *pulumi.Context, name string, child pulumi.ResourceOption) (*rds.ParameterGroup, error) {
	var parameters rds.ParameterGroupParameterArray
	for _, p := range serverParameters {
		parameters = append(parameters, rds.ParameterGroupParameterArgs{
			Name:        pulumi.String(p.name),
			Value:       pulumi.String(p.value),
			ApplyMethod: pulumi.String(p.apply),
		})
	}
	// A change of the description would replace the group, so it says nothing of the parameters.
	g, err := rds.NewParameterGroup(ctx, name+"-parameters", &rds.ParameterGroupArgs{
		Description: pulumi.String("Settings of the store events database"),
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
func newDatabaseLogs(ctx *pulumi.Context, name string, args *DatabaseArgs, identifier pulumi.StringInput, child pulumi.ResourceOption) (pulumi.ResourceOption, error) {
	var groups []pulumi.Resource
	for _, log := range exportedLogs {
		g, err := cloudwatch.NewLogGroup(ctx, name+"-"+log+"-log", &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/rds/instance/%s/%s", identifier, log),
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
