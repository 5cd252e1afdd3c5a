package iampolicy

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func one(t *testing.T, statement string) Statement {
	t.Helper()
	d, err := Parse(`{"Version":"2012-10-17","Statement":` + statement + `}`)
	require.NoError(t, err)
	require.Len(t, d.Statements, 1)
	return d.Statements[0]
}

func TestForms(t *testing.T) {
	single := one(t, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Principal":"*"}`)
	list := one(t, `[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/*"],"Principal":"*"}]`)
	require.Equal(t, single, list)
	kinds := one(t, `{"Sid":"x","Principal":{"Service":["a.amazonaws.com","b.amazonaws.com"],"AWS":"arn:aws:iam::1:root"}}`)
	require.Equal(t, []string{"a.amazonaws.com", "b.amazonaws.com"}, kinds.Of("Service"))
	require.Equal(t, "statement x", kinds.Name())
	bools := one(t, `{"Condition":{"Bool":{"aws:SecureTransport":false}}}`)
	require.Equal(t, []Condition{{"Bool", "aws:SecureTransport", []string{"false"}}}, bools.Condition)
}

func TestNotADocument(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `"x"`, `{"Statement":3}`, `{"Statement":[{"Action":{"a":1}}]}`, `{"Statement":{"Principal":3}}`} {
		_, err := Parse(text)
		require.Error(t, err, text)
	}
	_, err := Parse(`{"password": hunter2}`)
	require.NotContains(t, err.Error(), "hunter2", "errors do not quote the document")
}

func TestCovers(t *testing.T) {
	tests := []struct {
		statement, action string
		want              bool
	}{
		{`{"Action":"*"}`, "s3:GetObject", true},
		{`{"Action":"s3:*"}`, "s3:GetObject", true},
		{`{"Action":"S3:get*"}`, "s3:GetObject", true},
		{`{"Action":"s3:Get?bject"}`, "s3:GetObject", true},
		{`{"Action":"s3:*Acl"}`, "s3:PutObjectAcl", true},
		{`{"Action":"s3:PutObject"}`, "s3:PutObjectAcl", false},
		{`{"NotAction":"iam:*"}`, "s3:GetObject", true},
		{`{"NotAction":"s3:Get*"}`, "s3:GetObject", false},
		{`{}`, "s3:GetObject", false},
	}
	for _, test := range tests {
		require.Equal(t, test.want, one(t, test.statement).Covers(test.action), "%s %s", test.statement, test.action)
	}
}

func TestNarrowed(t *testing.T) {
	tests := map[string]bool{
		`{"StringEquals":{"aws:SourceArn":"arn:x"}}`:                true,
		`{"ArnLike":{"AWS:sourcearn":["arn:x","arn:y"]}}`:           true,
		`{"StringEquals":{"aws:SourceArn":"*"}}`:                    false,
		`{"StringNotEquals":{"aws:SourceArn":"arn:x"}}`:             false,
		`{"StringEqualsIfExists":{"aws:SourceArn":"arn:x"}}`:        false,
		`{"ForAllValues:StringEquals":{"aws:SourceArn":["arn:x"]}}`: false,
		`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`:                false,
		`{"Null":{"aws:SourceArn":"false"}}`:                        false,
		`{"StringLike":{"aws:SourceArn":"arn:*"}}`:                  false,
		`{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}`:            false,
		`{"ArnLike":{"aws:SourceArn":"arn:aws:iam::*:role/*"}}`:     false,
		`{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::stack-*"}}`:      true,
	}
	for condition, want := range tests {
		require.Equal(t, want, one(t, `{"Condition":`+condition+`}`).Narrowed("aws:SourceArn"), condition)
	}
	require.False(t, one(t, `{"Condition":{"StringLike":{"aws:PrincipalAccount":"????????????"}}}`).Narrowed("aws:PrincipalAccount"))
	require.False(t, one(t, `{"Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/16","0.0.0.0/1"]}}}`).Narrowed("aws:SourceIp"))
	require.True(t, one(t, `{"Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}}`).Narrowed("aws:SourceIp"))
	require.True(t, one(t, `{"Condition":{"StringEquals":{"kms:EncryptionContext:aws:logs:arn":"x"}}}`).Narrowed("kms:EncryptionContext:"))
}

