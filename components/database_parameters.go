package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Ways for RDS to apply a parameter. A new instance starts with all of them.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
const (
	immediate     = "immediate"
	pendingReboot = "pending-reboot"
)

// serverParameters are the settings that differ from the defaults of MySQL 8.4.
var serverParameters = []struct{ name, value, apply string }{
	{"require_secure_transport", "1", immediate},
	// The job streams rows by LOAD DATA LOCAL; clients enable it for that one
	// connection only. The value is RDS's own default, for which RDS always reports
	// pending-reboot: with another way to apply it every update would change it again.
	{"local_infile", "1", pendingReboot},
	{"slow_query_log", "1", immediate},
	{"long_query_time", "2", immediate},
	{"log_output", "FILE", immediate}, // Only files can be exported to CloudWatch.
}

func newParameterGroup(s scope) (*rds.ParameterGroup, error) {
	var parameters rds.ParameterGroupParameterArray
	for _, p := range serverParameters {
		parameters = append(parameters, rds.ParameterGroupParameterArgs{
			Name:        pulumi.String(p.name),
			Value:       pulumi.String(p.value),
			ApplyMethod: pulumi.String(p.apply),
		})
	}
	// A change of the description would replace the group, so it says nothing of the parameters.
	g, err := rds.NewParameterGroup(s.ctx, s.label("parameters"), &rds.ParameterGroupArgs{
		Description: pulumi.String("Settings of the store events database"),
		Family:      pulumi.String("mysql8.4"),
		Parameters:  parameters,
		Tags:        tagged(s.name),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("database parameters: %w", err)
	}
	return g, nil
}
