package ops

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stored is a row of the table or of its batch's Parquet.
type stored struct {
	key   string
	batch int
	day   string
}

// newDays returns a world with events a, b, c and d on the 1st of May: b's batch is no
// longer in the ledger, and d's row belongs to an object of the day before. Event e is on
// the next day. The table also has rows of an object without a day, and of a deleted
// object.
func newDays(t *testing.T) (w *world, rows, parquet []stored) {
	w = newWorld(t)
	w.put("sale_events/dt=2026-05-02/events-3.json", []byte("{\"request_id\":\"e\"}\nno event\n"),
		QuarantineEntry{Reason: "not_json_object", Number: 2, Line: "no event"})
	w.ledger = append(w.ledger,
		fmt.Sprintf("s3://events/sale_events/dt=2026-04-30/events-0.json\tv\t1\t%d", now+2),
		fmt.Sprintf("s3://events/sale_events/undated.json\tv\t1\t%d", now+4),
		fmt.Sprintf("s3://events/sale_events/dt=2026-05-01/deleted.json\tv\t1\t%d", now+5))
	rows = []stored{
		{"a", now + 1, "2026-05-01"}, {"b", now + 3, "2026-05-01"}, {"c", now + 1, "2026-05-01"}, {"d", now + 2, "2026-04-30"},
		{"e", now + 1, "2026-05-02"}, {"u", now + 4, "2026-05-01"}, {"g", now + 5, "2026-05-01"},
	}
	return w, rows, slices.Clone(rows)
}

var (
	betweenDays = regexp.MustCompile(`between '(\S+)' and '(\S+)'`)
	inBatches   = regexp.MustCompile(`batch_id in \(([^)]*)\)`)
)

// chosenBy reports whether a statement's conditions choose a row.
func (s stored) chosenBy(statement string) bool {
	if days := betweenDays.FindStringSubmatch(statement); days != nil && (s.day < days[1] || s.day > days[2]) {
		return false
	}
	if batches := inBatches.FindStringSubmatch(statement); batches != nil && !slices.Contains(strings.Split(batches[1], ", "), strconv.Itoa(s.batch)) {
		return false
	}
	return !regexp.MustCompile("request_id.? in").MatchString(statement) || strings.Contains(statement, "'"+s.key+"'") &&
		(!strings.Contains(statement, `"dt" in`) || strings.Contains(statement, "'"+s.day+"'"))
}

// verifyDays verifies the 1st of May against the rows and Parquet that its statements select.
func (w *world) verifyDays(rows, parquet []stored) Verification {
	for _, p := range parquet {
		w.objects[fmt.Sprintf("curated/dt=%s/batch_id=%d/rows.parquet", p.day, p.batch)] = []byte("PAR1")
	}
	w.consumerAnswers(func(statement string) string {
		table := rowColumns
		for _, r := range rows {
			if r.chosenBy(statement) {
				table += fmt.Sprintf("%s\t%d\t%s%s\n", r.key, r.batch, r.day, strings.Repeat("\tNULL", nulls))
			}
		}
		parts := "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n"
		return fromTables(map[string]string{"sales_txns_tbl": table, "etl_runs": "run_number\n5\n", "etl_objects": parts, "etl_batches": "batch_id\n"}, statement)
	})
	var query func(in document) any
	query = func(in document) any {
		w.asked = in["QueryString"].(string)
		found := []string{}
		for _, p := range parquet {
			if p.chosenBy(w.asked) {
				found = append(found, p.key)
			}
		}
		values := inParquet(found...)
		if i := slices.Index(found, w.changed); i >= 0 {
			values[i][nulls] = "x"
		}
		w.athenaTable(strings.Split(targetColumns, "\t"), values)
		w.on["StartQueryExecution"] = query
		return document{"QueryExecutionId": "e-1"}
	}
	w.on["StartQueryExecution"] = query
	v, err := w.VerifyDays(w.t.Context(), Days{From: "2026-05-01", To: "2026-05-01"})
	require.NoError(w.t, err)
	return v
}

func TestVerifyOfSomeDays(t *testing.T) {
	w, rows, parquet := newDays(t)
	// Its batch is neither in the ledger nor in the day's Parquet.
	rows = append(rows, stored{"inserted by hand", now + 9, "2026-05-01"})
	v := w.verifyDays(rows, parquet)
	require.NoError(t, v.Err())
	require.Equal(t, Verification{
		From: "2026-05-01", To: "2026-05-01",
		Objects: 2, Lines: 8, Events: 4, Duplicates: 2, Invalid: 2, Rows: 6, ParquetRows: 6, Quarantined: 2, EarlierRows: 2,
	}, v)
	require.True(t, strings.HasPrefix(v.Summary(), "exactly once from 2026-05-01 to 2026-05-01: 4 events in 2 objects, "), v.Summary())
	require.Contains(t, v.Summary(), "; of objects that S3 no longer has or that have no day in their names: 2 rows, 0 quarantined lines")
}

