package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// exportedLogs go to CloudWatch. The general log does not: it would contain
// every statement, at a cost.
var exportedLogs = []string{"error", "slowquery"}

// newDatabaseLogs creates the log groups before RDS does. It returns the option for
// the instance that writes to them.
func newDatabaseLogs(s scope, args *DatabaseArgs, identifier pulumi.StringInput) (pulumi.ResourceOption, error) {
	var groups []pulumi.Resource
	for _, log := range exportedLogs {
		name := pulumi.Sprintf("/aws/rds/instance/%s/%s", identifier, log)
		g, err := newLogGroup(s, log+"-log", name, args.Environment, args.Storage.KeyArn)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return after(groups...), nil
}

// monitor turns enhanced monitoring on, if configured.
func monitor(s scope, args *DatabaseArgs, spec *rds.InstanceArgs) error {
	spec.MonitoringInterval = pulumi.Int(args.Settings.MonitoringSeconds)
	if args.Settings.MonitoringSeconds == 0 {
		return nil
	}
	// RDS writes to RDSOSMetrics, one group for all instances of the account:
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
	role, err := newRole(s.within("monitoring"), roleArgs{
		service:     "monitoring.rds.amazonaws.com",
		description: "Writes the enhanced monitoring metrics of the database",
		account:     args.Environment.Account,
		policy: []statement{{
			sid:       "MetricsGroup",
			actions:   []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"},
			resources: args.Environment.logGroupArns(pulumi.String("RDSOSMetrics")),
		}, {
			sid:       "WriteMetrics",
			actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"},
			resources: list(args.Environment.arn("logs", "log-group:RDSOSMetrics:log-stream:*")),
		}},
	})
	if err != nil {
		return err
	}
	// RDS uses the role when it creates the instance, so its policy must exist.
	spec.MonitoringRoleArn = role.readyArn()
	return nil
}
