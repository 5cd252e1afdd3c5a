package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The wording follows the user guide's page on access denied messages.
func TestMessages(t *testing.T) {
	table := "arn:aws:glue:us-east-1:111122223333:table/db/t"
	d := Evaluate(Request{Principal: loader, Action: "glue:GetTable", Resource: table}, Policies{})
	require.Equal(t, "User: arn:aws:sts::111122223333:assumed-role/loader/run is not authorized to perform: glue:GetTable on resource: "+
		table+" because no identity-based policy allows the glue:GetTable action", d.Message())
	require.JSONEq(t, `{"Effect":"Allow","Action":"glue:GetTable","Resource":"`+table+`"}`, string(d.Missing()))

	denied := identity(t, `{"Sid":"NoTables","Effect":"Deny","Action":"glue:*","Resource":"*"}`)
	d = Evaluate(Request{Principal: loader, Action: "glue:GetTable", Resource: table}, denied)
	require.Equal(t, "User: arn:aws:sts::111122223333:assumed-role/loader/run is not authorized to perform: glue:GetTable on resource: "+
		table+" with an explicit deny in an identity-based policy", d.Message())
	require.Equal(t, "NoTables", d.Statement)
	require.Nil(t, d.Missing())

	tests := []struct {
		action, resource, want string
		decision               Decision
	}{
		{"s3:GetObject", "arn:aws:s3:::b/k", `s3:GetObject on resource: "arn:aws:s3:::b/k" because no VPC endpoint policy allows the s3:GetObject action`, Decision{Reason: ImplicitDeny, Kind: Endpoint}},
		{"sns:Publish", "arn:t", "SNS:Publish on resource: arn:t with an explicit deny in a resource-based policy", Decision{Reason: ExplicitDeny, Kind: Resource}},
		{"sqs:SendMessage", "arn:q", "sqs:sendmessage on resource: arn:q because no session policy allows the sqs:sendmessage action", Decision{Reason: ImplicitDeny, Kind: Session}},
		{"sts:AssumeRole", "arn:r", "sts:AssumeRole on resource: arn:r with an explicit deny in the role trust policy", Decision{Reason: ExplicitDeny, Kind: Trust}},
		{"a:B", "*", "a:B on resource: * because no permissions boundary allows the a:B action", Decision{Reason: ImplicitDeny, Kind: Boundary}},
	}
	for _, test := range tests {
		test.decision.Request = Request{Principal: alice, Action: test.action, Resource: test.resource}
		require.Equal(t, "User: "+alice.ARN+" is not authorized to perform: "+test.want, test.decision.Message())
	}
}

func TestGrammar(t *testing.T) {
	tests := []struct {
		kind        Kind
		text, error string
	}{
		{Identity, `[]`, "not a JSON object"},
		{Identity, `{"Version":"2012-10-17"}`, "Statement must be"},
		{Identity, `{"Version":"2013-10-17","Statement":[]}`, "Version must be"},
		{Identity, `{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`, "Allow or Deny"},
		{Identity, `{"Statement":{"Action":"*","Resource":"*"}}`, "required field Effect"},
		{Identity, `{"Statement":{"Effect":"Allow","action":"*","Resource":"*"}}`, `unknown element "action"`},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`, "prefaced by a vendor"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*"}}`, "must contain resources"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"bucket"}}`, "ARN format"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`, "either Action or NotAction"},
		{Identity, `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`, "should not specify a principal"},
		{Identity, `{"Statement":{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}}`, "alpha-numeric"},
		{Identity, `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]}`, "must be unique"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}}}`, "Invalid Condition type : StringIs"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a:b":{}}}}}`, "not a string"},
		{Trust, `{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}`, "prohibited field Resource"},
		{Resource, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, "either Principal or NotPrincipal"},
		{Resource, `{"Statement":{"Effect":"Allow","Principal":"x","Action":"*","Resource":"*"}}`, "Invalid principal"},
		{Resource, `{"Statement":{"Effect":"Allow","Principal":{"User":"x"},"Action":"*","Resource":"*"}}`, "Invalid principal"},
	}
	for _, test := range tests {
		_, err := Parse(test.kind, []byte(test.text))
		require.ErrorContains(t, err, test.error, test.text)
		var malformed *MalformedError
		require.ErrorAs(t, err, &malformed)
	}
}

func TestParseNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune(`{}[]":,*StatementActionEffectAllowResource1`))).Draw(t, "text")
		_, _ = Parse(Kind(rapid.IntRange(0, 5).Draw(t, "kind")), []byte(text))
	})
}
