package glue

import (
	"regexp"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

var connectionSecretID = rule.Rule{
	ID:       "glue-connection-secret-id",
	Title:    "Glue connections read their credentials from a secret of this stack",
	Why:      "Anyone with glue:GetConnection can read credentials in a connection; they are also in the state, and outdated after the first rotation.",
	Fix:      `Set "SECRET_ID": secret.Arn in ConnectionProperties, and remove USERNAME, PASSWORD and ENCRYPTED_PASSWORD.`,
	Sources:  "project; prowler glue_catalog_connection_no_secrets",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.GlueConnection, aws.Secret},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueConnection, func(c rule.Resource) []rule.Finding {
			properties := c.Get("connectionProperties")
			if isNetworkOnly(c) {
				return forbidLogin(properties)
			}
			if properties.State() == value.Unknown {
				return checkByOrigin(s, c, properties)
			}
			if s.Settings.AllConfigured(properties.Get("SECRET_ID")) { // An existing secret.
				return forbidLogin(properties)
			}
			return append(
				s.RequireReference(c, properties.Get("SECRET_ID"), "SECRET_ID does not refer to a secret of this stack", aws.Secret),
				forbidLogin(properties)...)
		})
	},
}

// login matches the keys of users and passwords in all kinds of connections:
// https://docs.aws.amazon.com/glue/latest/webapi/API_Connection.html
var login = regexp.MustCompile(`(?i)(^|_)(user|username|password)$`)

// forbidLogin reports keys of users and passwords. A key with an unknown value counts as present.
func forbidLogin(properties value.Value) []rule.Finding {
	var findings []rule.Finding
	for _, f := range properties.Fields() {
		switch {
		case login.MatchString(f.Key) && f.Value.State() != value.Missing:
			findings = append(findings, rule.Violate(f.Value, f.Key+" is set in the connection")...)
		case f.Key == "":
			findings = append(findings, rule.Unreadable(f.Value.Err())...)
		}
	}
	return findings
}

// checkByOrigin checks the origin of properties that are unknown as a whole, as in the first preview, because the Go
// SDK wraps them in one secret. They must come from a secret, and not from a password.
func checkByOrigin(s rule.Stack, c rule.Resource, properties value.Value) []rule.Finding {
	if len(c.PropertyDependencies[properties.Path()]) == 0 {
		return rule.Unreadable(properties.Err())
	}
	for _, password := range s.Of(aws.RandomPassword) {
		if c.DependsOn(properties.Path(), password) {
			return rule.Violate(properties, "the connection contains a generated password")
		}
	}
	if s.RefersToAny(c, properties, aws.Secret, aws.SecretVersion) != rule.Yes {
		return rule.Violate(properties, "SECRET_ID does not refer to a secret of this stack")
	}
	return rule.Unreadable(properties.Err())
}

var connectionURLClean = rule.Rule{
	ID:       "glue-connection-url-clean",
	Title:    "URLs of Glue connections contain no credentials",
	Why:      "Consoles, logs and error messages show the URL, including any password.",
	Fix:      "Set JDBC_CONNECTION_URL to jdbc:mysql://host:port/database, and SECRET_ID to the secret with the credentials.",
	Sources:  "project",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.GlueConnection},
	Resource: func(c rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, key := range []string{"JDBC_CONNECTION_URL", "CONNECTION_URL", "HOST", "KAFKA_BOOTSTRAP_SERVERS"} {
			findings = append(findings, rule.Require(c.Get("connectionProperties", key), matcher.URLWithoutCredentials,
				"the URL contains a user name or password")...)
		}
		return findings
	},
}

func isNetworkOnly(c rule.Resource) bool {
	network, err := matcher.OneOf("NETWORK")(c.Get("connectionType"))
	return err == nil && network
}

