package schedule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return out
}

// 2026-11-23 is a Monday. The expressions are from AWS's documentation.
func TestNext(t *testing.T) {
	for _, c := range []struct{ expression, after, next string }{
		{"cron(0 10 * * ? *)", "2026-11-23T09:59:59Z", "2026-11-23T10:00:00Z"},
		{"cron(0 10 * * ? *)", "2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"},
		{"cron(15 12 * * ? *)", "2026-11-23T13:00:00Z", "2026-11-24T12:15:00Z"},
		{"cron(0 18 ? * MON-FRI *)", "2026-11-27T18:00:00Z", "2026-11-30T18:00:00Z"},
		{"cron(0 18 ? * 2-6 *)", "2026-11-27T18:00:00Z", "2026-11-30T18:00:00Z"},
		{"cron(0 8 1 * ? *)", "2026-11-23T00:00:00Z", "2026-12-01T08:00:00Z"},
		{"cron(0/15 * * * ? *)", "2026-11-23T10:01:00Z", "2026-11-23T10:15:00Z"},
		{"cron(0/10 * ? * MON-FRI *)", "2026-11-27T23:55:00Z", "2026-11-30T00:00:00Z"},
		{"cron(0/5 8-17 ? * MON-FRI *)", "2026-11-23T17:55:00Z", "2026-11-24T08:00:00Z"},
		{"cron(0 9 ? * 2#1 *)", "2026-11-23T00:00:00Z", "2026-12-07T09:00:00Z"},
		{"cron(0 9 ? * 6L *)", "2026-11-23T00:00:00Z", "2026-11-27T09:00:00Z"},
		{"cron(0 0 L * ? *)", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"},
		{"cron(0 0 ? * 1 *)", "2026-11-23T00:00:00Z", "2026-11-29T00:00:00Z"},
		{"cron(0 0 ? * 7,1 *)", "2026-11-23T00:00:00Z", "2026-11-28T00:00:00Z"},
		{"cron(0 0 1 1 ? 2028)", "2026-11-23T00:00:00Z", "2028-01-01T00:00:00Z"},
		{"rate(5 minutes)", "2026-11-23T10:07:00Z", "2026-11-23T10:10:30Z"},
		{"rate(1 hour)", "2026-11-23T10:00:30Z", "2026-11-23T11:00:30Z"},
		{"rate(1 day)", "2026-11-22T00:00:00Z", "2026-11-24T10:00:30Z"},
	} {
		s, err := Parse(c.expression)
		require.NoError(t, err, c.expression)
		next, ok := s.Next(at(t, "2026-11-23T10:00:30Z"), at(t, c.after))
		require.True(t, ok, c.expression)
		require.Equal(t, c.next, next.Format(time.RFC3339), "%s after %s", c.expression, c.after)
	}
}

func TestNextOfAPastYear(t *testing.T) {
	s, err := Parse("cron(0 0 1 1 ? 2020)")
	require.NoError(t, err)
	_, ok := s.Next(time.Time{}, at(t, "2026-11-23T00:00:00Z"))
	require.False(t, ok)
}

func TestParseErrors(t *testing.T) {
	for _, expression := range []string{
		"", "* * * * *", "cron(* * * * *)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(61 10 * * ? *)",
		"cron(0 0 ? * 8 *)", "cron(0 0 ? * 0 *)", "cron(60 * * * ? *)", "cron(*/60 * * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 1 13 ? *)",
		"cron(0 0 ? * MOM *)", "cron(0 0 * * ? 1969)", "cron(0 0 * * ? 2200)", "cron(0/0 * * * ? *)", "cron(0 10-25 * * ? *)", "cron(a * * * ? *)",
		"rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(5 weeks)",
	} {
		_, err := Parse(expression)
		require.ErrorIs(t, err, ErrInvalid, expression)
	}
}

func TestCheckGlue(t *testing.T) {
	for _, expression := range []string{
		"cron(0 * * * ? *)", "cron(0/5 * * * ? *)", "cron(*/5 * * * ? *)", "cron(0,30 8-17 ? * MON-FRI *)", "cron(0,57 3 * * ? *)", "cron(10-40/10 * * * ? *)",
	} {
		require.NoError(t, CheckGlue(expression), expression)
	}
	for _, expression := range []string{
		"cron(* * * * ? *)", "cron(*/1 * * * ? *)", "cron(0/4 * * * ? *)", "cron(0,3 * * * ? *)", "cron(0-10 3 * * ? *)", "cron(0,57 * * * ? *)",
	} {
		require.ErrorIs(t, CheckGlue(expression), ErrTooOften, expression)
	}
	require.ErrorIs(t, CheckGlue("rate(10 minutes)"), ErrInvalid, "Glue takes cron only")
}
