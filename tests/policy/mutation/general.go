package mutation

import (
	"maps"

	"store-events/policy/aws"
	"store-events/tests/policy/recording"
)

// Output sets an output of the stack.
func Output(name string, v any) Change {
	return func(p *recording.Program) error {
		p.Outputs = maps.Clone(p.Outputs)
		p.Outputs[name] = v
		return nil
	}
}

// unprotect allows the engine to delete a resource.
func unprotect(resourceType, name string) Change {
	return func(p *recording.Program) error {
		i, err := find(p, resourceType, name)
		if err == nil {
			p.Resources[i].Protected = false
		}
		return err
	}
}

// ignoring makes the engine ignore changes of properties.
func ignoring(resourceType, name string, properties ...string) Change {
	return func(p *recording.Program) error {
		i, err := find(p, resourceType, name)
		if err == nil {
			p.Resources[i].IgnoreChanges = properties
		}
		return err
	}
}

var general = []Mutation{
	{Rule: "no-literal-credential", Change: set(aws.AthenaNamedQuery, "returns", "description", "with AKIAIOSFODNN7EXAMPLE")},
	{Rule: "credential-outputs-secret", Change: Output("DatabasePassword", "correct-horse-7")},
	{Rule: "tags-required", Change: unset(aws.Bucket, "events", "tags.DataClassification")},
	{Rule: "descriptions-present", Change: unset(aws.Key, "key", "description")},
	{Rule: "stateful-resources-protected", Change: unprotect(aws.Bucket, "events")},
	{Rule: "allowed-types-only", Change: add("aws:dynamodb/table:Table", "table", object{})},
	{Rule: "budget-present", Change: remove(aws.Budget, "budget")},
	{Rule: "own-account-only", Change: set(aws.EventTarget, "job-failed", "deadLetterConfig", object{"arn": "arn:aws:sqs:us-east-1:999999999999:q"})},
	{Rule: "workload-role-in-stack", Change: set(aws.Function, "producer", "role", "arn:aws:iam::000000000000:role/Admin")},
	{Rule: "provider-is-the-stacks", Change: add("pulumi:providers:aws", "second", object{
		"region": recording.Region, "accessKey": "none", "secretKey": "none", "skipCredentialsValidation": "true",
		"skipRequestingAccountId": "true", "skipMetadataApiCheck": "true",
	})},
	{Rule: "account-guards-on", Change: add(aws.EncryptionByDefault, "account", object{"enabled": false})},
	{Rule: "no-ignored-security-changes", Change: ignoring(aws.SecurityGroup, "consumer-group", "ingress")},
}