var connectionTLS = rule.Rule{
	ID:       "glue-connection-tls",
	Title:    "Glue connections use TLS and verify the certificate",
	Why:      "Without JDBC_ENFORCE_SSL, the driver may fall back to plain text, which exposes the password and the rows.",
	Fix:      `Set "JDBC_ENFORCE_SSL": "true" in ConnectionProperties, and remove SKIP_CUSTOM_JDBC_CERT_VALIDATION and KAFKA_SKIP_CUSTOM_CERT_VALIDATION.`,
	Sources:  "project; prowler glue_database_connections_ssl_enabled",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.GlueConnection},
	Resource: func(c rule.Resource) []rule.Finding {
		if isNetworkOnly(c) {
			return nil
		}
		properties := c.Get("connectionProperties")
		if kafka, err := matcher.OneOf("KAFKA")(c.Get("connectionType")); err == nil && kafka {
			return rule.All(
				rule.Require(properties.Get("KAFKA_SSL_ENABLED"), matcher.NotFalse, "TLS is off"), // On by default.
				rule.Require(properties.Get("KAFKA_SKIP_CUSTOM_CERT_VALIDATION"), matcher.NotTrue, "the certificate is not verified"),
			)
		}
		return rule.All(
			rule.Require(properties.Get("JDBC_ENFORCE_SSL"), matcher.True, "TLS is not enforced"),
			rule.Require(properties.Get("SKIP_CUSTOM_JDBC_CERT_VALIDATION"), matcher.NotTrue, "the certificate is not verified"),
			rule.Require(properties.Get("JDBC_CONNECTION_URL"), matcher.Not(matcher.Matches(weakensTLS)), "the URL weakens TLS"),
		)
	},
}

// weakensTLS matches parameters of the drivers for MySQL, MariaDB, PostgreSQL and SQL Server that allow plain text or any
// certificate.
var weakensTLS = regexp.MustCompile(`(?i)[?&;](useSSL=false|requireSSL=false|verifyServerCertificate=false|` +
	`trustServerCertificate=true|encrypt=false|ssl=false|` +
	`sslmode=(disable|disabled|preferred|prefer|allow|trust)|sslfactory=[^&;]*NonValidatingFactory)(&|;|$)`)

var connectionNetwork = rule.Rule{
	ID:       "glue-connection-network",
	Title:    "Glue connections use a private subnet, its availability zone, and a security group that no database uses",
	Why:      "Workers in a public subnet are reachable from the internet; sharing the database's security group opens the database to every Glue job.",
	Fix:      "Set PhysicalConnectionRequirements to a subnet without a route to an internet gateway, its availability zone, and a security group that no database uses.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.GlueConnection, aws.Subnet, aws.SecurityGroup, aws.Route, aws.DBInstance},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueConnection, func(c rule.Resource) []rule.Finding {
			network := c.Get("physicalConnectionRequirements")
			return rule.All(
				vpcgraph.RequirePrivate(s, c, network.Get("subnetId")),
				requireZoneOfSubnet(s, c, network),
				requireGroupApart(s, c, network.Get("securityGroupIdLists")),
			)
		})
	},
}

func requireZoneOfSubnet(s rule.Stack, c rule.Resource, network value.Value) []rule.Finding {
	zone, err := network.Get("availabilityZone").Text()
	if err != nil || zone == "" {
		return nil // An unknown zone comes from the subnet; for a missing one, Glue uses the subnet's.
	}
	subnets, _ := s.Referred(c, network.Get("subnetId"), aws.Subnet)
	for _, subnet := range subnets {
		if of, err := subnet.Get("availabilityZone").Text(); err == nil && of != "" && of != zone {
			return rule.Violate(network.Get("availabilityZone"), "the availability zone differs from the subnet's")
		}
	}
	return nil
}

func requireGroupApart(s rule.Stack, c rule.Resource, groups value.Value) []rule.Finding {
	jobGroups, _ := s.Referred(c, groups, aws.SecurityGroup)
	if len(jobGroups) == 0 {
		return rule.Require(groups, matcher.Not(matcher.Empty), "no security group is set")
	}
	for _, db := range s.Of(aws.DBInstance) {
		databases, _ := s.Referred(db, db.Get("vpcSecurityGroupIds"), aws.SecurityGroup)
		for _, group := range databases {
			if slices.ContainsFunc(jobGroups, func(r rule.Resource) bool { return r.URN == group.URN }) {
				return rule.Violate(groups, "the connection shares a security group with a database")
			}
		}
	}
	return nil
}
