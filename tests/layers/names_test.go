package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/schema"
	"store-events/tests/testtools"
)

// productNames returns a pattern of product names, which the local AWS must not contain: of the product, its
// environment variables, streams, tables, crawlers and jobs.
func productNames() *regexp.Regexp {
	contract, defaults := schema.Load(), config.Default()
	names := []string{
		`store.?events`, // This includes STORE_EVENTS_… and the command storeevents.
		`sales_db`, `sale_txns`, `s3_to_rds`,
	}
	literal := []string{
		contract.Ledger.Batches, contract.Ledger.Objects, contract.Ledger.Runs, contract.Ledger.Collisions, contract.Manifest.Table,
		defaults.Catalog.TablePrefix, defaults.Etl.TargetTable, defaults.Database.User,
	}
	for _, s := range contract.Streams {
		literal = append(literal, s.Name, s.EventType)
	}
	for _, name := range literal {
		names = append(names, regexp.QuoteMeta(name))
	}
	return regexp.MustCompile(`(?i)` + strings.Join(names, "|"))
}

func TestLocalAWSDoesNotNameTheProduct(t *testing.T) {
	names := productNames()
	checked := 0
	for _, file := range testtools.Files(t, root, localAWS.dir) {
		raw, err := os.ReadFile(filepath.Join(root, file)) //nolint:gosec // a file of the project
		require.NoError(t, err)
		checked++
		for i, line := range strings.Split(string(raw), "\n") {
			if name := names.FindString(line); name != "" {
				t.Errorf("%s:%d: %q is a name of the product", file, i+1, name)
			}
		}
	}
	require.Greater(t, checked, 200)
}

func TestNamesOfTheProductAreFound(t *testing.T) {
	for _, text := range []string{
		`os.Getenv("STORE_EVENTS_STATE")`, "run `storeevents local env`", `"store-events/schema"`, "the store events job",
		"txns_sale", "sale_events/", "FROM sales_txns_tbl", "etl_runs", "mystiquemaster", "miztiik_sales_db_local",
	} {
		require.True(t, productNames().MatchString(text), text)
	}
	for _, text := range []string{"a bucket of events", "stored events", "the database of a shop", "sales"} {
		require.False(t, productNames().MatchString(text), text)
	}
}
