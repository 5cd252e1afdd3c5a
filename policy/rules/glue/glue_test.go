package glue

import (
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a language of their own.
)

func connection(properties Props) []Res {
	return []Res{
		R(aws.GlueConnection, "connection", Props{"connectionType": "JDBC", "connectionProperties": properties}),
		R(aws.Secret, "secret", Props{}),
	}
}

func TestRules(t *testing.T) {
	Run(t, Rules(), []Case{
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
			AlsoPasses: map[string][]Res{
				"network only": {R(aws.GlueConnection, "connection", Props{"connectionType": "NETWORK"})},
			},
		},
		{
			Rule: "glue-connection-url-clean", Property: "connectionProperties.JDBC_CONNECTION_URL", Missing: Passes,
			Compliant: connection(Props{"JDBC_CONNECTION_URL": "jdbc:mysql://db.example:3306/store_events"}),
			Violating: connection(Props{"JDBC_CONNECTION_URL": "jdbc:mysql://admin:hunter2@db.example/store_events"}),
			AlsoViolates: map[string][]Res{
				"password parameter": connection(Props{"JDBC_CONNECTION_URL": "jdbc:mysql://db/x?useSSL=true&password=hunter2"}),
			},
			AlsoPasses: map[string][]Res{
				"oracle form": connection(Props{"JDBC_CONNECTION_URL": "jdbc:oracle:thin://@db:1521/x"}),
			},
		},
	})
}
