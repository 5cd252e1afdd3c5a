package dbuser

import (
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("the connection is gone")

var loading = Grants{Privileges: []string{"SELECT", "INSERT"}, Tables: []string{"sales", "runs"}, Server: []string{"PROCESS"}}

func ask(rows ...[]driver.Value) step {
	who := "'loader'@'%'"
	return step{statement: held, args: []any{who, who, who, who}, rows: rows}
}

func send(statement string) step { return step{statement: statement, args: []any{"loader"}} }

func fails(s step, err error) step {
	s.err = err
	return s
}

const (
	grantSales  = "GRANT SELECT, INSERT ON `shop`.`sales` TO ?@'%'"
	grantRuns   = "GRANT SELECT, INSERT ON `shop`.`runs` TO ?@'%'"
	grantServer = "GRANT PROCESS ON *.* TO ?@'%'"
)

func TestGrantsAreGiven(t *testing.T) {
	require.NoError(t, loading.apply(t.Context(), open(t, ask(), send(grantSales), send(grantRuns), send(grantServer)), "loader", "shop"))
	reading := Grants{Privileges: []string{"SELECT"}, Tables: []string{"a`b"}}
	require.NoError(t, reading.apply(t.Context(), open(t, ask(), send("GRANT SELECT ON `my``shop`.`a``b` TO ?@'%'")), "loader", "my`shop"))
}

func TestSeveralPrivilegesOfTheServer(t *testing.T) {
	several := Grants{Server: []string{"PROCESS", "RELOAD"}}
	grant := send("GRANT PROCESS, RELOAD ON *.* TO ?@'%'")
	require.NoError(t, several.apply(t.Context(), open(t, ask(), grant), "loader", "shop"))
	require.EqualError(t, several.apply(t.Context(), open(t, ask(), fails(grant, errBroken)), "loader", "shop"), "grant PROCESS, RELOAD to loader: the connection is gone")
}

// Other grants are revoked individually. The expected grants are kept throughout, so that
// concurrent statements do not fail.
func TestOnlySurplusGrantsAreRevoked(t *testing.T) {
	for name, tc := range map[string]struct {
		held    [][]driver.Value // Schema, table, column, privilege, grantable.
		revoked []string
	}{
		"nothing":                    {[][]driver.Value{{"", "", "", "USAGE", "NO"}}, nil},
		"what is granted":            {[][]driver.Value{{"shop", "sales", "", "SELECT", "NO"}, {"shop", "runs", "", "INSERT", "NO"}, {"", "", "", "PROCESS", "NO"}}, nil},
		"of the server":              {[][]driver.Value{{"", "", "", "RELOAD", "NO"}}, []string{"RELOAD ON *.*"}},
		"a table's, on the server":   {[][]driver.Value{{"", "", "", "SELECT", "NO"}}, []string{"SELECT ON *.*"}},
		"the server's, on a table":   {[][]driver.Value{{"shop", "sales", "", "PROCESS", "NO"}}, []string{"PROCESS ON `shop`.`sales`"}},
		"on the schema":              {[][]driver.Value{{"shop", "", "", "SELECT", "NO"}}, []string{"SELECT ON `shop`.*"}},
		"on another table":           {[][]driver.Value{{"shop", "others", "", "SELECT", "NO"}}, []string{"SELECT ON `shop`.`others`"}},
		"in another schema":          {[][]driver.Value{{"bank", "sales", "", "SELECT", "NO"}}, []string{"SELECT ON `bank`.`sales`"}},
		"on a column":                {[][]driver.Value{{"shop", "sales", "id", "SELECT", "NO"}}, []string{"SELECT (`id`) ON `shop`.`sales`"}},
		"another":                    {[][]driver.Value{{"shop", "sales", "", "DROP", "NO"}}, []string{"DROP ON `shop`.`sales`"}},
		"to grant it":                {[][]driver.Value{{"shop", "sales", "", "SELECT", "YES"}}, []string{"GRANT OPTION ON `shop`.`sales`"}},
		"to grant it, without any":   {[][]driver.Value{{"", "", "", "USAGE", "YES"}}, []string{"GRANT OPTION ON *.*"}},
		"to grant several, once":     {[][]driver.Value{{"shop", "sales", "", "SELECT", "YES"}, {"shop", "sales", "", "INSERT", "YES"}}, []string{"GRANT OPTION ON `shop`.`sales`"}},
		"to grant it on two levels":  {[][]driver.Value{{"shop", "sales", "", "SELECT", "YES"}, {"shop", "runs", "", "SELECT", "YES"}}, []string{"GRANT OPTION ON `shop`.`sales`", "GRANT OPTION ON `shop`.`runs`"}},
		"another, and to grant that": {[][]driver.Value{{"shop", "sales", "", "DROP", "YES"}}, []string{"DROP ON `shop`.`sales`", "GRANT OPTION ON `shop`.`sales`"}},
	} {
		t.Run(name, func(t *testing.T) {
			steps := []step{ask(tc.held...)}
			for _, r := range tc.revoked {
				steps = append(steps, send("REVOKE "+r+" FROM ?@'%'"))
			}
			steps = append(steps, send(grantSales), send(grantRuns), send(grantServer))
			require.NoError(t, loading.apply(t.Context(), open(t, steps...), "loader", "shop"))
		})
	}
}

// MySQL grants privileges on a missing table only together with CREATE.
func TestGrantsOnAMissingTable(t *testing.T) {
	missing := &mysql.MySQLError{Number: 1146, Message: "no such table"}
	create, revoke := "GRANT CREATE, SELECT, INSERT ON `shop`.`sales` TO ?@'%'", "REVOKE CREATE ON `shop`.`sales` FROM ?@'%'"
	db := open(t, ask(), fails(send(grantSales), missing), send(create), send(revoke), send(grantRuns), send(grantServer))
	require.NoError(t, loading.apply(t.Context(), db, "loader", "shop"))
	db = open(t, ask(), fails(send(grantSales), missing), fails(send(create), errBroken))
	require.EqualError(t, loading.apply(t.Context(), db, "loader", "shop"), "grant sales to loader: the connection is gone")
	db = open(t, ask(), fails(send(grantSales), missing), send(create), fails(send(revoke), errBroken))
	require.ErrorIs(t, loading.apply(t.Context(), db, "loader", "shop"), errBroken, "the user must not keep CREATE")
}

func TestFailingGrants(t *testing.T) {
	denied := &mysql.MySQLError{Number: 1142, Message: "denied"}
	surplus := ask([]driver.Value{"shop", "sales", "", "DROP", "NO"})
	for message, steps := range map[string][]step{
		"read the privileges of loader: the connection is gone":         {fails(ask(), errBroken)},
		"revoke DROP on `shop`.`sales` from loader: Error 1142: denied": {surplus, fails(send("REVOKE DROP ON `shop`.`sales` FROM ?@'%'"), denied)},
		"grant sales to loader: Error 1142: denied":                     {ask(), fails(send(grantSales), denied)},
		"grant runs to loader: the connection is gone":                  {ask(), send(grantSales), fails(send(grantRuns), errBroken)},
		"grant PROCESS to loader: Error 1142: denied":                   {ask(), send(grantSales), send(grantRuns), fails(send(grantServer), denied)},
	} {
		require.EqualError(t, loading.apply(t.Context(), open(t, steps...), "loader", "shop"), message)
	}
	cut := ask([]driver.Value{"", "", "", "USAGE", "NO"}, []driver.Value{errBroken, nil, nil, nil, nil})
	require.ErrorIs(t, loading.apply(t.Context(), open(t, cut), "loader", "shop"), errBroken, "an error between rows is reported")
	odd := ask([]driver.Value{"", "", "", nil, "NO"})
	require.ErrorContains(t, loading.apply(t.Context(), open(t, odd), "loader", "shop"), "Scan")
}

func TestMissingPrivileges(t *testing.T) {
	who := step{statement: "SELECT CURRENT_USER()", rows: [][]driver.Value{{"a@b@10.0.0.%"}}}
	grantee := "'a@b'@'10.0.0.%'"
	asked := func(rows ...[]driver.Value) step {
		return step{statement: userPrivileges, args: []any{grantee, grantee, grantee}, rows: rows}
	}
	lacks := func(rows ...[]driver.Value) []string {
		problems, err := loading.missing(t.Context(), open(t, who, asked(rows...)), "shop")
		require.NoError(t, err)
		var texts []string
		for _, p := range problems {
			texts = append(texts, p.Error())
		}
		return texts
	}
	require.Empty(t, lacks([]driver.Value{"shop", "", "SELECT"}, []driver.Value{"", "", "INSERT"}))
	require.Equal(t, []string{
		"a@b@10.0.0.% lacks INSERT on shop.sales: GRANT INSERT ON `shop`.`sales` TO 'a@b'@'10.0.0.%', directly and not through a role",
		"a@b@10.0.0.% lacks SELECT, INSERT on shop.runs: GRANT SELECT, INSERT ON `shop`.`runs` TO 'a@b'@'10.0.0.%', directly and not through a role",
	}, lacks([]driver.Value{"shop", "sales", "SELECT"}, []driver.Value{"bank", "", "INSERT"}))
	for _, steps := range [][]step{{fails(who, errBroken)}, {who, fails(asked(), errBroken)}, {who, asked([]driver.Value{"", "", "SELECT"}, []driver.Value{errBroken, nil, nil})}} {
		_, err := loading.missing(t.Context(), open(t, steps...), "shop")
		require.ErrorIs(t, err, errBroken)
	}
	_, err := loading.missing(t.Context(), open(t, who, asked([]driver.Value{"", "", nil})), "shop")
	require.ErrorContains(t, err, "Scan")
}
