package iampolicy

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/ruletest"
	"store-events/policy/value"
)

// in returns a property of a resource with plain Go values.
func in(t *testing.T, v any) value.Value {
	t.Helper()
	s := ruletest.Build(t, []ruletest.Res{ruletest.R(aws.Key, "key", ruletest.Props{"policy": v})}, rule.Settings{})
	return s.Resources[0].Get("policy")
}

func TestReadingProperties(t *testing.T) {
	text := `{"Statement":[{"Effect":"Allow","Action":["a:b","1"],"Condition":{"Bool":{"k":"true"}}}]}`
	want, findings := Read(in(t, text))
	require.Empty(t, findings)
	require.Len(t, want.Statements, 1)
	object := ruletest.Props{"Statement": ruletest.List{ruletest.Props{
		"Effect": "Allow", "Action": ruletest.List{"a:b", 1}, "Condition": ruletest.Props{"Bool": ruletest.Props{"k": true}},
	}}}
	d, findings := Read(in(t, object))
	require.Empty(t, findings)
	require.Equal(t, want, d, "an object is read like its JSON")
	for _, missing := range []any{nil, ""} {
		d, findings = Read(in(t, missing))
		require.Empty(t, d.Statements)
		require.Empty(t, findings)
	}
	unknown := property.New(property.Computed)
	for path, v := range map[string]any{
		"policy": unknown, "policy.Statement": ruletest.Props{"Statement": unknown}, "policy.Statement[0]": ruletest.Props{"Statement": ruletest.List{unknown}},
		"policy.Statement[0].Effect": ruletest.Props{"Statement": ruletest.List{ruletest.Props{"Effect": unknown}}},
	} {
		_, findings = Read(in(t, v))
		require.Equal(t, []rule.Finding{{Kind: rule.Undecided, Property: path, Message: "not known yet"}}, findings)
	}
	_, findings = Read(in(t, "{}"))
	require.Equal(t, []rule.Finding{{
		Kind: rule.Failed, Property: "policy", Message: "policy: not a policy document: a part has a type that the grammar does not allow",
	}}, findings)
}

func TestFindingStatements(t *testing.T) {
	v := in(t, `{"Statement":[{"Effect":"Deny"},{"Effect":"Allow"},{"Sid":"x","Effect":"Allow"}]}`)
	require.Equal(t, []rule.Finding{
		{Kind: rule.Violation, Property: "policy", Message: "statement 2 allows"}, {Kind: rule.Violation, Property: "policy", Message: "statement x allows"},
	}, Forbid(v, Statement.Allows, "allows"))
	found, findings := Has(v, Statement.Denies)
	require.True(t, found)
	require.Empty(t, findings)
	found, findings = Has(v, Statement.Everyone)
	require.False(t, found)
	require.Empty(t, findings)
	found, findings = Has(in(t, "{}"), Statement.Denies)
	require.False(t, found)
	require.Len(t, findings, 1)
}

// admin returns a key whose policy names the accounts' administrators.
func admin(name, action string, accounts ...string) ruletest.Res {
	var ids []string
	for _, account := range accounts {
		ids = append(ids, `"arn:aws:iam::`+account+`:root"`)
	}
	return ruletest.R(aws.Key, name, ruletest.Props{
		"arn":    "not known", // Declared by the program, so that it does not identify the stack's account.
		"policy": `{"Statement":{"Effect":"Allow","Action":"` + action + `","Principal":{"AWS":[` + strings.Join(ids, ",") + `]}}}`,
	})
}

const ours, theirs, another = "111111111111", "222222222222", "333333333333"

func TestOwnAccounts(t *testing.T) {
	deployed := ruletest.R(aws.Bucket, "bucket", ruletest.Props{}) // The ARNs in examples are in account 123456789012.
	mention := func(name, account string) ruletest.Res {
		return ruletest.R(aws.Bucket, name, ruletest.Props{"arn": "", "bucket": "store-" + account})
	}
	denied := admin("denied", "kms:*", theirs)
	denied.Props["policy"] = strings.Replace(denied.Props["policy"].(string), "Allow", "Deny", 1)
	for name, test := range map[string]struct {
		stack []ruletest.Res
		want  []string
	}{
		"of resources":              {[]ruletest.Res{deployed, admin("key", "kms:*", ours)}, []string{"123456789012"}},
		"of a key":                  {[]ruletest.Res{admin("key", "kms:*", ours)}, []string{ours}},
		"nothing":                   {nil, nil},
		"who may only decrypt":      {[]ruletest.Res{admin("key", "kms:Decrypt", theirs)}, nil},
		"who is denied":             {[]ruletest.Res{denied}, nil},
		"the most mentioned":        {[]ruletest.Res{admin("key", "kms:*", theirs, ours), mention("a", ours)}, []string{ours}},
		"the most mentioned, first": {[]ruletest.Res{admin("key", "kms:*", ours, theirs), mention("a", ours)}, []string{ours}},
		"mentioned as often":        {[]ruletest.Res{admin("key", "kms:*", theirs, ours, another), mention("a", ours), mention("b", theirs)}, []string{ours, theirs}},
		"as often, of several keys": {
			[]ruletest.Res{admin("a", "kms:*", "555555555555"), admin("b", "kms:*", another), admin("c", "kms:*", "444444444444"), admin("d", "kms:*", ours)},
			[]string{ours, another, "444444444444", "555555555555"},
		},
		"several times in one": {[]ruletest.Res{admin("key", "kms:*", theirs, ours), mention("a", ours+ours+ours), mention("b", theirs), mention("c", theirs)}, []string{theirs}},
	} {
		require.Equal(t, test.want, OwnAccounts(ruletest.Build(t, test.stack, rule.Settings{})), name)
	}
}

func TestForbidOtherAccounts(t *testing.T) {
	policy := func(effect string, accounts ...string) value.Value {
		text := admin("key", "*", accounts...).Props["policy"].(string)
		return in(t, strings.Replace(text, "Allow", effect, 1))
	}
	violation := []rule.Finding{{Kind: rule.Violation, Property: "policy", Message: "statement 1 allows a principal of another account"}}
	require.Empty(t, ForbidOtherAccounts(policy("Allow", ours), []string{ours}))
	require.Equal(t, violation, ForbidOtherAccounts(policy("Allow", ours, theirs, another), []string{ours}), "one for a statement")
	require.Empty(t, ForbidOtherAccounts(policy("Deny", theirs), []string{ours}))
	require.Equal(t, []rule.Finding{{Kind: rule.Undecided, Property: "policy", Message: "the stack's own account is not known yet"}},
		ForbidOtherAccounts(policy("Allow", ours, theirs), nil), "once for a document")
	user := in(t, `{"Statement":{"Effect":"Allow","Action":"*","Principal":{"CanonicalUser":"79a59"}}}`)
	require.Equal(t, violation, ForbidOtherAccounts(user, nil), "the account is never known")
	require.Len(t, ForbidOtherAccounts(in(t, "{}"), nil), 1)
}
