package iampolicy

import (
	"fmt"
	"strings"
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
		`{"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}}`:                                  true,
		`{"StringEquals":{"kms:CallerAccount":["123456789012","${aws:PrincipalAccount}"]}}`:                    true,
		`{"StringEqualsIgnoreCase":{"aws:userid":"${aws:userid, 'nobody'}"}}`:                                  true,
		`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/app"}}`:                   true,
		`{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/${aws:PrincipalTag/team}"}}`:      false,
		`{"IpAddress":{"aws:SourceIp":"${aws:SourceIp}"}}`:                                                     true,
		`{"StringEquals":{"aws:PrincipalOrgID":"${*}"}}`:                                                       false,
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
		`{"Effect":"Allow","Action":"rds:*","Resource":"arn:aws:rds:eu-west-1:123456789012:db:${aws:UserAgent}"}`:               true,
		`{"Effect":"Allow","Action":"rds:*","Resource":"arn:aws:rds:eu-west-1:123456789012:db:store-${aws:userid}"}`:            false,
		`{"Effect":"Allow","Action":"rds:*","Resource":"arn:aws:rds:eu-west-1:123456789012:db:${*}"}`:                           false,
		`{"Action":"rds:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`:    false,
		`{"Action":"rds:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:RequestTag/team}"}}}`:      true,
		`{"Action":"rds:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:ResourceTag/team}"}}}`:     true,
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

func condition(t *testing.T, text string) Statement {
	t.Helper()
	return one(t, `{"Effect":"Allow","Principal":"*","Condition":`+text+`}`)
}

// A statement with a key that identifies the caller is not public. For a service these are keys that identify on whose
// behalf it calls.
func TestKeysOfCallers(t *testing.T) {
	for _, key := range strings.Fields(`aws:PrincipalAccount aws:PrincipalArn aws:PrincipalOrgID aws:PrincipalOrgPaths aws:userid aws:SourceAccount
		aws:SourceArn aws:SourceOwner aws:SourceOrgID aws:SourceOrgPaths aws:SourceIp aws:SourceVpc aws:SourceVpce kms:CallerAccount
		s3:DataAccessPointAccount s3:DataAccessPointArn`) {
		require.False(t, condition(t, `{"StringEquals":{"`+key+`":"x"}}`).Public(), key)
	}
	service := `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"}`
	for _, key := range strings.Fields("aws:SourceAccount aws:SourceArn aws:SourceOrgID aws:SourceOrgPaths") {
		require.False(t, one(t, service+`,"Condition":{"StringEquals":{"`+key+`":"x"}}}`).ServesAnyone(), key)
	}
	require.True(t, one(t, service+`}`).ServesAnyone())
	require.False(t, one(t, strings.Replace(service, "Allow", "Deny", 1)+`}`).ServesAnyone())
	require.False(t, one(t, `{"Effect":"Allow","Principal":{"AWS":"*"}}`).ServesAnyone())
}

// A pattern for an identifier without parts matches identifiers of strangers. In an equality wildcards are characters.
func TestPatternsForIdentifiers(t *testing.T) {
	for _, key := range strings.Fields(`aws:PrincipalAccount aws:SourceAccount aws:SourceOwner aws:ResourceAccount kms:CallerAccount aws:PrincipalOrgID
		aws:SourceOrgID aws:ResourceOrgID aws:SourceVpc aws:SourceVpce s3:DataAccessPointAccount sts:ExternalId iam:PassedToService kms:ViaService`) {
		require.False(t, condition(t, `{"StringLike":{"`+key+`":"zz*"}}`).Narrowed(key), key)
		require.True(t, condition(t, `{"StringLike":{"`+key+`":"zz"}}`).Narrowed(key), key)
		for _, operator := range []string{"StringEquals", "StringEqualsIgnoreCase", "Bool", "BinaryEquals"} {
			require.True(t, condition(t, `{"`+operator+`":{"`+key+`":"zz*"}}`).Narrowed(key), operator)
		}
	}
}

// Patterns that match unintended principals.
func TestPatternsForStrangers(t *testing.T) {
	for _, pattern := range []string{
		"9*", "o-s*", "vpc-0*", "vpce-0*", "203.0.*", "s*r", "stranger.a*", "a*:root", "a*:iam:*:role/*", "a*:user/*", "a*assumed-role*", "a*:s3:*", "a*:sns:*",
		"*", "?*", "*store", "role/*", "arn:aws:iam::*:role/store", "arn:aws:s3:::*", "arn:aws:sts*",
	} {
		require.True(t, admitsAnyone("stringlike", "aws:PrincipalTag/team", pattern), pattern)
	}
	for _, pattern := range []string{"store*", "role/store-*", "arn:aws:iam::123456789012:role/*", "arn:aws:s3:::store-*"} {
		require.False(t, admitsAnyone("stringlike", "aws:PrincipalTag/team", pattern), pattern)
	}
	for value, anyone := range map[string]bool{"AROA0123456789*": false, "AROA012345678*": true} {
		require.Equal(t, anyone, admitsAnyone("stringlike", "aws:userid", value), value)
	}
	require.True(t, admitsAnyone("stringlike", "token.actions.githubusercontent.com:sub", "repo:*"))
	require.False(t, admitsAnyone("stringlike", "token.actions.githubusercontent.com:sub", "repo:store/*"))
}

func TestNarrowedForAllRequests(t *testing.T) {
	for text, want := range map[string]bool{
		`{"Bool":{"a:key":"true"}}`: true, `{"BinaryEquals":{"a:key":"QQ=="}}`: true, `{"StringEquals":{"a:key":[]}}`: false, `{"NumericEquals":{"a:key":"1"}}`: false,
		`{"StringEqualsIfExists":{"a:key":"x"},"Null":{"a:key":"false"}}`:                       true,
		`{"StringEqualsIfExists":{"a:key":"x"},"Null":{"a:key":"true"}}`:                        false,
		`{"StringEqualsIfExists":{"a:key":"x"},"Null":{"a:other":"false"}}`:                     false,
		`{"StringEqualsIfExists":{"a:key":"x"},"Bool":{"a:key":"false"}}`:                       true,
		`{"StringEqualsIfExists":{"a:key":"x","a:other":"false"},"Bool":{"a:other":"false"}}`:   false,
		`{"ForAnyValue:StringEquals":{"a:key":"x"}}`:                                            true,
		`{"ArnNotLike":{"a:key":"x"}}`:                                                          false,
		`{"IpAddressIfExists":{"a:key":"0.0.0.0/0"},"Null":{"a:key":"false"}}`:                  false,
		`{"ForAllValues:IpAddress":{"a:key":"0.0.0.0/0"},"Null":{"a:key":"false"}}`:             false,
		`{"ForAllValues:StringLike":{"a:key":"x"},"Null":{"a:key":["false","true"]}}`:           false,
		`{"StringEqualsIfExists":{"a:key":"x"},"StringEquals":{"a:key":"false","a:other":"x"}}`: true,
		`{"StringEqualsIfExists":{"a:key":"false"},"StringLikeIfExists":{"a:key":["false"]}}`:   false,
	} {
		require.Equal(t, want, condition(t, text).Narrowed("a:key"), text)
	}
	require.False(t, condition(t, `{"StringEquals":{"aws:SourceVpce":"x"}}`).Narrowed("aws:SourceVpc"))
	require.False(t, condition(t, `{"StringEquals":{"aws:RequestTag/a":"x"}}`).Narrowed("aws:ResourceTag/"))
	require.True(t, condition(t, `{"StringEquals":{"AWS:resourcetag/a":"x"}}`).Narrowed("aws:ResourceTag/"))
}

func TestConditionOn(t *testing.T) {
	s := condition(t, `{"StringEquals":{"a:key":["x","y"]},"StringLike":{"A:KEY":"z*"},"StringNotEquals":{"a:key":"n"},"Bool":{"b:key":"true"}}`)
	values, narrowed := s.ConditionOn("a:key")
	require.Equal(t, []string{"x", "y", "z*"}, values)
	require.True(t, narrowed)
	values, narrowed = s.ConditionOn("c:key")
	require.Empty(t, values)
	require.False(t, narrowed)
}

// No organization has 1/256 of the IPv4 addresses, but a private network may be 10.0.0.0/8.
func TestWideNetworks(t *testing.T) {
	var most []string // One address less than a /8.
	for bits := 9; bits <= 32; bits++ {
		most = append(most, fmt.Sprintf("11.0.0.0/%d", bits))
	}
	require.False(t, wideNetworks(most))
	require.True(t, wideNetworks(append(most, "12.0.0.1/32")))
	for blocks, want := range map[string]bool{
		"11.0.0.0/8": true, "11.0.0.0/9": false, "11.0.0.0/9 12.0.0.0/9": true, "10.0.0.0/8": false, "10.0.0.0/8 10.0.0.0/9": true,
		"198.51.100.7": false, "2001:db8::1": false, "2001::/23": true, "2001:d00::/24": false, "everywhere": true, "198.51.100.7 0.0.0.0/0": true,
	} {
		require.Equal(t, want, wideNetworks(strings.Fields(blocks)), blocks)
	}
}

func TestSubjectsOfOtherProviders(t *testing.T) {
	for pattern, anyone := range map[string]bool{
		"organization:*": true, "organization:acme:*": false, "project_path:group*": true, "abcde*": true, "abcdef*": false, "abcdef?": false,
	} {
		require.Equal(t, anyone, anySubject(pattern), pattern)
	}
}

func TestNamesCaller(t *testing.T) {
	for text, want := range map[string]bool{
		`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/store"}}`:     true,
		`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:root"}}`:           false,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}}`:           false,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::123456789012:assumed-role/*:x"}}`: false,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/store"}}`:                  false,
		`{"StringEquals":{"aws:userid":"AROAEXAMPLEEXAMPLE12"}}`:                        true,
		`{"StringEquals":{"aws:username":"store"}}`:                                     true,
		`{"StringEquals":{"aws:username":"root"}}`:                                      true,
		`{"StringEquals":{"aws:SourceIdentity":"store"}}`:                               true,
		`{"StringEquals":{"sts:ExternalId":"store"}}`:                                   true,
		`{"StringEquals":{"aws:PrincipalTag/team":"store"}}`:                            true,
		`{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}`:                      false,
		`{"StringNotEquals":{"aws:username":"store"}}`:                                  false,
	} {
		require.Equal(t, want, condition(t, text).NamesCaller(), text)
	}
}

