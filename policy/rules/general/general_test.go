package general

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	password := property.New("correct-horse-7").WithSecret(true)
	outputs := func(props Props) []Res { return []Res{R(aws.Stack, "stack", props)} }
	tagged := func(resourceType string, keys ...string) []Res {
		tags := Props{}
		for _, key := range keys {
			tags[key] = "x"
		}
		return []Res{R(resourceType, "r", Props{"tagsAll": tags})}
	}
	protected := R(aws.Bucket, "bucket", Props{})
	protected.Protected = true
	withDefaults := R(aws.Role, "role", Props{"tagsAll": property.New(property.Computed)})
	withDefaults.Provider = Props{"defaultTags": `{"tags":{"Project":"p","Environment":"e","Owner":"o","CostCenter":"c","ManagedBy":"m"}}`}
	budget := func(notification Props) []Res {
		return []Res{R(aws.Budget, "budget", Props{"limitAmount": "50", "timeUnit": "MONTHLY", "notifications": List{notification}}), R(aws.Stack, "stack", Props{})}
	}
	Run(t, Rules(), slices.Concat(elsewhereCases(), []Case{
		{
			Rule: "no-literal-credential", Property: "userData", UnknownPasses: true, WrongTypePasses: true, Missing: Passes,
			Compliant: []Res{R(aws.Instance, "i", Props{"userData": "echo hello", "keyName": "x"})},
			Violating: []Res{R(aws.Instance, "i", Props{"userData": "export KEY=AKIAIOSFODNN7EXAMPLE"})},
			AlsoViolates: map[string][]Res{
				"nested":             {R("aws:x/y:Z", "z", Props{"a": List{Props{"apiToken": "dGhpcyBpcyBhIHRva2Vu"}}})},
				"password in clear":  {R(aws.DBInstance, "db", Props{"password": "correct-horse-7"})},
				"secret, unexpected": {R(aws.GlueConnection, "c", Props{"connectionProperties": Props{"PASSWORD": password}})},
			},
			AlsoPasses: map[string][]Res{
				"expected":  {R(aws.DBInstance, "db", Props{"password": password})},
				"reference": {R("aws:x/y:Z", "z", Props{"secretArn": "arn:aws:secretsmanager:eu-west-1:1:secret:x", "tokenValidity": "short"})},
			},
		},
		{
			Rule: "credential-outputs-secret", Property: "databasePassword", UnknownPasses: true, WrongTypePasses: true, Missing: Passes,
			Compliant:    outputs(Props{"databasePassword": password, "secretArn": "arn:aws:secretsmanager:eu-west-1:1:secret:x"}),
			Violating:    outputs(Props{"databasePassword": "correct-horse-7"}),
			SecretPasses: true,
		},
		{
			Rule: "tags-required", Property: "tagsAll", Missing: Passes,
			Compliant:    tagged(aws.Role, "Project", "Environment", "Owner", "CostCenter", "ManagedBy"),
			Violating:    tagged(aws.Role, "Project", "Owner"),
			AlsoViolates: map[string][]Res{"data store": tagged(aws.Bucket, "Project", "Environment", "Owner", "CostCenter", "ManagedBy")},
			AlsoPasses:   map[string][]Res{"of the provider": {withDefaults}, "not taggable": {R(aws.Route, "r", Props{})}},
		},
		{
			Rule: "descriptions-present", Property: "description",
			Compliant: []Res{R(aws.Key, "key", Props{"description": "data"})}, Violating: []Res{R(aws.Key, "key", Props{})},
		},
		{
			Rule:      "stateful-resources-protected",
			Compliant: []Res{protected}, Violating: []Res{R(aws.Bucket, "bucket", Props{})},
		},
		{
			Rule:      "allowed-types-only",
			Compliant: []Res{protected, R("random:index/randomId:RandomId", "id", Props{})}, Violating: []Res{R("aws:dynamodb/table:Table", "table", Props{})},
			AlsoViolates: map[string][]Res{
				"another provider": {R("aws-native:s3:Bucket", "bucket", Props{})},
				"another cloud":    {R("gcp:storage/bucket:Bucket", "bucket", Props{})},
				"through an API":   {R("aws:cloudcontrol/resource:Resource", "bucket", Props{})},
				"arbitrary code":   {R("pulumi-nodejs:dynamic:Resource", "code", Props{})},
			},
			AlsoPasses: map[string][]Res{"harmless": {R("aws:athena/preparedStatement:PreparedStatement", "query", Props{})}},
		},
		{
			Rule: "budget-present", Property: "timeUnit",
			Compliant: budget(Props{"threshold": 80, "subscriberEmailAddresses": List{"a@example.com"}}), Violating: budget(Props{"threshold": 80}),
			AlsoViolates: map[string][]Res{
				"none":       outputs(Props{}),
				"two clouds": append(outputs(Props{}), R("gcp:storage/bucket:Bucket", "bucket", Props{}), R("aws-native:s3:Bucket", "bucket", Props{})),
			},
			AlsoPasses: map[string][]Res{"nothing of AWS": append(outputs(Props{}), R("gcp:storage/bucket:Bucket", "bucket", Props{}))},
		},
	}))
}
