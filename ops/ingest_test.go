package ops

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func jobRun(id, state, message string) document {
	return document{"Id": id, "JobRunState": state, "ErrorMessage": message, "LogGroupName": "/aws-glue/jobs"}
}

func withJob(f *fakeAWS, maxRetries int) {
	f.answers("StartJobRun", document{"JobRunId": "jr_1"})
	f.answers("GetJob", document{"Job": document{"Name": "job", "MaxRetries": maxRetries}})
}

func TestIngestReportsWhyARunFailed(t *testing.T) {
	f, o := newFake(t)
	withJob(f, 0)
	f.answers("GetJobRun",
		document{"JobRun": jobRun("jr_1", "STARTING", "")},
		document{"JobRun": jobRun("jr_1", "RUNNING", "")},
		document{"JobRun": jobRun("jr_1", "FAILED", "ValueError: no")})
	f.on["GetLogEvents"] = func(in document) any {
		if in["logGroupName"] == "/aws-glue/jobs/error" {
			return document{"events": []any{document{"message": "WARN Client: a warning of Spark\n"}}}
		}
		if in["logGroupName"] != "/aws-glue/jobs/output" || in["logStreamName"] != "jr_1" {
			return awsError{"ResourceNotFoundException", "no such stream"}
		}
		return document{"events": []any{document{"message": "Traceback\n"}, document{"message": "ValueError: no\n"}}}
	}
	_, err := o.Ingest(t.Context(), IngestRequest{})
	require.EqualError(t, err, "job run ended as FAILED (jr_1): ValueError: no\n"+
		"the last lines of /aws-glue/jobs/output:\n  Traceback\n  ValueError: no")
}

// Glue names log groups by prefix, security configuration and role, and the driver's
// stream in one of two ways.
func TestLogsOfARunAreFoundWhereGluePutsThem(t *testing.T) {
	const secured = "/aws-glue/jobs/stack/sc-role/job-role"
	for _, at := range []logPlace{
		{secured + "/error", "jr_1-driver"}, {secured + "/error", "jr_1"}, {secured + "/output", "jr_1-driver"},
		{"/aws-glue/jobs/stack/error", "jr_1"}, {"/aws-glue/jobs/error", "jr_1-driver"},
	} {
		t.Run(at.group+" "+at.stream, func(t *testing.T) {
			f, o := newFake(t)
			f.answers("StartJobRun", document{"JobRunId": "jr_1"})
			f.answers("GetJob", document{"Job": document{
				"Name": "job", "MaxRetries": 0, "Role": "arn:aws:iam::000000000000:role/job-role", "SecurityConfiguration": "sc",
				"DefaultArguments": document{"--custom-logGroup-prefix": "/aws-glue/jobs/stack"},
			}})
			f.answers("GetJobRun", document{"JobRun": jobRun("jr_1", "FAILED", "")})
			f.on["GetLogEvents"] = func(in document) any {
				if in["logGroupName"] != at.group || in["logStreamName"] != at.stream {
					return awsError{"ResourceNotFoundException", "no such stream"}
				}
				return document{"events": []any{document{"message": "found\n"}}}
			}
			_, err := o.Ingest(t.Context(), IngestRequest{})
			require.EqualError(t, err, "job run ended as FAILED (jr_1)\nthe last lines of "+at.group+":\n  found")
		})
	}
}

func TestIngestFollowsRetries(t *testing.T) {
	f, o := newFake(t)
	withJob(f, 1)
	f.on["GetJobRun"] = func(in document) any {
		run := jobRun(in["RunId"].(string), "FAILED", "lost the database")
		if run["Id"] == "jr_1_attempt_1" {
			run["Attempt"] = 1
			run["JobRunState"] = "STOPPED"
		}
		return document{"JobRun": run}
	}
	f.answers("GetJobRuns",
		document{"JobRuns": []any{document{"Id": "jr_1"}}},
		document{"JobRuns": []any{document{"Id": "jr_1_attempt_1", "PreviousRunId": "jr_1"}, document{"Id": "jr_1"}}})
	f.answers("GetLogEvents", document{"events": []any{}})
	_, err := o.Ingest(t.Context(), IngestRequest{})
	require.EqualError(t, err, "job run ended as STOPPED (jr_1_attempt_1): lost the database")
}

func TestCancelStopsTheRun(t *testing.T) {
	f, o := newFake(t)
	withJob(f, 0)
	f.answers("GetJobRun", document{"JobRun": jobRun("jr_1", "RUNNING", "")})
	var stopped any
	f.on["BatchStopJobRun"] = func(in document) any {
		stopped = in["JobRunIds"]
		return document{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := o.Ingest(ctx, IngestRequest{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, []any{"jr_1"}, stopped)
}

func TestIngestWhileTheJobRuns(t *testing.T) {
	f, o := newFake(t)
	f.answers("ResetJobBookmark", awsError{"EntityNotFoundException", "no bookmark"})
	f.answers("StartJobRun", awsError{"ConcurrentRunsExceededException", "1 run"})
	_, err := o.Ingest(t.Context(), IngestRequest{Reset: true})
	require.ErrorContains(t, err, "the job job is running already: try again when that run has ended")
}

// The statement runs on the consumer, as on AWS.
func TestLedgerOfARun(t *testing.T) {
	f, o := newFake(t)
	statement := withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n2\t100\t90\t8\t2\n")
	f.throughConsumer(o)
	l, err := o.ledger.Loaded(t.Context(), "jr_1_attempt_2")
	require.NoError(t, err)
	require.Equal(t, Loaded{Batches: 2, RowsRead: 100, RowsNew: 90, RowsDuplicate: 8, RowsQuarantined: 2}, l)
	require.Equal(t, "select count(*) batches, coalesce(sum(rows_read), 0) rows_read, coalesce(sum(rows_new), 0) rows_new, "+
		"coalesce(sum(rows_duplicate), 0) rows_duplicate, coalesce(sum(rows_quarantined), 0) rows_quarantined "+
		"from `etl_batches` where run_id = 'jr_1' or left(run_id, 13) = 'jr_1_attempt_'", *statement)
}