func TestEveryoneAndEverything(t *testing.T) {
	require.True(t, one(t, `{"Principal":{"AWS":"*"}}`).Everyone())
	require.True(t, one(t, `{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::1:root"}}`).AllowsStrangers())
	require.False(t, one(t, `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::1:root"}}`).AllowsStrangers())
	require.False(t, one(t, `{"Principal":{"Service":"glue.amazonaws.com"}}`).Everyone())
	require.True(t, one(t, `{"Resource":["arn:aws:s3:::b","*"]}`).EveryResource())
	require.True(t, one(t, `{"NotResource":"arn:aws:s3:::b"}`).EveryResource())
	require.False(t, one(t, `{"Resource":"arn:aws:s3:::*"}`).EveryResource())
	for _, everything := range []string{"*", "**", "?*", "*:*", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*", "arn:*:*:*:*:*"} {
		require.True(t, one(t, `{"Resource":"`+everything+`"}`).EveryResource(), everything)
	}
	for _, action := range []string{"*", "**", "*:*", "?*"} {
		require.True(t, one(t, `{"Action":"`+action+`"}`).EveryAction(), action)
	}
	require.True(t, one(t, `{"NotAction":"sns:Publish"}`).EveryAction())
	require.True(t, one(t, `{"Action":["ec2:*","iam:*","kms:*","s3:*"]}`).EveryAction())
	for _, actions := range []string{`"iam:*","kms:*","s3:*"`, `"ec2:*","kms:*","s3:*"`, `"ec2:*","iam:*","s3:*"`, `"ec2:*","iam:*","kms:*"`} {
		require.False(t, one(t, `{"Action":[`+actions+`]}`).EveryAction(), actions)
	}
}

func TestParseNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, _ := Parse(rapid.StringOf(rapid.SampledFrom([]rune(`{}[]":,*StatementActionEffectAllow1`))).Draw(t, "text"))
		for _, s := range d.Statements {
			s.Covers("a:b")
		}
	})
}

// The role's account may be that of the stack.
func TestResourcesByTheAccountOfTheRole(t *testing.T) {
	for resource, want := range map[string]bool{
		"arn:aws:iam::${aws:PrincipalAccount}:role/app": true, "arn:aws:iam::${aws:PrincipalAccount}:role/a*": true,
		"arn:aws:iam::${aws:PrincipalAccount}:role/other": false, "arn:aws:iam::999999999999:role/app": false,
	} {
		s := one(t, `{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"`+resource+`"}`)
		require.Equal(t, want, MatchesARN(s.Resource[0], "arn:aws:iam::123456789012:role/app"), resource)
	}
}

func TestStarMatchesEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		cut := rapid.IntRange(0, len([]rune(text))).Draw(t, "cut")
		runes := []rune(text)
		require.True(t, Matches("*", text))
		require.True(t, Matches(string(runes[:cut])+"*", text))
		require.True(t, Matches("*"+string(runes[cut:]), text))
	})
}

func TestBroad(t *testing.T) {
	for resource, want := range map[string]bool{
		"arn:aws:iam::123456789012:policy/*": true, "arn:aws:iam::*:user/*": true, "arn:aws:kms:*:*:key*": true,
		"arn:aws:kms:eu-west-1:123456789012:key/*": true, "arn:aws:ssm:*:*:parameter*": true, "arn:aws:ec2:*:*:instance/*": true,
		"arn:aws:ec2:eu-west-1:123456789012:instance/i-*": true, "arn:aws:iam::123456789012:role/?*": true, "?*": true, "arn:aws:*:*:*:*": true,
		"arn:aws:s3:::*": true, "arn:aws:s3:::*/*": true, "arn:aws:s3:::*-logs/*": true, "arn:aws:secretsmanager:*:*:secret:s*": true,
		"arn:aws:iam*": true, "arn:aws:logs:*:*:log-group:*": true,
		"arn:aws:s3:::bucket/*": false, "arn:aws:kms:*:*:key/1234": false, "arn:aws:iam::123456789012:role/store-events-*": false,
		"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/store:*": false, "arn:aws:glue:eu-west-1:123456789012:table/sales/*": false,
		"arn:aws:ssm:eu-west-1:123456789012:parameter/store/*": false, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-??????": false,
	} {
		require.Equal(t, want, one(t, `{"Resource":"`+resource+`"}`).Broad(), resource)
	}
	require.True(t, one(t, `{"NotResource":"arn:aws:s3:::bucket/*"}`).Broad())
}