func TestAccounts(t *testing.T) {
	s := one(t, `{"Principal":{"AWS":["123456789012","arn:aws:iam::210987654321:root","*","AIDAEXAMPLE"],"Service":"glue.amazonaws.com",
		"Federated":"arn:aws:iam::111111111111:saml-provider/x","CanonicalUser":["79a59","*"]},
		"Condition":{"StringEquals":{"aws:SourceAccount":"222222222222","aws:username":"333333333333"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}}}`)
	require.Equal(t, []string{"123456789012", "210987654321", "79a59", "111111111111", "222222222222"}, s.Accounts())
	identity := "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
	require.Equal(t, []string{identity}, one(t, `{"Principal":{"AWS":"`+identity+`"}}`).Accounts())
	identity += ":2"
	require.Equal(t, []string{identity}, one(t, `{"Principal":{"AWS":"`+identity+`"}}`).Accounts())
	require.Empty(t, one(t, `{"Principal":{"AWS":["arn:aws:s3::cloudfront:user/x","arn:aws:iam::cloudfront"]}}`).Accounts())
	for id, account := range map[string]string{
		"123456789012": "123456789012", "arn:aws:sns:eu-west-1:123456789012:a:b": "123456789012", "arn:aws:s3:::b": "", "12345678901": "", "12345678901a": "",
		"x:aws:sns:eu-west-1:123456789012:a": "", "arn:aws:sns:eu-west-1:123456789012": "", "*": "",
	} {
		require.Equal(t, account, AccountOf(id), id)
	}
}

func TestDeniesPlainHTTP(t *testing.T) {
	for text, want := range map[string]bool{
		`{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                             true,
		`{"Effect":"Deny","Principal":"*","Condition":{"StringEquals":{"AWS:SecureTransport":"false"}}}`:                     true,
		`{"Effect":"Deny","Principal":"*","Condition":{"StringEqualsIgnoreCase":{"aws:SecureTransport":"false"}}}`:           true,
		`{"Effect":"Deny","Principal":"*","Condition":{"StringLike":{"aws:SecureTransport":"false"}}}`:                       true,
		`{"Effect":"Deny","Principal":"*","Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}`:                     true,
		`{"Effect":"Deny","Principal":"*","Condition":{"Null":{"aws:SecureTransport":"false"}}}`:                             false,
		`{"Effect":"Allow","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                            false,
		`{"Effect":"Deny","Principal":{"AWS":"x"},"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`:                     false,
		`{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`:                              false,
		`{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:ViaAWSService":"false"}}}`:                               false,
		`{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false","aws:ViaAWSService":"false"}}}`: false,
		`{"Effect":"Deny","Principal":"*"}`: false,
	} {
		require.Equal(t, want, one(t, text).DeniesPlainHTTP(), text)
	}
}
