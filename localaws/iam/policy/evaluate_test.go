package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	testAccount = "111122223333"
	testKey     = "arn:aws:kms:us-east-1:111122223333:key/1"
)

var (
	alice  = Principal{ARN: "arn:aws:iam::111122223333:user/alice"}
	loader = Principal{ARN: "arn:aws:sts::111122223333:assumed-role/loader/run", Role: "arn:aws:iam::111122223333:role/etl/loader"}
	events = Principal{Service: "events.amazonaws.com"}
)

func one(t *testing.T, kind Kind, statements ...string) *Named {
	t.Helper()
	d, err := Parse(kind, []byte(`{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`))
	require.NoError(t, err)
	return &Named{Name: "p", Document: d}
}

func identity(t *testing.T, statements ...string) Policies {
	t.Helper()
	return Policies{Identity: []Named{*one(t, Identity, statements...)}}
}

func TestConditions(t *testing.T) {
	tests := []struct {
		condition string
		context   map[string][]string
		want      bool
	}{
		// From the user guide's page on condition operators.
		{`{"StringEquals":{"aws:PrincipalTag/job":"iamuser-admin"}}`, map[string][]string{"aws:PrincipalTag/job": {"iamuser-admin"}}, true},
		{`{"StringEquals":{"aws:principaltag/JOB":"iamuser-admin"}}`, map[string][]string{"aws:PrincipalTag/job": {"iamuser-admin"}}, true},
		{`{"StringEquals":{"a:b":"x*"}}`, map[string][]string{"a:b": {"xy"}}, false},
		{`{"StringLike":{"a:b":"x*"}}`, map[string][]string{"a:b": {"xy"}}, true},
		{`{"StringNotEquals":{"a:b":["x","y"]}}`, map[string][]string{"a:b": {"y"}}, false},
		{`{"StringNotEquals":{"a:b":["x","y"]}}`, nil, true},
		{`{"StringEqualsIgnoreCase":{"a:b":"X"}}`, map[string][]string{"a:b": {"x"}}, true},
		{`{"NumericLessThanEquals":{"s3:max-keys":"10"}}`, map[string][]string{"s3:max-keys": {"10"}}, true},
		{`{"NumericLessThanEquals":{"s3:max-keys":10}}`, map[string][]string{"s3:max-keys": {"11"}}, false},
		{`{"NumericEquals":{"s3:max-keys":"ten"}}`, map[string][]string{"s3:max-keys": {"ten"}}, false},
		{`{"DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01T00:00:01Z"}}`, map[string][]string{"aws:TokenIssueTime": {"2020-01-01T00:00:02Z"}}, true},
		{`{"DateLessThan":{"aws:EpochTime":"2026-01-02T00:00:00Z"}}`, map[string][]string{"aws:EpochTime": {"1767225600"}}, true},
		{`{"NumericGreaterThan":{"aws:EpochTime":"1767225599"}}`, map[string][]string{"aws:EpochTime": {"1767225600"}}, true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, map[string][]string{"aws:SecureTransport": {"false"}}, true},
		{`{"Bool":{"aws:SecureTransport":false}}`, nil, false},
		{`{"BinaryEquals":{"a:b":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}`, map[string][]string{"a:b": {"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}, true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, map[string][]string{"aws:SourceIp": {"203.0.113.9"}}, true},
		{`{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}`, map[string][]string{"aws:SourceIp": {"2001:db8::9"}}, true},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, map[string][]string{"aws:SourceIp": {"2001:db8::9"}}, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::a*"}}`, map[string][]string{"aws:SourceArn": {"arn:aws:s3:::abc"}}, true},
		{`{"ArnEquals":{"aws:SourceArn":"arn:aws:events:*:111122223333:*"}}`, map[string][]string{"aws:SourceArn": {"arn:aws:events:us-east-1:111122223333:rule/x:y"}}, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:*:rule/x"}}`, map[string][]string{"aws:SourceArn": {"arn:aws:events:us-east-1:111122223333:rule/x"}}, false},
		{`{"Null":{"aws:TokenIssueTime":"true"}}`, nil, true},
		{`{"Null":{"aws:TokenIssueTime":"false"}}`, nil, false},
		{`{"StringEqualsIfExists":{"ec2:InstanceType":"t1.micro"}}`, nil, true},
		{`{"StringEqualsIfExists":{"ec2:InstanceType":"t1.micro"}}`, map[string][]string{"ec2:InstanceType": {"t2.micro"}}, false},
		{`{"ForAnyValue:StringEqualsIfExists":{"a:b":"x"}}`, nil, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["environment","webserver"]}}`, map[string][]string{"aws:TagKeys": {"environment"}}, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["environment","webserver"]}}`, map[string][]string{"aws:TagKeys": {"environment", "cost"}}, false},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["environment"]}}`, nil, true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["environment"]}}`, nil, false},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["environment"]}}`, map[string][]string{"aws:TagKeys": {"cost", "environment"}}, true},
		{`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["environment"]}}`, map[string][]string{"aws:TagKeys": {"cost", "environment"}}, true},
		{`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["environment"]}}`, map[string][]string{"aws:TagKeys": {"cost", "environment"}}, false},
		// From the user guide's page on policy variables.
		{`{"StringEquals":{"a:b":"${aws:username}"}}`, map[string][]string{"a:b": {"alice"}}, true},
		{`{"StringLike":{"a:b":"${aws:PrincipalTag/team, 'company-wide'}/*"}}`, map[string][]string{"a:b": {"company-wide/x"}}, true},
		{`{"StringLike":{"a:b":"${aws:PrincipalTag/team}/*"}}`, map[string][]string{"a:b": {"blue/x"}, "aws:PrincipalTag/team": {"*"}}, false},
		{`{"StringLike":{"a:b":"a${*}"}}`, map[string][]string{"a:b": {"ab"}}, false},
		{`{"StringLike":{"a:b":"a${*}"}}`, map[string][]string{"a:b": {"a*"}}, true},
		{`{"StringEqualsIgnoreCase":{"a:b":"A${*}"}}`, map[string][]string{"a:b": {"a*"}}, true},
		{`{"StringEquals":{"a:b":"${a:none}"}}`, map[string][]string{"a:b": {""}}, false},
		{`{"StringNotEquals":{"a:b":"${a:none}"}}`, map[string][]string{"a:b": {"x"}}, true},
	}
	for _, test := range tests {
		c := Context{}
		for key, values := range test.context {
			c.Set(key, values...)
		}
		p := identity(t, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+test.condition+`}`)
		d := Evaluate(Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", ResourceAccount: testAccount, Context: c}, p)
		require.Equal(t, test.want, d.Allowed, "%s with %v", test.condition, test.context)
	}
}

func TestResources(t *testing.T) {
	tests := []struct {
		pattern, resource string
		want              bool
	}{
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3.jpg", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/tests/3.jpg", false},
		{"arn:aws:s3:::b/?", "arn:aws:s3:::b/ü", true},
		{"arn:aws:s3:::B/*", "arn:aws:s3:::b/x", false},
		{"arn:aws:logs:us-east-1:1:log-group:/a", "arn:aws:logs:us-east-1:1:log-group:/a:log-stream:", false},
		{"arn:aws:logs:us-east-1:1:log-group:/a:*", "arn:aws:logs:us-east-1:1:log-group:/a:log-stream:", true},
		{"arn:aws:*:1:log-group:/a", "arn:aws:logs:us-east-1:1:log-group:/a", false},
		{"arn:aws:sqs", "arn:aws:sqs:us-east-1:1:queue", true},
		{"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/x", true},
		{"arn:aws:s3:::b/${aws:FederatedProvider}/*", "arn:aws:s3:::b//x", false},
		{"arn:aws:ec2:*:*:network-interface/*", "*", false},
		{"*", "*", true},
	}
	for _, test := range tests {
		p := identity(t, `{"Effect":"Allow","Action":"*","Resource":"`+test.pattern+`"}`)
		d := Evaluate(Request{Principal: alice, Action: "a:b", Resource: test.resource, ResourceAccount: testAccount}, p)
		require.Equal(t, test.want, d.Allowed, "%s on %s", test.pattern, test.resource)
	}
}

// A key that is being created has no policy when its tags are checked.
func TestTagsOfANewKey(t *testing.T) {
	p := identity(t, `{"Effect":"Allow","Action":"kms:TagResource","Resource":"arn:aws:kms:*:111122223333:key/*"}`)
	newKey := strings.TrimSuffix(testKey, "1") + "*"
	require.True(t, Evaluate(Request{Principal: alice, Action: "kms:TagResource", Resource: newKey}, p).Allowed)
	require.False(t, Evaluate(Request{Principal: alice, Action: "kms:TagResource", Resource: testKey}, p).Allowed, "a key without a policy")
	p = identity(t, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`)
	require.False(t, Evaluate(Request{Principal: alice, Action: "kms:TagResource", Resource: newKey}, p).Allowed)
	require.False(t, Evaluate(Request{Principal: alice, Action: "kms:Decrypt", Resource: newKey}, p).Allowed, "an unknown key")
}

