package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// statement is one statement of an IAM policy. It allows unless deny is set.
type statement struct {
	sid       string
	deny      bool
	principal pulumi.Input // Only in resource policies.
	actions   []string
	resources pulumi.StringArray
	condition pulumi.Map
}

// policyDocument returns a policy with the statements, as JSON.
func policyDocument(statements ...statement) pulumi.StringOutput {
	list := make(pulumi.Array, len(statements))
	for i, s := range statements {
		list[i] = s.json()
	}
	return pulumi.JSONMarshal(pulumi.Map{
		"Version":   pulumi.String("2012-10-17"),
		"Statement": list,
	})
}

func (s statement) json() pulumi.Map {
	effect := "Allow"
	if s.deny {
		effect = "Deny"
	}
	m := pulumi.Map{
		"Sid":    pulumi.String(s.sid),
		"Effect": pulumi.String(effect),
		"Action": pulumi.ToStringArray(s.actions),
	}
	if s.principal != nil {
		m["Principal"] = s.principal
	}
	if len(s.resources) > 0 {
		m["Resource"] = s.resources
	}
	if s.condition != nil {
		m["Condition"] = s.condition
	}
	return m
}

// when returns a condition with one operator and one key.
func when(operator, key string, values ...pulumi.StringInput) pulumi.Map {
	var value pulumi.Input = pulumi.StringArray(values)
	if len(values) == 1 {
		value = values[0]
	}
	return pulumi.Map{operator: pulumi.Map{key: value}}
}

func service(name string) pulumi.Input {
	return pulumi.Map{"Service": pulumi.String(name)}
}

// anyone returns every principal. It is only for statements that deny, or have a
// condition on this account.
func anyone() pulumi.Input { return pulumi.Map{"AWS": pulumi.String("*")} }

// tlsOnly denies requests without TLS.
func tlsOnly(action string, resources ...pulumi.StringInput) statement {
	return statement{
		sid: "TLSOnly", deny: true, principal: pulumi.String("*"),
		actions: []string{action}, resources: pulumi.StringArray(resources),
		condition: when("Bool", "aws:SecureTransport", pulumi.String("false")),
	}
}

// useKeyThrough allows use of the keys only through services such as s3, not in the
// role's own requests.
func useKeyThrough(env Environment, keys pulumi.StringArray, services ...string) statement {
	s := useKey(keys...)
	var via []pulumi.StringInput
	for _, service := range services {
		via = append(via, pulumi.String(fmt.Sprintf("%s.%s.amazonaws.com", service, env.Region)))
	}
	s.condition = when("StringEquals", "kms:ViaService", via...)
	return s
}

// useStorageKeys allows use of the stack's key, and of an existing bucket's key for objects only, because its
// owner may use it for other data.
func useStorageKeys(env Environment, storage *Storage) []statement {
	s := []statement{useKey(storage.KeyArn)}
	if key := storage.settings.ExistingBucketKeyArn; key != "" {
		objects := useKeyThrough(env, list(key), "s3")
		objects.sid = "UseBucketKey"
		s = append(s, objects)
	}
	return s
}

// decryptSecrets allows reading existing secrets that are encrypted with the keys.
func decryptSecrets(env Environment, keys ...string) []statement {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == "" })
	if len(keys) == 0 {
		return nil
	}
	s := useKeyThrough(env, list(keys...), "secretsmanager")
	s.sid, s.actions = "DecryptExistingSecrets", []string{"kms:Decrypt"}
	return []statement{s}
}

// useKey allows encryption and decryption with the keys.
func useKey(keys ...pulumi.StringInput) statement {
	return statement{
		sid: "UseKey",
		// Glue needs Encrypt for bookmarks.
		actions:   []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"},
		resources: pulumi.StringArray(keys),
	}
}

// writeLog allows a function to write to its log group.
func writeLog(env Environment, group pulumi.StringInput) statement {
	return statement{
		sid:       "WriteLogs",
		actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		resources: pulumi.StringArray{env.arnOf("logs", "log-group:%s:*", group)},
	}
}
