package rotate_test

import (
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/rotationapi"
)

// All parts share one server, and leave the logins working.
func TestRotation(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.run(t, w.master, "CREATE TABLE sales (id int PRIMARY KEY)", "CREATE TABLE others (id int)"))
	for _, part := range []struct {
		name string
		test func(*testing.T, *world)
	}{
		{"a deployment creates the users", usersAreMade},
		{"the loader has access to its tables only", loaderIsBounded},
		{"the reader can only read these tables", readerIsBounded},
		{"a user without configured grants is not created", unknownUser},
		{"a rotation changes password and secret", rotationOfTheUsers},
		{"the master's pending login works", masterBetweenSteps},
		{"the master rotates itself", rotationOfTheMaster},
		{"open connections stay open", openConnection},
		{"a wrong current password does not matter", wrongCurrentPassword},
		{"a missing user is created again", goneUser},
		{"steps in the wrong order fail", wrongOrder},
		{"a configuration is tested without a pending value", configurationTest},
		{"a secret without a current version gets its first one", firstVersion},
		{"a changed address changes the secrets, but not the passwords", changedAddress},
		{"a changed address completes a pending rotation of the master", changedAddressAmidRotation},
		{"a first version that is written again changes nothing", firstVersionAgain},
		{"a replaced database, with the first password", databaseMadeAgain},
		{"a database restored to the previous password", previousPassword},
		{"a replaced secret", secretMadeAgain},
		{"the server is checked before it is used", serverIsChecked},
		{"a master's secret without an address", masterWithoutAddress},
		{"a master with an unknown password", lostMaster},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, w) })
	}
}

func usersAreMade(t *testing.T, w *world) {
	for _, user := range []string{w.loader, w.reader} {
		require.Error(t, w.run(t, user, "DO 0"))
		for range 2 {
			require.NoError(t, w.step(t, user, "", rotationapi.CreateUser))
			require.NoError(t, w.run(t, user, "DO 0"))
		}
		_, err := w.connect(t, w.read(t, user, "AWSCURRENT"), false)
		refused(t, err)
	}
}

func loaderIsBounded(t *testing.T, w *world) {
	grantsAreExact(t, w, w.loader, []string{
		"INSERT INTO sales VALUES (1), (2)", "UPDATE sales SET id = 3 WHERE id = 2", "DELETE FROM sales",
		"ALTER TABLE sales ADD COLUMN more int", "CREATE INDEX more ON sales (more)", "ALTER TABLE sales DROP COLUMN more",
		"CREATE TABLE IF NOT EXISTS etl_batches (id int)", "SELECT count(*) FROM information_schema.innodb_trx",
	}, []string{
		"SELECT * FROM others", "DROP TABLE sales", "CREATE TABLE mine (id int)", "CREATE DATABASE mine", "CREATE TEMPORARY TABLE t (id int)",
		"SELECT * FROM mysql.user", "CREATE USER u", "GRANT SELECT ON sales TO loader", "SET GLOBAL local_infile = 0",
	}, []string{
		"SELECT ON *.*", "RELOAD ON *.*", "CREATE ON store_events.*", "SELECT ON others", "DROP ON sales", "SELECT (id) ON others",
	})
	require.NoError(t, w.run(t, w.master, "GRANT SELECT ON sales TO loader@'%' WITH GRANT OPTION"))
	require.NoError(t, w.run(t, w.loader, "GRANT SELECT ON sales TO reader@'%'"))
	require.NoError(t, w.step(t, w.loader, "", rotationapi.CreateUser))
	refused(t, w.run(t, w.loader, "GRANT SELECT ON sales TO reader@'%'"))
	require.NoError(t, w.run(t, w.loader, "INSERT INTO sales VALUES (9)", "DELETE FROM sales"))
}

