package general

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// by returns a log group of a provider with the settings.
func by(provider Props, props Props) []Res {
	r := R(aws.LogGroup, "logs", props)
	r.Provider = provider
	return []Res{r, R(aws.LogGroup, "more", Props{}), R(aws.LogGroup, "most", Props{})}
}

// byAll adds the provider of a preview without AWS.
func byAll(r Res) Res {
	r.Provider = Props{"region": "eu-west-1", "accessKey": "test", "secretKey": Secret("test"), "skipCredentialsValidation": "true"}
	return r
}

// byFile adds the provider of a stack whose configuration names a credentials file.
func byFile(r Res) Res {
	r.Provider = Props{"region": "eu-west-1", "sharedCredentialsFiles": `["/home/a/.aws/deploy"]`}
	return r
}

func elsewhereCases() []Case {
	target := func(arn string) []Res {
		return []Res{R(aws.EventTarget, "target", Props{"deadLetterConfig": Props{"arn": arn}}), R(aws.Topic, "topic", Props{})}
	}
	topic := func(key string, v any) []Res { return []Res{R(aws.Topic, "topic", Props{key: v})} }
	acting := func(role any) []Res {
		return []Res{R(aws.Function, "function", Props{"role": role}), R(aws.Role, "role", Props{})}
	}
	ignoring := func(changes ...string) []Res {
		r := R(aws.SecurityGroup, "group", Props{})
		r.IgnoreChanges = changes
		return []Res{r}
	}
	tokens := func(required string) []Res {
		return []Res{R(aws.MetadataDefaults, "account", Props{"httpTokens": required})}
	}
	home := Props{"region": "eu-west-1"}
	return []Case{
		{
			Rule: "own-account-only", Property: "deadLetterConfig.arn", Missing: Passes, UnknownPasses: true, WrongTypePasses: true,
			UndecidedAtPreview: true,
			Compliant:          target("arn:aws:sqs:eu-west-1:123456789012:q"), Violating: target("arn:aws:sqs:eu-west-1:999999999999:q"),
			AlsoViolates: map[string][]Res{
				"a number":  topic("sourceAccount", "999999999999"),
				"a queue":   topic("endpoint", "https://sqs.eu-west-1.amazonaws.com/999999999999/q"),
				"in a list": topic("actions", List{"arn:aws:sns:eu-west-1:999999999999:t"}),
			},
			AlsoPasses: map[string][]Res{
				"of AWS":         topic("policyArn", "arn:aws:iam::aws:policy/x"),
				"a bucket":       topic("bucketArn", "arn:aws:s3:::bucket"),
				"a description":  topic("description", "arn:aws:sns:eu-west-1:999999999999:t"),
				"another number": topic("retention", "999999999999"),
			},
		},
		{
			Rule: "workload-role-in-stack", Property: "role", Missing: Passes,
			Compliant: acting(Arn("role")), Violating: acting("arn:aws:iam::123456789012:role/Admin"),
		},
		{
			Rule: "provider-is-the-stacks", Property: "region", Missing: Passes, UnknownPasses: true, WrongTypePasses: true,
			Compliant: by(home, Props{"region": "eu-west-1"}), Violating: by(home, Props{"region": "us-east-1"}),
			AlsoViolates: map[string][]Res{
				"another region":        by(Props{"region": "us-east-1"}, nil),
				"keys":                  by(Props{"accessKey": "AKIA"}, nil),
				"endpoints":             by(Props{"endpoints": `[{"s3":"https://s3.example.com"}]`}, nil),
				"some endpoints":        by(Props{"endpoints": List{Props{"s3": "http://127.0.0.1:1"}, Props{"sns": "https://example.com"}}}, nil),
				"a real key of all":     {R("pulumi:providers:aws", "default", Props{"accessKey": "AKIAIOSFODNN7EXAMPLE"})},
				"a proxy":               by(Props{"httpProxy": "http://proxy:1"}, nil),
				"no checks":             by(Props{"skipCredentialsValidation": "true"}, nil),
				"credentials of a file": by(Props{"sharedCredentialsFiles": `["/home/a/.aws/other"]`}, nil),
				"a file's settings":     by(Props{"sharedConfigFiles": List{"/home/a/.aws/other"}}, nil),
				"a CA":                  by(Props{"customCaBundle": "/tmp/ca.pem"}, nil),
				"a machine's keys":      by(Props{"ec2MetadataServiceEndpoint": "http://203.0.113.7"}, nil),
				"a role":                by(Props{"assumeRoles": `[{"roleArn":"arn:aws:iam::999999999999:role/r"}]`}, nil),
				"the provider":          append(by(home, nil), R("pulumi:providers:aws", "second", Props{"secretKey": Secret("x")})),
			},
			AlsoPasses: map[string][]Res{
				"a local AWS": by(Props{
					"region": "eu-west-1", "endpoints": `[{"s3":"http://127.0.0.1:4566"}]`, "accessKey": "test", "skipCredentialsValidation": "true",
				}, nil),
				"credentials of a file, for all": {
					byFile(R(aws.LogGroup, "a", Props{})), byFile(R(aws.LogGroup, "b", Props{})), byFile(R(aws.Topic, "c", Props{})),
				},
				"a stack without AWS": {
					byAll(R(aws.LogGroup, "a", Props{})), byAll(R(aws.LogGroup, "b", Props{})), byAll(R("pulumi:providers:aws", "default", Props{"secretKey": "test"})),
				},
				"a role of the account": by(Props{"assumeRole": `{"roleArn":"arn:aws:iam::123456789012:role/r"}`}, nil),
			},
		},
		{
			Rule: "account-guards-on", Property: "httpTokens",
			Compliant: tokens("required"), Violating: tokens("optional"),
			AlsoViolates: map[string][]Res{
				"sharing":         {R(aws.SnapshotPublicAccess, "account", Props{"state": "unblocked"})},
				"nothing records": {R(aws.ConfigRecorderStatus, "account", Props{"isEnabled": false})},
				"nothing detects": {R(aws.Detector, "account", Props{"enable": false})},
			},
			AlsoPasses: map[string][]Res{
				"left to AWS": {R(aws.EncryptionByDefault, "account", Props{}), R(aws.Detector, "threats", Props{})},
				"recorded":    {R(aws.ConfigRecorderStatus, "account", Props{"isEnabled": true})},
			},
		},
		{
			Rule:         "no-ignored-security-changes",
			Compliant:    ignoring("tags", "tags.Owner", `tags["Owner"]`),
			Violating:    ignoring("ingress[0].cidrBlocks"),
			AlsoViolates: map[string][]Res{"all": ignoring("*")},
		},
	}
}
