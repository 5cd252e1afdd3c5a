package pack

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
)

// newYear is the current date in the tests.
var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func excepting(t *testing.T, e *exception, now string) *Pack {
	t.Helper()
	p := packOf(rule.Prod, example)
	require.NoError(t, e.check(p.rules, newYear))
	p.exceptions = []*exception{e}
	p.now = func() time.Time {
		day, err := time.Parse(time.DateOnly, now)
		require.NoError(t, err)
		return day
	}
	return p
}

func TestExceptionHoldsUntilItsDate(t *testing.T) {
	e := func() *exception {
		return &exception{Rule: "example", Resource: "db", Reason: "moved next month", Owner: "data", Expires: "2027-01-31"}
	}
	held := checkDB(t, excepting(t, e(), "2027-01-31"), nil)
	require.Len(t, held["note"], 1)
	require.Contains(t, held["note"][0], "it is off; excepted until 2027-01-31 by data: moved next month")
	require.Empty(t, held["example"])

	ended := checkDB(t, excepting(t, e(), "2027-02-01"), nil)
	require.Len(t, ended["example"], 1)
	require.Contains(t, ended["example"][0], "the exception ended on 2027-01-31")
}

func TestUnusedExceptionIsReported(t *testing.T) {
	e := &exception{Rule: "example", Resource: "other", Reason: "r", Owner: "o", Expires: "2027-01-31"}
	reports := checkDB(t, excepting(t, e, "2027-01-01"), nil)
	require.Len(t, reports["example"], 1, "it covers another resource")
	require.Equal(t, []string{"the exception of rule example for other is not used: remove it from policy:exceptions"}, reports["note"])
}

func TestExceptionIsChecked(t *testing.T) {
	strict := example
	strict.ID, strict.NoExceptions = "strict", true
	for _, e := range []*exception{
		{Rule: "none", Resource: "db", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "strict", Resource: "db", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "[", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "db", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "db", Reason: " ", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "db", Reason: "r", Expires: "2027-01-31"},
		{Rule: "example", Resource: "[a-z]*", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "*-*", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "db", Reason: "r", Owner: "o", Expires: "2027-07-01"},
		{Rule: "example", Resource: "db", Reason: "r", Owner: "o", Expires: "soon"},
		{Rule: "example", Resource: "*", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "?*", Reason: "r", Owner: "o", Expires: "2027-01-31"},
		{Rule: "example", Resource: "db", Reason: "r", Owner: "o", Expires: "9999-12-31"},
	} {
		require.Error(t, e.check([]rule.Rule{example, strict}, newYear), "%s %s %s", e.Rule, e.Resource, e.Expires)
	}
}
