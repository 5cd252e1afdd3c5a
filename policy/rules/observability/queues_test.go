package observability

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func queueCases() []Case {
	queue := func(props Props) []Res { return []Res{R(aws.Queue, "queue", props), key} }
	policy := func(statement string) []Res {
		return append(queue(Props{}), R(aws.QueuePolicy, "policy", Props{"queueUrl": Ref("queue"), "policy": `{"Statement":` + statement + `}`}))
	}
	const denies = `{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	const open = `{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"`
	return []Case{
		{
			Rule: "sqs-encrypted", Property: "kmsMasterKeyId",
			Compliant: queue(Props{"kmsMasterKeyId": Arn("key")}), Violating: queue(Props{"kmsMasterKeyId": "alias/aws/sqs"}),
		},
		{
			Rule: "sqs-tls-only", Property: "policy", On: "policy",
			Compliant: policy(denies), Violating: queue(Props{}),
			AlsoViolates: map[string][]Res{"no such statement": policy(open + `}`), "inside": queue(Props{"policy": `{"Statement":[]}`})},
			AlsoPasses:   map[string][]Res{"inside": queue(Props{"policy": `{"Statement":` + denies + `}`})},
		},
		{
			Rule: "sqs-policy-not-public", Property: "policy", On: "policy", Missing: Passes,
			Compliant: policy(open + `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/r"}}}`), Violating: policy(open + `}`),
			AlsoViolates: map[string][]Res{"event bus": {R(aws.EventBusPolicy, "bus", Props{"policy": `{"Statement":{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*"}}`})}},
			AlsoPasses: map[string][]Res{"event bus for a role": {R(aws.EventBusPolicy, "bus", Props{
				"policy": `{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/sender"},"Action":"events:PutEvents","Resource":"*"}}`,
			})}},
		},
	}
}
