package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// When RDS applies a parameter. A new instance starts with all parameters.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
const (
	immediate     = "immediate"
	pendingReboot = "pending-reboot"
)

// serverParameters are the settings that differ from the defaults of MySQL 8.4.
var serverParameters = []struct{ name, value, apply string }{
	{"require_secure_transport", "1", immediate},
	// The job loads rows by LOAD DATA LOCAL; only its own connection enables it
	// on the client. For this value, RDS's default, RDS always reports
	// pending-reboot: immediate would be a change in every update.
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
	// The description does not mention the parameters, because changing it replaces the group.
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
