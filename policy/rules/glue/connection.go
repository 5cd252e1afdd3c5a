package glue

import (
	"store-events/policy/aws"
	"store-events/policy/judge"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var connectionSecretID = rule.Rule{
	ID:       "glue-connection-secret-id",
	Title:    "A Glue connection takes its credentials from a secret of this stack",
	Why:      "A user name or password in a connection is readable with glue:GetConnection, stays in the state, and is stale after the first rotation.",
	Fix:      `Put "SECRET_ID": secret.Arn into ConnectionProperties and leave USERNAME, PASSWORD and ENCRYPTED_PASSWORD out.`,
	Sources:  "project; prowler glue_catalog_connection_no_secrets",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.GlueConnection, aws.Secret},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueConnection, func(c rule.Resource) []rule.Finding {
			if isNetworkOnly(c) {
				return nil
			}
			properties := c.Get("connectionProperties")
			findings := s.RequireReference(c, properties.Get("SECRET_ID"), "SECRET_ID does not name a secret of this stack", aws.Secret)
			for _, key := range []string{"PASSWORD", "ENCRYPTED_PASSWORD", "USERNAME"} {
				findings = append(findings, requireNoKey(properties, key)...)
			}
			return findings
		})
	},
}

// requireNoKey wants a key left out altogether: one whose value is only unknown yet is there all the same.
func requireNoKey(properties value.Value, key string) []rule.Finding {
	if properties.State() == value.Known && properties.Get(key).State() != value.Missing {
		return rule.Violate(properties.Get(key), key+" is given in the connection")
	}
	return rule.Unreadable(properties.Err())
}

var connectionURLClean = rule.Rule{
	ID:       "glue-connection-url-clean",
	Title:    "The URL of a Glue connection carries no credentials",
	Why:      "A URL is shown in consoles, logs and error messages, and so would be the password in it.",
	Fix:      "Write JDBC_CONNECTION_URL as jdbc:mysql://host:port/database only, and let SECRET_ID name the credentials.",
	Sources:  "project",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.GlueConnection},
	Resource: func(c rule.Resource) []rule.Finding {
		return rule.Require(c.Get("connectionProperties", "JDBC_CONNECTION_URL"), judge.URLWithoutCredentials,
			"the URL carries a user or a password")
	},
}

func isNetworkOnly(c rule.Resource) bool {
	network, err := judge.OneOf("NETWORK")(c.Get("connectionType"))
	return err == nil && network
}
