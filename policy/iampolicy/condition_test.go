package iampolicy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPublic(t *testing.T) {
	for condition, public := range map[string]bool{
		`{}`: true,
		`{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}`:                                             false,
		`{"StringLike":{"aws:PrincipalAccount":"1*"}}`:                                                         true,
		`{"StringLike":{"aws:PrincipalOrgID":"o-*"}}`:                                                          true,
		`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`:                                                        false,
		`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}}`:                                     false,
		`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"*/r-1/*"}}`:                                       true,
		`{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`:                                        true,
		`{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"},"Null":{"aws:PrincipalOrgPaths":false}}`: false,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}}`:                                           true,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}}`:                                  false,
		`{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}`:                                                     false,
		`{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}`:                                           true,
		`{"IpAddress":{"aws:SourceIp":"2000::/3"}}`:                                                            true,
		`{"NumericLessThan":{"aws:SourceAccount":"999999999999"}}`:                                             true,
		`{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`:                                       true,
		`{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE12:*"}}`:                                               false,
		`{"StringLike":{"aws:userid":"AROA*"}}`:                                                                true,
		`{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`:                                     true,
	} {
		s := one(t, `{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":`+condition+`}`)
		require.Equal(t, public, s.Public(), condition)
	}
}

func TestSubjects(t *testing.T) {
	for pattern, anyone := range map[string]bool{
		"repo:*": true, "repo:store*": true, "repo:*/events:*": true, "repo:store/*": false, "repo:store/events:*": false,
		"system:serviceaccount:*:*": true, "system:serviceaccount:events:*": false, "project_path:group/*": false, "*": true,
	} {
		require.Equal(t, anyone, anySubject(pattern), pattern)
	}
}

func TestReaches(t *testing.T) {
	for statement, want := range map[string]bool{
		`{"Action":"rds:Dele*","Resource":"arn:aws:rds:eu-west-1:123*"}`:                                                        true,
		`{"Action":"rds:*","Resource":"arn:aws:sns:*:*:*"}`:                                                                     false,
		`{"Action":"rds:DeleteDBInstance","NotResource":"arn:aws:rds:eu-west-1:123456789012:db:a"}`:                             true,
		`{"Action":"*","Resource":"arn:*"}`:                                                                                     true,
		`{"Action":"rds:DeleteDBInstance","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Project":"store"}}}`:     false,
		`{"Action":"rds:DeleteDBInstance","Resource":"*","Condition":{"StringLike":{"aws:ResourceTag/Project":"*"}}}`:           true,
		`{"Action":"rds:DeleteDBInstance","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:ResourceTag/Project":"x"}}}`: true,
		`{"Action":"rds:DeleteDBInstance","Resource":"arn:aws:rds:eu-west-1:123456789012:db:store-*"}`:                          false,
	} {
		require.Equal(t, want, one(t, statement).Reaches("rds:DeleteDBInstance"), statement)
	}
}

func TestDoubts(t *testing.T) {
	for text, doubtful := range map[string]bool{
		`{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}`:                                  false,
		`{"Statement":[{"Effect":"Allow","Action":"*","Action":"a:b","Resource":"*"}]}`:                     true,
		`{"Statement":[],"Statement":[]}`:                                                                   true,
		`{"statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}`:                                  true,
		`{"Statement":[{"Effect":"allow","Action":"a:b","Resource":"*"}]}`:                                  true,
		`{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":{"aws":"*"}}]}`:                         true,
		`{"Statement":[{"Effect":"Allow","Condition":{"Bool":{"a:b":"true"},"StringEquals":{"a:b":"x"}}}]}`: false,
		`{"Statement":[{"Effect":"Allow","Condition":{"Bool":{"a:b":"true","a:b":"false"}}}]}`:              true,
	} {
		d, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, doubtful, len(d.Doubts) > 0, text)
	}
	d, err := Parse(`{"Statement":{"Effect":"Allow","Action":"*","Action":"a:b"},"Statement":{"Effect":"Deny","Action":"c:d"}}`)
	require.NoError(t, err)
	require.Len(t, d.Statements, 2)
	require.Equal(t, []string{"*", "a:b"}, d.Statements[0].Action, "the rules see both")
}