// Each case makes one change to a correct stack.
func TestVerifyOfSomeDaysReportsDifferences(t *testing.T) {
	without := func(all []stored, key string) []stored {
		return slices.DeleteFunc(slices.Clone(all), func(s stored) bool { return s.key == key })
	}
	for name, tc := range map[string]struct {
		change func(w *world, rows, parquet []stored) ([]stored, []stored)
		want   string // The only finding, "" for none.
	}{
		"missing row":     {func(_ *world, rows, parquet []stored) ([]stored, []stored) { return without(rows, "c"), parquet }, "1 events without a row: c "},
		"missing Parquet": {func(_ *world, rows, parquet []stored) ([]stored, []stored) { return rows, without(parquet, "a") }, "1 events without Parquet: a "},
		"missing Parquet of a batch that is not in the ledger": {
			func(_ *world, rows, parquet []stored) ([]stored, []stored) { return rows, without(parquet, "b") }, "1 events without Parquet: b ",
		},
		"missing Parquet of another day": {
			func(_ *world, rows, parquet []stored) ([]stored, []stored) { return rows, without(parquet, "d") }, "1 events without Parquet: d ",
		},
		"an additional row in a batch without Parquet": {func(w *world, rows, parquet []stored) ([]stored, []stored) {
			w.ledger = append(w.ledger, fmt.Sprintf("s3://events/%s\t%s\t1\t%d", saleObject, etag(w.objects[saleObject]), now+6))
			return append(rows, stored{"x", now + 6, "2026-05-01"}), parquet
		}, "1 rows without an event: x"},
		"an additional row in a batch of two days": {func(_ *world, rows, parquet []stored) ([]stored, []stored) {
			return append(rows, stored{"x", now + 1, "2026-05-01"}), parquet
		}, "1 rows without an event: x"},
		"additional Parquet": {func(_ *world, rows, parquet []stored) ([]stored, []stored) {
			return rows, append(parquet, stored{"y", now + 1, "2026-05-01"})
		}, "1 Parquet rows without an event: y"},
		"missing entry": {func(w *world, rows, parquet []stored) ([]stored, []stored) {
			delete(w.objects, "quarantine/"+saleObject+"/"+etag(w.objects[saleObject])+".jsonl")
			return rows, parquet
		}, "1 invalid lines without a quarantine entry"},
		"a foreign object": {func(w *world, rows, parquet []stored) ([]stored, []stored) {
			w.objects["curated/dt=2026-05-01/notes.txt"] = []byte("text")
			return rows, parquet
		}, "1 objects in the Parquet's folders that the job did not write"},
		"the next day": {func(w *world, rows, parquet []stored) ([]stored, []stored) {
			w.objects["curated/dt=2026-05-02/notes.txt"] = []byte("text")
			w.put("sale_events/dt=2026-05-02/events-4.json", []byte("no event"))
			return without(rows, "e"), append(parquet, stored{"y", now + 1, "2026-05-02"})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, rows, parquet := newDays(t)
			rows, parquet = tc.change(w, rows, parquet)
			v := w.verifyDays(rows, parquet)
			if tc.want == "" {
				require.NoError(t, v.Err())
				return
			}
			require.ErrorContains(t, v.Err(), tc.want)
			require.NotContains(t, v.Err().Error(), "\n", "one difference")
			require.True(t, strings.HasPrefix(v.Summary(), "NOT exactly once from 2026-05-01 to 2026-05-01: "), v.Summary())
		})
	}
}

// Athena reads only the possible days of the event's Parquet, not the whole table.
func TestVerifyOfSomeDaysReportsTheDifferentColumn(t *testing.T) {
	for key, days := range map[string]string{"c": "'2026-05-01'", "d": "'2026-04-30', '2026-05-01'"} {
		w, rows, parquet := newDays(t)
		w.changed = key
		v := w.verifyDays(rows, parquet)
		require.ErrorContains(t, v.Err(), `extra is null in the table and "x" in the Parquet`)
		require.Contains(t, w.asked, `"dt" in (`+days+`)`)
	}
}

func TestVerifyNeedsFirstAndLastDay(t *testing.T) {
	_, o := newFake(t)
	_, err := o.VerifyDays(t.Context(), Days{From: "2026-05-01"})
	require.ErrorContains(t, err, "--from and --to: set both")
}