func TestUnresolvedVariableInNotResourceAllowsLess(t *testing.T) {
	allow := `{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b/${a:none}"}`
	r := Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x", ResourceAccount: testAccount}
	require.False(t, Evaluate(r, identity(t, allow)).Allowed)
	deny := strings.Replace(allow, "Allow", "Deny", 1)
	require.Equal(t, ExplicitDeny, Evaluate(r, identity(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`, deny)).Reason)
}

func TestVersion2008HasNoVariables(t *testing.T) {
	d, err := Parse(Identity, []byte(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}}`))
	require.NoError(t, err)
	p := Policies{Identity: []Named{{Document: d}}}
	r := Request{Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/alice", ResourceAccount: testAccount}
	require.False(t, Evaluate(r, p).Allowed)
	r.Resource = "arn:aws:s3:::b/${aws:username}"
	require.True(t, Evaluate(r, p).Allowed)
}

func TestPrincipals(t *testing.T) {
	use := func(principal string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"kms:Decrypt","Resource":"*"}`
	}
	root, role, session := `{"AWS":"arn:aws:iam::111122223333:root"}`, `{"AWS":"`+loader.Role+`"}`, `{"AWS":"`+loader.ARN+`"}`
	nothing := `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
	decrypt := `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`
	tests := []struct {
		name      string
		principal Principal
		policies  Policies
		want      string // the kind that lacks a statement; empty if allowed
	}{
		{"a key's policy alone decides", loader, Policies{Identity: identity(t, decrypt).Identity, Resource: one(t, Resource, use(`{"AWS":"`+alice.ARN+`"}`))}, "resource-based policy"},
		{"a key without a policy", loader, identity(t, decrypt), "resource-based policy"},
		{"root delegates to IAM", loader, Policies{Identity: identity(t, decrypt).Identity, Resource: one(t, Resource, use(root))}, ""},
		{"root is not enough", loader, Policies{Resource: one(t, Resource, use(root))}, "identity-based policy"},
		{"the role is enough", loader, Policies{Resource: one(t, Resource, use(role))}, ""},
		{"a boundary limits the role", loader, Policies{Resource: one(t, Resource, use(role)), Boundary: one(t, Boundary, nothing)}, "permissions boundary"},
		{"a session policy limits the role", loader, Policies{Resource: one(t, Resource, use(role)), Session: identity(t, nothing).Identity}, "session policy"},
		{"neither limits the session", loader, Policies{Resource: one(t, Resource, use(session)), Boundary: one(t, Boundary, nothing), Session: identity(t, nothing).Identity}, ""},
		{"neither limits everyone", loader, Policies{Resource: one(t, Resource, use(`"*"`)), Boundary: one(t, Boundary, nothing)}, ""},
		{"an endpoint limits all", loader, Policies{Resource: one(t, Resource, use(session)), Endpoint: one(t, Endpoint, strings.Replace(use(`"*"`), "Decrypt", "Encrypt", 1))}, "VPC endpoint policy"},
		{"a service needs its name", events, Policies{Resource: one(t, Resource, use(root))}, "resource-based policy"},
		{"a service is named", events, Policies{Resource: one(t, Resource, use(`{"Service":"events.amazonaws.com"}`))}, ""},
		{"AWS * includes services", events, Policies{Resource: one(t, Resource, use(`{"AWS":"*"}`))}, ""},
		{"another account needs both", Principal{ARN: "arn:aws:iam::444455556666:user/x"}, Policies{Resource: one(t, Resource, use(`{"AWS":"444455556666"}`))}, "identity-based policy"},
		{"root may do what the key allows", Principal{ARN: "arn:aws:iam::111122223333:root"}, Policies{Resource: one(t, Resource, use(root))}, ""},
	}
	for _, test := range tests {
		d := Evaluate(Request{Principal: test.principal, Action: "kms:Decrypt", Resource: testKey}, test.policies)
		require.Equal(t, test.want == "", d.Allowed, test.name)
		if test.want != "" {
			require.Equal(t, test.want, d.Kind.String(), test.name)
		}
	}
}

func TestTrust(t *testing.T) {
	r := Request{Principal: events, Action: "sts:AssumeRole", Resource: loader.Role}
	p := Policies{Resource: one(t, Trust, `{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}`)}
	d := Evaluate(r, p)
	require.Equal(t, Trust, d.Kind)
	require.JSONEq(t, `{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}`, string(d.Missing()))
	r.Principal.Service = "glue.amazonaws.com"
	require.True(t, Evaluate(r, p).Allowed)
}

func TestNotPrincipalNeedsFullNames(t *testing.T) {
	deny := func(ids string) Policies {
		p := identity(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
		p.Resource = one(t, Resource, `{"Effect":"Deny","NotPrincipal":{"AWS":[`+ids+`]},"Action":"*","Resource":"*"}`)
		return p
	}
	r := Request{Principal: loader, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x", ResourceAccount: testAccount}
	require.False(t, Evaluate(r, deny(`"`+loader.Role+`"`)).Allowed)
	require.True(t, Evaluate(r, deny(`"`+loader.Role+`","`+loader.ARN+`","arn:aws:iam::111122223333:root"`)).Allowed)
}
