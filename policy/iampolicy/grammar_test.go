package iampolicy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const document = `{"Version":"2012-10-17","Id":"x","Statement":[
	{"Sid":"first","Effect":"Allow","Action":"a:b","Resource":["r","s"],
	 "Principal":{"Service":["z","y"],"AWS":["9","8"],"Federated":["f","e"],"CanonicalUser":"c"},
	 "Condition":{"StringLike":{"b":"1","a":["2",3,true],"c":"4"},"Bool":{"b":"1","a":"2","c":"3"},"ArnLike":{"b":"1","a":"2","c":"3"}}},
	{"Effect":"Deny","NotAction":"a:c","NotResource":"t","NotPrincipal":{"AWS":"7"}}]}`

func TestDocument(t *testing.T) {
	d, err := Parse(document)
	require.NoError(t, err)
	require.Empty(t, d.Doubts)
	require.Equal(t, []Statement{
		{
			Sid: "first", Effect: "Allow", Action: []string{"a:b"}, Resource: []string{"r", "s"},
			Principal: []Principal{
				{"AWS", "8"}, {"AWS", "9"}, {"CanonicalUser", "c"}, {"Federated", "e"}, {"Federated", "f"}, {"Service", "y"}, {"Service", "z"},
			},
			Condition: []Condition{
				{"ArnLike", "a", []string{"2"}}, {"ArnLike", "b", []string{"1"}}, {"ArnLike", "c", []string{"3"}},
				{"Bool", "a", []string{"2"}}, {"Bool", "b", []string{"1"}}, {"Bool", "c", []string{"3"}},
				{"StringLike", "a", []string{"2", "3", "true"}}, {"StringLike", "b", []string{"1"}}, {"StringLike", "c", []string{"4"}},
			},
		},
		{Effect: "Deny", NotAction: []string{"a:c"}, NotResource: []string{"t"}, NotPrincipal: []Principal{{"AWS", "7"}}, position: 1},
	}, d.Statements)
	require.Equal(t, "statement first", d.Statements[0].Name())
	require.Equal(t, "statement 2", d.Statements[1].Name())
	require.True(t, d.Statements[0].Allows() && d.Statements[1].Denies())
	require.False(t, d.Statements[1].Allows() || d.Statements[0].Denies())
}

// Elements in another case are read, and reported as doubtful.
func TestCaseOfElements(t *testing.T) {
	exact, err := Parse(document)
	require.NoError(t, err)
	for _, name := range strings.Fields(`Version Id Statement Sid Effect Action NotAction Resource NotResource Principal NotPrincipal Condition
		AWS Service Federated CanonicalUser`) {
		d, err := Parse(strings.ReplaceAll(document, `"`+name+`"`, `"`+strings.ToUpper(name[:1])+strings.ToLower(name[1:len(name)-1])+strings.ToUpper(name[len(name)-1:])+`"`))
		require.NoError(t, err, name)
		require.Equal(t, exact.Statements, d.Statements, name)
		require.Equal(t, []string{"an element is not spelled as in the grammar"}, d.Doubts, name)
	}
}

func TestDoubtfulElements(t *testing.T) {
	for text, doubts := range map[string][]string{
		`{"Statement":{"Effect":"Deny","Effect":"Deny"}}`:               {"an element occurs twice", "an effect is neither Allow nor Deny"},
		`{"Statement":{"Effect":"Deny","Action":"a:b","Action":"a:c"}}`: {"an element occurs twice"},
		`{"Statement":{}}`:                  {"an effect is neither Allow nor Deny"},
		`{"Statement":[{},{}]}`:             {"an effect is neither Allow nor Deny"},
		`{"Statement":{"Effect":"Permit"}}`: {"an effect is neither Allow nor Deny"},
	} {
		d, err := Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, doubts, d.Doubts, text)
	}
	// With several effects or spellings the most permissive one applies.
	for effects, want := range map[string]string{
		`"allow"`: "Allow", `["Deny","ALLOW"]`: "Allow", `"Deny"`: "Deny", `"deny"`: "deny", `["Deny","Deny"]`: "", `[]`: "",
	} {
		require.Equal(t, want, one(t, `{"Effect":`+effects+`}`).Effect, effects)
	}
	require.Equal(t, "statement b", one(t, `{"Sid":"a","Sid":"b"}`).Name())
	require.Equal(t, "statement 1", one(t, `{"Sid":[]}`).Name())
}

func TestPrincipals(t *testing.T) {
	s := one(t, `{"Effect":"Allow","Principal":{"AWS":["a","b"],"Service":"s"}}`)
	require.Equal(t, []string{"a", "b"}, s.Of("AWS"))
	require.Equal(t, []string{"s"}, s.Of("Service"))
	require.False(t, s.Everyone() || s.AllowsStrangers())
	require.Equal(t, []Principal{{"*", "*"}}, one(t, `{"Principal":"*"}`).Principal)
	require.Equal(t, []Principal{{"*", "x"}}, one(t, `{"Principal":"x"}`).Principal)
}

func TestErrorsHavePositions(t *testing.T) {
	for text, message := range map[string]string{
		`{"Statement":[}`:                     "not a policy document: JSON syntax error at byte 15",
		`{"Statement":{"Action":[{}]}}`:       "not a policy document: a part has a type that the grammar does not allow",
		`{"Statement":{"Condition":"x"}}`:     "not a policy document: a part has a type that the grammar does not allow",
		`{"Statement":{"Sid":{}}}`:            "not a policy document: a part has a type that the grammar does not allow",
		`{"Statement":{"Effect":{}}}`:         "not a policy document: a part has a type that the grammar does not allow",
		`{"Statement":{"NotPrincipal":[]}}`:   "not a policy document: a part has a type that the grammar does not allow",
		`{"Version":"2012-10-17"}`:            "not a policy document: a part has a type that the grammar does not allow",
		`{"Statement":{"Condition":{"a":3}}}`: "not a policy document: a part has a type that the grammar does not allow",
	} {
		_, err := Parse(text)
		require.EqualError(t, err, message, text)
	}
}

func TestMatches(t *testing.T) {
	for _, match := range []struct {
		pattern, text string
		want          bool
	}{
		{"xb", "ab", false}, {"a", "a", true}, {"", "", true}, {"", "a", false}, {"a", "", false}, {"?", "", false}, {"*", "", true}, {"a?", "ab", true},
		{"a*c", "abbc", true}, {"a*b*c", "aXbYbZc", true}, {"a*c", "abcd", false}, {"*a", "baa", true}, {"A", "a", true}, {"a**", "a", true}, {"a*?", "a", false},
	} {
		require.Equal(t, match.want, Matches(match.pattern, match.text), "%s %s", match.pattern, match.text)
	}
}
