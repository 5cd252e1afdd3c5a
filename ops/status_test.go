package ops

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each part has its counts as numbers as well, or an error if it does not answer.
func TestStatusHasCounts(t *testing.T) {
	w := newWorld(t)
	w.objects["curated/dt=2026-05-01/batch_id=7/rows.parquet"] = []byte("PAR1")
	w.answers("GetFunctionConfiguration", document{"State": "Active"})
	w.answers("GetCrawler", document{"Crawler": document{"Name": "crawler", "State": "READY"}})
	w.answers("GetTables", document{"TableList": []any{document{"Name": "a"}, document{"Name": "b"}}})
	w.answers("GetJobRuns", document{"JobRuns": []any{jobRun("jr_1", "FAILED", "no table")}})
	w.answers("GetWorkflow", document{"Workflow": document{}})
	w.answers("GetWorkGroup", awsError{"AccessDeniedException", "not allowed"})
	w.answers("GetQueueAttributes", awsError{"AccessDenied", "not allowed"})
	w.answers("ListEventSourceMappings", document{"EventSourceMappings": []any{}})
	w.consumerTables(nil)
	s, err := w.Status(t.Context())
	require.NoError(t, err)
	parts := map[string]Part{}
	for _, p := range s.Parts {
		parts[p.Kind] = p
	}
	require.Equal(t, []Count{{"sale_events", 3}, {"inventory_events", 1}}, parts["bucket"].Counts)
	require.Equal(t, Part{Kind: "catalog", Name: "sales", State: "available", Detail: "2 tables", Counts: []Count{{"tables", 2}}}, parts["catalog"])
	require.Equal(t, []Count{{"objects", 1}}, parts["parquet"].Counts)
	require.Equal(t, "jr_1", parts["job"].RunID)
	require.Equal(t, "FAILED", parts["job"].State)
	require.Equal(t, StateError, parts["workgroup"].State)
	require.Contains(t, parts["workgroup"].Detail, "not allowed")
	require.ErrorContains(t, s.Err(), "workgroup wg: ")
	require.NotContains(t, s.Err().Error(), "no table", "a failed last run is not an error of the part")

	// One by one, because the fake consumer has only one output.
	w.consumerAnswers(func(statement string) string {
		if strings.Contains(statement, "count(distinct") {
			return "lines\tversions\n1\t1\n"
		}
		return "count(*)\n4000\n"
	})
	p, err := w.tableStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Count{{"rows", 4000}}, p.Counts)
	p, err = w.quarantineStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, Part{State: "available", Detail: "1 line of 1 object version", Counts: []Count{{"lines", 1}}}, p)
}

// The status contains triggers and alarms.
func TestStatusOfTriggersAndAlarms(t *testing.T) {
	f, o := newFake(t)
	f.on["GetQueueAttributes"] = func(in document) any {
		if strings.HasSuffix(in["QueueUrl"].(string), "starts-dead") {
			return document{"Attributes": document{"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}}
		}
		return document{"Attributes": document{"ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1"}}
	}
	f.answers("GetFunctionConfiguration", document{"State": "Active"})
	f.answers("ListEventSourceMappings", document{"EventSourceMappings": []any{document{"State": "Disabled"}}})
	f.answers("DescribeAlarms", document{"test-lag": "INSUFFICIENT_DATA", "test-run-failed": "ALARM", "other": "ALARM"})
	parts := map[string]Part{}
	for _, a := range append(o.arrivals(), statusPart{"alarms", "test", o.alarmStatus}) {
		p, err := a.ask(t.Context())
		require.NoError(t, err, a.kind)
		p.Name = a.name
		parts[a.kind] = p
	}
	require.Equal(t, map[string]Part{
		"queue":        {Name: "starts", State: "available", Detail: "3 messages, 1 of them in flight", Counts: []Count{{"messages", 3}}},
		"dead letters": {Name: "starts-dead", State: "available", Detail: "empty", Counts: []Count{{"messages", 0}}},
		"starter":      {Name: "starter", State: "disabled", Detail: "polling of the queue: disabled"},
		"alarms":       {Name: "test", State: "ALARM", Detail: "1 of 2 fire: test-run-failed; without data yet: 1", Counts: []Count{{"alarms", 2}, {"firing", 1}}},
	}, parts)

	f.answers("DescribeAlarms", document{"test-lag": "OK"})
	p, err := o.alarmStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, "0 of 1 fire; do not exist: 1", p.Detail)
	require.Equal(t, "OK", p.State)

	o.stack.Alarms, f.on["DescribeAlarms"] = nil, nil
	p, err = o.alarmStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, "no alarms", p.Detail)
}
