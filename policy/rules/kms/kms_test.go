package kms

import (
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	key := func(props Props) []Res { return []Res{R(aws.Key, "key", props)} }
	policy := func(statement string) []Res { return key(Props{"policy": `{"Statement":[` + statement + `]}`}) }
	const logs = `{"Effect":"Allow","Principal":{"Service":"logs.eu-west-1.amazonaws.com"},"Action":"kms:Decrypt","Resource":"*"`
	const root = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}`
	Run(t, Rules(), []Case{
		{
			Rule: "kms-rotation", Property: "enableKeyRotation",
			Compliant: key(Props{"enableKeyRotation": true}), Violating: key(Props{"enableKeyRotation": false}),
			AlsoPasses: map[string][]Res{
				"asymmetric": key(Props{"customerMasterKeySpec": "RSA_2048"}), "once a year": key(Props{"enableKeyRotation": true, "rotationPeriodInDays": 365}),
			},
			AlsoViolates: map[string][]Res{
				"symmetric": key(Props{"customerMasterKeySpec": "SYMMETRIC_DEFAULT"}), "less often": key(Props{"enableKeyRotation": true, "rotationPeriodInDays": 366}),
			},
		},
		{
			Rule: "kms-policy-present", Property: "policy", UnknownPasses: true,
			Compliant: policy(root), Violating: key(Props{}),
		},
		{
			Rule: "kms-policy-not-public", Property: "policy", Missing: Passes,
			Compliant:  policy(root),
			Violating:  policy(`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*"}`),
			AlsoPasses: map[string][]Res{"own account": policy(`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"123456789012"}}}`)},
		},
		{
			Rule: "kms-policy-service-scoped", Property: "policy", Missing: Passes,
			Compliant: policy(logs + `,"Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:eu-west-1:123456789012:*"}}}`),
			Violating: policy(logs + `}`),
			AlsoViolates: map[string][]Res{
				"events with others":     policy(`{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","budgets.amazonaws.com"]},"Action":"kms:Decrypt","Resource":"*"}`),
				"events without actions": policy(`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"NotAction":"kms:Decrypt","Resource":"*"}`),
				"events may do more":     policy(`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"*"}`),
			},
			AlsoPasses: map[string][]Res{
				"alarms":               policy(`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"}`),
				"for this account":     policy(logs + `,"Condition":{"StringEquals":{"kms:CallerAccount":"123456789012"}}}`),
				"by a service":         policy(logs + `,"Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`),
				"events, any data key": policy(`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"}`),
				"events":               policy(`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"}`),
			},
		},
		{
			Rule: "kms-no-lockout-bypass", Property: "bypassPolicyLockoutSafetyCheck", Missing: Passes,
			Compliant: key(Props{"bypassPolicyLockoutSafetyCheck": false}), Violating: key(Props{"bypassPolicyLockoutSafetyCheck": true}),
		},
		{
			Rule: "kms-deletion-window", Property: "deletionWindowInDays", Missing: Passes,
			Compliant: key(Props{"deletionWindowInDays": 30}), Violating: key(Props{"deletionWindowInDays": 7}),
		},
		{
			Rule: "kms-enabled-single-region", Property: "isEnabled", Missing: Passes,
			Compliant: key(Props{"isEnabled": true}), Violating: key(Props{"isEnabled": false}),
			AlsoViolates: map[string][]Res{"many regions": key(Props{"multiRegion": true})},
		},
	})
}
