package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidSchedules(t *testing.T) {
	for _, text := range []string{
		"cron(0 0 ? JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC SUN,MON,TUE,WED,THU,FRI,SAT *)",
		"cron(0 0 ? JAN-DEC SUN-SAT 1970-2199)",
		"cron(0/5 0/23 31W 12 ? 2199)", "cron(0,5 23 1 1 ? 1970)", "cron(0 0 1,L,15W * ? *)", "cron(0 0 ? * 7L *)", "cron(0 0 ? * L *)",
		"cron(5-5 * * * ? *)", "cron(0/59 0 * * ? *)", "cron(55,0 0 * * ? *)", "cron(55,0 22-23 * * ? *)", "cron(3,58 1 * * ? *)",
		"cron(58 0/2 * * ? *)", "cron(3,58 * * * ? *)",
	} {
		require.Empty(t, cronProblem(text), text)
	}
}

func TestInvalidSchedules(t *testing.T) {
	for _, text := range []string{
		"cron(0,4 * * * ? *)", "cron(59,3 * * * ? *)", "cron(56,0 * * * ? *)", "cron(56,0 23,0 * * ? *)", "cron(20,24,40 1 * * ? *)",
		"cron(0 0 ? * 8 *)", "cron(0 0 ? * 0 *)", "cron(0 0 ? * SUNDAY *)", "cron(0 0 0 * ? *)", "cron(0 0 * 0 ? *)", "cron(0 0 * * ? 2200)",
		"cron(0/60 0 * * ? *)", "cron(*-5 0 * * ? *)", "cron(0 *-5 * * ? *)", "cron(0 0 32W * ? *)", "cron(0 0 ? * 8L *)", "cron(0 0 ? SEP-MAR * *)",
		"cron(0 * * * ? * *)", "(0 * * * ? *)", "cron()", "",
	} {
		require.NotEmpty(t, cronProblem(text), text)
	}
}

func TestValuesOfAField(t *testing.T) {
	f := cronFields[4]
	for text, want := range map[string][]int{
		"*": {1, 2, 3, 4, 5, 6, 7}, "MON-WED": {2, 3, 4}, "SAT,SUN": {1, 7}, "5/2": {5, 7}, "*/3": {1, 4, 7}, "2-6/2,3": {2, 3, 4, 6}, "L,3": {3}, "4": {4},
	} {
		got, ok := f.values(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
}

func TestShortestTimeBetweenStarts(t *testing.T) {
	for _, tc := range []struct {
		minutes, hours []int
		want           int
	}{
		{[]int{0}, []int{0}, 60}, {[]int{0, 20, 30}, []int{0}, 10}, {[]int{0, 59}, []int{0}, 59},
		{[]int{10, 50}, []int{3, 4}, 20}, {[]int{10, 50}, []int{3, 5}, 40}, {[]int{10, 50}, []int{0, 23}, 20}, {[]int{7}, []int{1, 2}, 60},
	} {
		require.Equal(t, tc.want, shortest(tc.minutes, tc.hours), tc)
	}
}