// The reader was created before the loader created etl_batches.
func readerIsBounded(t *testing.T, w *world) {
	grantsAreExact(t, w, w.reader, []string{
		"SELECT * FROM sales", "SELECT count(*) FROM etl_batches",
	}, []string{
		"SELECT count(*) FROM information_schema.innodb_trx",
		"INSERT INTO sales VALUES (1)", "UPDATE sales SET id = 3", "DELETE FROM sales", "TRUNCATE TABLE sales", "REPLACE INTO sales VALUES (1)",
		"ALTER TABLE sales ADD COLUMN more int", "CREATE INDEX more ON sales (id)", "DROP TABLE sales", "RENAME TABLE sales TO mine",
		"LOCK TABLES sales WRITE", "LOAD DATA INFILE '/etc/passwd' INTO TABLE sales", "SELECT * FROM sales INTO OUTFILE '/tmp/sales'",
		"CREATE TABLE etl_objects (id int)", "CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE t (id int)", "CREATE DATABASE mine",
		"CREATE VIEW v AS SELECT * FROM sales", "CREATE TRIGGER t BEFORE INSERT ON sales FOR EACH ROW SET NEW.id = 0",
		"SELECT * FROM others", "SELECT * FROM mysql.user", "CREATE USER u", "GRANT SELECT ON sales TO loader", "SET GLOBAL local_infile = 0",
	}, []string{
		"SELECT ON *.*", "PROCESS ON *.*", "SELECT ON store_events.*", "SELECT ON others", "INSERT ON sales", "UPDATE (id) ON sales", "CREATE ON etl_objects",
	})
}

// grantsAreExact checks that privileges granted in addition are revoked.
func grantsAreExact(t *testing.T, w *world, user string, allowed, forbidden, surplus []string) {
	t.Helper()
	exact := func() {
		t.Helper()
		require.NoError(t, w.run(t, user, allowed...))
		for _, statement := range forbidden {
			refused(t, w.run(t, user, statement), statement)
		}
	}
	exact()
	for _, privilege := range surplus {
		require.NoError(t, w.run(t, w.master, "GRANT "+privilege+" TO "+w.read(t, user, "AWSCURRENT").Username+"@'%'"))
		require.NoError(t, w.step(t, user, "", rotationapi.CreateUser), privilege)
		exact()
	}
}

func unknownUser(t *testing.T, w *world) {
	login := w.read(t, w.reader, "AWSCURRENT")
	login.Username = "stranger"
	stranger := w.store(t, login)
	require.ErrorContains(t, w.step(t, stranger, "", rotationapi.CreateUser), "no grants are configured for user stranger")
	refused(t, w.run(t, stranger, "DO 0"))
}

func rotationOfTheUsers(t *testing.T, w *world) {
	for _, user := range []string{w.loader, w.reader} {
		before := w.read(t, user, "AWSCURRENT")
		w.rotate(t, user)
		now := w.read(t, user, "AWSCURRENT")
		require.Regexp(t, "^[A-Z0-9]{26,}-a1$", now.Password)
		require.Equal(t, before, w.read(t, user, "AWSPREVIOUS"))
		require.NoError(t, w.run(t, user, "SELECT * FROM sales"))
		_, err := w.connect(t, before, true)
		refused(t, err)
		now.Password = before.Password
		require.Equal(t, before, now, "only the password changes")
	}
	refused(t, w.run(t, w.reader, "DELETE FROM sales"))
	refused(t, w.run(t, w.reader, "CREATE TABLE etl_objects (id int)"))
}

func rotationOfTheMaster(t *testing.T, w *world) {
	before := w.read(t, w.master, "AWSCURRENT")
	w.rotate(t, w.master)
	require.NoError(t, w.run(t, w.master, "GRANT SELECT ON others TO loader@'%'", "REVOKE SELECT ON others FROM loader@'%'"), "the master keeps its privileges")
	_, err := w.connect(t, before, true)
	refused(t, err)
	w.rotate(t, w.loader)
}

