package login

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const whole = `{"engine":"mysql","host":"db","port":3306,"username":"loader","password":"old","dbname":"shop","masterarn":"arn:master"}`

func parse(t *testing.T, text string) Login {
	t.Helper()
	l, err := Parse(text)
	require.NoError(t, err)
	return l
}

func fields(t *testing.T, text string) (m map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	return m
}

func TestParse(t *testing.T) {
	l := parse(t, whole)
	require.Equal(t, []any{"db", 3306, "loader", "old", "shop", "arn:master"}, []any{l.Host, l.Port, l.User, l.Password, l.Database, l.Master})
	require.NoError(t, l.Complete())
	for text, message := range map[string]string{
		"":                               "not a login in RDS's format",
		`"secret text"`:                  "not a login in RDS's format",
		`{"password":"x","port":"3306"}`: "not a login in RDS's format",
		`{"host":"db"}`:                  "the password is missing",
		`{"password":""}`:                "the password is missing",
	} {
		l, err := Parse(text)
		require.EqualError(t, err, message, text)
		require.Equal(t, Login{}, l)
	}
}

func TestLoginMustBeComplete(t *testing.T) {
	for _, text := range []string{
		`{"password":"x","port":3306,"username":"u"}`, `{"password":"x","host":"h","username":"u"}`, `{"password":"x","host":"h","port":3306}`,
	} {
		require.EqualError(t, parse(t, text).Complete(), "host, port and username are required", text)
	}
	require.NoError(t, parse(t, `{"password":"x","host":"h","port":1,"username":"u"}`).Complete())
}

func TestStringDoesNotContainThePassword(t *testing.T) {
	l := parse(t, whole)
	for _, form := range []string{"%s", "%v", "%+v", "%#v"} {
		require.Equal(t, "loader at db:3306", fmt.Sprintf(form, l), form)
	}
}

func TestRenewChangesOnlyThePassword(t *testing.T) {
	seen := map[any]bool{}
	for range 3 {
		text, err := parse(t, whole).Renewed()
		require.NoError(t, err)
		now, before := fields(t, text), fields(t, whole)
		require.Regexp(t, "^[A-Z2-7]{26,}-a1$", now["password"])
		for _, class := range []string{"[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"} {
			require.Regexp(t, class, now["password"], "a server may require each class")
		}
		require.NotRegexp(t, `[/@"'#\\ ]`, now["password"], "RDS and option files")
		require.LessOrEqual(t, len(now["password"].(string)), 41, "RDS allows at most 41 for a master")
		require.False(t, seen[now["password"]], "it is random")
		seen[now["password"]] = true
		before["password"] = now["password"]
		require.Equal(t, before, now)
	}
}

func TestFactsOfALogin(t *testing.T) {
	l, err := parse(t, `{"password":"old","host":"db","more":[1,2]}`).With(map[string]any{"host": "other", "port": 3307, "username": "u"})
	require.NoError(t, err)
	require.Equal(t, "u at other:3307", l.String())
	text, err := l.Text()
	require.NoError(t, err)
	require.JSONEq(t, `{"password":"old","host":"other","port":3307,"username":"u","more":[1,2]}`, text)
	l, err = parse(t, whole).With(map[string]any{"password": "mine"})
	require.EqualError(t, err, "facts must not contain a password")
	require.Equal(t, Login{}, l)
	_, err = parse(t, whole).With(map[string]any{"host": func() {}})
	require.ErrorContains(t, err, "write host: ")
	_, err = parse(t, whole).With(map[string]any{"port": "no number"})
	require.Error(t, err)
	l, err = parse(t, whole).WithPassword(parse(t, `{"password":"new"}`))
	require.NoError(t, err)
	require.Equal(t, "new", l.Password)
	require.Equal(t, "loader at db:3306", l.String())
}

func TestSameLogins(t *testing.T) {
	l := parse(t, whole)
	require.True(t, l.Same(parse(t, `{"dbname":"shop", "masterarn":"arn:master","engine":"mysql","host":"db","port":3306,"username":"loader","password":"old"}`)))
	for _, other := range []string{`{"password":"old"}`, `{"engine":"mysql","host":"db","port":3306,"username":"loader","password":"new","dbname":"shop","masterarn":"arn:master"}`} {
		require.False(t, l.Same(parse(t, other)))
	}
}
