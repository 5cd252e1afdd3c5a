package s3

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

const denyPlainHTTP = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],` +
	`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`

// cloudFront allows the identity of a distribution to read.
const cloudFront = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},"Action":"s3:GetObject","Resource":"*"}`

// canonical allows the same identity to read, by its canonical user ID.
const canonical = `{"Effect":"Allow","Principal":{"CanonicalUser":"0123abcd"},"Action":"s3:GetObject","Resource":"*"}`

func bucketWithPolicy(statement string) []Res {
	return with(aws.BucketPolicy, "policy", Props{"policy": `{"Statement":` + statement + `}`})
}

func policyCases() []Case {
	return []Case{
		{
			Rule: "s3-tls-only", Property: "policy", On: "policy",
			Compliant: bucketWithPolicy(denyPlainHTTP),
			Violating: []Res{bucket},
			AlsoViolates: map[string][]Res{
				"objects only":    bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`),
				"some actions":    bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`),
				"one prefix":      bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/raw/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`),
				"some callers":    bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalTag/team":"x"}}}`),
				"all but one":     bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::bucket/raw/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`),
				"wrong way round": bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`),
			},
			AlsoPasses: map[string][]Res{
				"if exists":     bucketWithPolicy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}`),
				"list, boolean": bucketWithPolicy(`[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}]`),
			},
		},
		{
			Rule: "s3-policy-no-public-allow", Property: "policy", Missing: Passes,
			Compliant: policyOf(denyPlainHTTP),
			Violating: policyOf(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}`),
			AlsoViolates: map[string][]Res{
				"AWS star":      policyOf(`{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"s3:GetObject","Resource":"*"}`),
				"NotPrincipal":  policyOf(`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::1:root"},"Action":"s3:GetObject","Resource":"*"}`),
				"any account":   policyOf(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"aws:PrincipalAccount":"????????????"}}}`),
				"any role":      policyOf(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}}`),
				"any condition": policyOf(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`),
			},
			AlsoPasses: map[string][]Res{
				"own organization": policyOf(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`),
			},
		},
		{
			Rule: "s3-policy-no-cross-account", Property: "policy", Missing: Passes,
			Compliant: policyOf(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/r"},"Action":"s3:GetObject","Resource":"*"}`),
			Violating: policyOf(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:role/r"},"Action":"s3:GetObject","Resource":"*"}`),
			AlsoViolates: map[string][]Res{
				"by condition": policyOf(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"999999999999"}}}`),
				"another distribution": append(policyOf(cloudFront),
					R(originAccessIdentity, "identity", Props{"iamArn": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2"})),
				"another canonical user": append(policyOf(canonical),
					R(originAccessIdentity, "identity", Props{"s3CanonicalUserId": "4567cdef"})),
				"bare account": policyOf(`{"Effect":"Allow","Principal":{"AWS":["123456789012","999999999999"]},"Action":"s3:GetObject","Resource":"*"}`),
			},
			AlsoPasses: map[string][]Res{
				"denied": policyOf(`{"Effect":"Deny","Principal":{"AWS":"999999999999"},"Action":"s3:GetObject","Resource":"*"}`),
				"the stack's distribution": append(policyOf(cloudFront),
					R(originAccessIdentity, "identity", Props{"iamArn": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"})),
				"the same by its canonical user": append(policyOf(canonical),
					R(originAccessIdentity, "identity", Props{"s3CanonicalUserId": "0123abcd"})),
			},
			UndecidedAtPreview: true,
		},
		{
			Rule: "s3-policy-no-lockout", Property: "policy", Missing: Passes,
			Compliant:    policyOf(denyPlainHTTP),
			Violating:    policyOf(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`),
			AlsoViolates: map[string][]Res{"the one action": policyOf(`{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"*"}`)},
		},
	}
}
