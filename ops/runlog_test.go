package ops

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// withLog serves the job's last run, number 12, with a log of the number of lines, in
// pages of two.
func withLog(f *fakeAWS, lines int) {
	run := document{"JobRun": jobRun("jr_1", "FAILED", "no table")}
	f.answers("GetJobRuns", document{"JobRuns": []any{run["JobRun"]}})
	f.on["GetJobRun"] = func(in document) any {
		if in["RunId"] != "jr_1" {
			return awsError{"EntityNotFoundException", "no such run"}
		}
		return run
	}
	f.answers("GetJob", document{"Job": document{"Name": "job"}})
	f.on["GetLogEvents"] = func(in document) any {
		if in["logGroupName"] != "/aws-glue/jobs/output" || in["logStreamName"] != "jr_1-driver" || lines == 0 {
			return awsError{"ResourceNotFoundException", "no such stream"}
		}
		end := lines
		if token, ok := in["nextToken"].(string); ok {
			end, _ = strconv.Atoi(token)
		}
		start := max(0, end-min(2, int(in["limit"].(float64))))
		events := []any{}
		for n := start; n < end; n++ {
			events = append(events, document{"message": fmt.Sprintf("line %d\n", n)})
		}
		return document{"events": events, "nextBackwardToken": strconv.Itoa(start)}
	}
}

func TestLogOfARun(t *testing.T) {
	for name, tc := range map[string]struct {
		run  string
		tail int
		want []string
	}{
		"all of the last run":          {"", 0, []string{"line 0", "line 1", "line 2", "line 3", "line 4"}},
		"the last lines, by Glue's ID": {"jr_1", 3, []string{"line 2", "line 3", "line 4"}},
		"more than there is":           {"12", 9, []string{"line 0", "line 1", "line 2", "line 3", "line 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, o := newFake(t)
			withLog(f, 5)
			f.throughConsumer(o)
			f.consumerTables(map[string]string{"etl_runs": "run_number\tid\ts\te\to\tm\tr\tn\td\tq\n12\tjr_1\t\t\tfailed\t0\t0\t0\t0\t0\n"})
			l, err := o.RunLog(t.Context(), tc.run, tc.tail)
			require.NoError(t, err)
			require.Equal(t, RunLog{"jr_1", "FAILED", "/aws-glue/jobs/output", "jr_1-driver", tc.want}, l)
		})
	}
}

func TestRunWithoutALog(t *testing.T) {
	f, o := newFake(t)
	withLog(f, 0)
	_, err := o.RunLog(t.Context(), "", 0)
	require.ErrorContains(t, err, "run jr_1 is FAILED and has no log in CloudWatch (group /aws-glue/jobs/output, stream jr_1-driver)")

	run, err := o.JobRun(t.Context(), "jr_1", 200)
	require.NoError(t, err)
	require.Empty(t, run.LogGroup, "no log group has lines of it")
	require.Equal(t, []string{}, run.Log)

	f.answers("GetLogEvents", awsError{"AccessDeniedException", "logs:GetLogEvents"})
	_, err = o.RunLog(t.Context(), "", 0)
	require.ErrorContains(t, err, "read the log /aws-glue/jobs/output, stream jr_1-driver: ")
	require.ErrorContains(t, err, "AccessDeniedException")

	f.answers("GetJobRuns", document{"JobRuns": []any{}})
	_, err = o.RunLog(t.Context(), "", 0)
	require.ErrorIs(t, err, ErrNoRun)
	f.answers("GetJobRun", awsError{"AccessDeniedException", "glue:GetJobRun"})
	_, err = o.RunLog(t.Context(), "jr_2", 0)
	require.ErrorContains(t, err, "get job run jr_2")
	require.NotErrorIs(t, err, ErrNoRun)
	for _, code := range []string{"EntityNotFoundException", "InvalidInputException"} {
		f.answers("GetJobRun", awsError{code, "Entity not found"})
		_, err = o.JobRun(t.Context(), "abc", 200)
		require.ErrorIs(t, err, ErrNoRun)
		require.ErrorContains(t, err, "no run abc: `storeevents runs ls")
	}
}
