package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// rotationPolicy is all that the function may do. What it does in the database,
// it does by the master's login.
func rotationPolicy(args *DatabaseArgs, secrets pulumi.StringArray, logGroup pulumi.StringInput) []statement {
	site, n := args.Site, args.Network
	interfaces := pulumi.String(site.arn("ec2", "network-interface/*"))
	places := pulumi.StringArray{interfaces, site.arnOf("ec2", "security-group/%s", n.Groups.Rotation.ID())}
	var subnets []pulumi.StringInput
	for _, s := range n.AppSubnets {
		subnet := site.arnOf("ec2", "subnet/%s", s.ID())
		places, subnets = append(places, subnet), append(subnets, subnet)
	}
	return []statement{
		{
			sid: "RotateLogins",
			actions: []string{
				"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
				"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
			},
			resources: secrets,
		},
		{
			sid:       "ReadAuthorities",
			actions:   []string{"s3:GetObject"},
			resources: pulumi.StringArray{args.Storage.AuthoritiesArn},
		},
		useKey(args.Storage.KeyArn),
		{
			sid:       "WriteLogs",
			actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			resources: pulumi.StringArray{site.arnOf("logs", "log-group:%s:*", logGroup)},
		},
		{sid: "CreateInterface", actions: []string{"ec2:CreateNetworkInterface"}, resources: places},
		{
			sid:       "DeleteInterface",
			actions:   []string{"ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"},
			resources: pulumi.StringArray{interfaces},
			condition: when("ArnEquals", "ec2:Subnet", subnets...),
		},
		{
			// Descriptions cannot be limited to resources.
			sid:       "DescribeNetwork",
			actions:   []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"},
			resources: list("*"),
		},
	}
}