func openConnection(t *testing.T, w *world) {
	conn, err := w.connect(t, w.read(t, w.loader, "AWSCURRENT"), true)
	require.NoError(t, err)
	tx, err := conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO sales VALUES (7)")
	require.NoError(t, err)
	w.rotate(t, w.loader)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO sales VALUES (8)")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.NoError(t, w.run(t, w.loader, "DELETE FROM sales"))
}

func wrongCurrentPassword(t *testing.T, w *world) {
	w.overwrite(t, w.loader, "not it")
	require.Error(t, w.run(t, w.loader, "DO 0"))
	w.rotate(t, w.loader)
	require.NoError(t, w.run(t, w.loader, "SELECT * FROM sales"))

	w.overwrite(t, w.master, "not it") // The previous version is then the correct one.
	w.rotate(t, w.master)
	require.NoError(t, w.run(t, w.master, "DO 0"))
}

func goneUser(t *testing.T, w *world) {
	require.NoError(t, w.run(t, w.master, "DROP USER loader@'%'"))
	w.rotate(t, w.loader)
	require.NoError(t, w.run(t, w.loader, "SELECT * FROM sales"))
	refused(t, w.run(t, w.loader, "SELECT * FROM others"))
}

func masterBetweenSteps(t *testing.T, w *world) {
	token := uuid.NewString()
	require.NoError(t, w.step(t, w.master, token, "createSecret"))
	require.NoError(t, w.step(t, w.master, token, "setSecret"))
	refused(t, w.run(t, w.master, "DO 0"))
	w.rotate(t, w.loader)
	require.NoError(t, w.step(t, w.master, token, "testSecret"))
	require.NoError(t, w.step(t, w.master, token, "finishSecret"))
	require.NoError(t, w.run(t, w.master, "DO 0"))
}

func wrongOrder(t *testing.T, w *world) {
	before, token := w.read(t, w.loader, "AWSCURRENT"), uuid.NewString()
	for _, step := range []string{"setSecret", "finishSecret"} {
		require.ErrorContains(t, w.step(t, w.loader, token, step), "read the AWSPENDING login")
	}
	require.NoError(t, w.step(t, w.loader, token, "createSecret"))
	for _, step := range []string{"testSecret", "finishSecret"} {
		require.ErrorContains(t, w.step(t, w.loader, token, step), "the database rejects the pending login")
	}
	require.ErrorContains(t, w.step(t, w.loader, token, "dance"), "unknown step")
	require.Equal(t, before, w.read(t, w.loader, "AWSCURRENT"))
	require.NoError(t, w.run(t, w.loader, "DO 0"))
}

func configurationTest(t *testing.T, w *world) {
	require.NoError(t, w.step(t, w.loader, uuid.NewString(), "testSecret"))
	right := w.read(t, w.loader, "AWSCURRENT").Password
	w.overwrite(t, w.loader, "not it")
	require.ErrorContains(t, w.step(t, w.loader, uuid.NewString(), "testSecret"), "the database rejects the login")
	w.overwrite(t, w.loader, right)
}

func lostMaster(t *testing.T, w *world) {
	token := uuid.NewString()
	w.overwrite(t, w.master, "not it")
	w.overwrite(t, w.master, "nor this")
	require.NoError(t, w.step(t, w.master, token, "createSecret"))
	err := w.step(t, w.master, token, "setSecret")
	require.ErrorContains(t, err, "rejects the login")
	require.NotContains(t, err.Error(), "nor this")
	err = w.step(t, w.loader, "", rotationapi.CreateUser)
	require.ErrorContains(t, err, "master: the database rejects the login")
}

// refused checks that the server refused the statement.
func refused(t *testing.T, err error, what ...any) {
	t.Helper()
	var e *mysql.MySQLError
	require.ErrorAs(t, err, &e, what...)
	require.Contains(t, []uint16{1044, 1045, 1142, 1143, 1227, 1410, 1370, 1698}, e.Number, e.Message)
}
