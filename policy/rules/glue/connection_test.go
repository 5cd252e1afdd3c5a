package glue

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func connection(properties Props) []Res {
	return []Res{
		R(aws.GlueConnection, "connection", Props{"connectionType": "JDBC", "connectionProperties": properties}),
		R(aws.Secret, "secret", Props{}),
	}
}

func connectionCases() []Case {
	networkOnly := []Res{R(aws.GlueConnection, "connection", Props{"connectionType": "NETWORK"})}
	placed := func(gateway any, zone string, databaseGroup any) []Res {
		return []Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{
				"subnetId": Ref("subnet"), "availabilityZone": zone, "securityGroupIdLists": List{Ref("glue")},
			}}),
			R(aws.Subnet, "subnet", Props{"availabilityZone": "eu-west-1a"}),
			R(aws.RouteTable, "table", Props{}),
			R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
			R(aws.Route, "route", Props{"routeTableId": Ref("table"), "gatewayId": gateway}),
			R(aws.InternetGateway, "igw", Props{}),
			R(aws.SecurityGroup, "glue", Props{}),
			R(aws.SecurityGroup, "database", Props{}),
			R(aws.DBInstance, "db", Props{"vpcSecurityGroupIds": List{databaseGroup}}),
		}
	}
	return []Case{
		{
			Rule: "glue-connection-secret-id", Property: "connectionProperties.SECRET_ID",
			Compliant: connection(Props{"SECRET_ID": Arn("secret")}),
			Violating: connection(Props{"SECRET_ID": Arn("secret"), "PASSWORD": "hunter2"}),
			AlsoViolates: map[string][]Res{
				"user name":          connection(Props{"SECRET_ID": Arn("secret"), "USERNAME": "u"}),
				"encrypted password": connection(Props{"SECRET_ID": Arn("secret"), "ENCRYPTED_PASSWORD": "x"}),
				"a secret elsewhere": connection(Props{"SECRET_ID": "arn:aws:secretsmanager:eu-west-1:1:secret:other"}),
				"no properties":      {R(aws.GlueConnection, "connection", Props{})},
			},
			ViolatesAtPreview: map[string][]Res{
				"a whole with a password": append(connection(nil)[1:], R(aws.RandomPassword, "password", Props{}),
					R(aws.GlueConnection, "connection", Props{"connectionProperties": Attr("password", "result")})),
				"a whole without a secret": append(connection(nil)[1:], R(aws.DBInstance, "db", Props{}),
					R(aws.GlueConnection, "connection", Props{"connectionProperties": Attr("db", "endpoint")})),
			},
			AlsoPasses: map[string][]Res{"network only": networkOnly},
		},
		{
			Rule: "glue-connection-url-clean", Property: "connectionProperties.JDBC_CONNECTION_URL", Missing: Passes,
			Compliant: connection(Props{"JDBC_CONNECTION_URL": "jdbc:mysql://db.example:3306/store_events"}),
			Violating: connection(Props{"JDBC_CONNECTION_URL": "jdbc:mysql://admin:hunter2@db.example/store_events"}),
			AlsoViolates: map[string][]Res{
				"password parameter": connection(Props{"JDBC_CONNECTION_URL": "jdbc:mysql://db/x?useSSL=true&password=hunter2"}),
				"oracle":             connection(Props{"JDBC_CONNECTION_URL": "jdbc:oracle:thin:scott/tiger@//db:1521/x"}),
			},
			AlsoPasses: map[string][]Res{
				"oracle without": connection(Props{"JDBC_CONNECTION_URL": "jdbc:oracle:thin://@db:1521/x"}),
			},
		},
		{
			Rule: "glue-connection-tls", Property: "connectionProperties.JDBC_ENFORCE_SSL",
			Compliant:    connection(Props{"JDBC_ENFORCE_SSL": "true"}),
			Violating:    connection(Props{"JDBC_ENFORCE_SSL": "false"}),
			AlsoViolates: map[string][]Res{"unchecked": connection(Props{"JDBC_ENFORCE_SSL": "true", "SKIP_CUSTOM_JDBC_CERT_VALIDATION": "true"})},
			AlsoPasses:   map[string][]Res{"network only": networkOnly},
		},
		{
			Rule: "glue-connection-network", Property: "physicalConnectionRequirements.subnetId",
			Compliant: placed("vgw-1", "eu-west-1a", Ref("database")),
			Violating: placed(Ref("igw"), "eu-west-1a", Ref("database")),
			AlsoViolates: map[string][]Res{
				"another zone":     placed("vgw-1", "eu-west-1b", Ref("database")),
				"database's group": placed("vgw-1", "eu-west-1a", Ref("glue")),
			},
		},
	}
}
