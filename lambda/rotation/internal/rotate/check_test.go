package rotate_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/dbuser"
	"store-events/lambda/rotation/internal/rotate"
	"store-events/lambda/rotation/rotationapi"
)

func (w *world) check(t *testing.T, secret string, change func(*rotate.Event)) error {
	t.Helper()
	e := rotate.Event{
		Step: rotationapi.CheckDatabase, SecretID: secret, Connections: 20,
		Facts: map[string]any{"host": "127.0.0.1", "port": w.port, "dbname": "store_events"},
	}
	if change != nil {
		change(&e)
	}
	return w.Handle(t.Context(), e)
}

func serverIsChecked(t *testing.T, w *world) {
	needs := func(user string) func(*rotate.Event) {
		return func(e *rotate.Event) {
			g := grants[user]
			e.Grants = &g
		}
	}
	for _, user := range []string{w.loader, w.reader} {
		require.NoError(t, w.step(t, user, "", rotationapi.CreateUser))
	}
	require.ErrorContains(t, w.check(t, w.master, nil), "local_infile is OFF")
	require.NoError(t, w.servers.SetParameters(t.Context(), "db", map[string]string{"local_infile": "1"}))
	require.NoError(t, w.check(t, w.master, nil))
	require.NoError(t, w.check(t, w.loader, needs("loader")))
	require.NoError(t, w.check(t, w.reader, needs("reader")))
	require.ErrorContains(t, w.check(t, w.reader, needs("loader")), "reader@% lacks INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX on store_events.sales: GRANT INSERT, UPDATE")

	require.ErrorContains(t, w.check(t, w.master, func(e *rotate.Event) { e.Connections = 1_000_000 }), "and a run opens up to 1000000")
	require.ErrorContains(t, w.check(t, w.master, func(e *rotate.Event) { e.Facts["dbname"] = "nowhere" }), "set store-events:databaseName to one that exists")
	require.ErrorContains(t, w.check(t, w.loader, func(e *rotate.Event) {
		e.Grants, e.Facts["host"] = &dbuser.Grants{}, "localhost"
	}), `the secret has host "127.0.0.1"`)
	// Privileges on the schema include its tables.
	require.NoError(t, w.run(t, w.master, "CREATE USER broad@'%' IDENTIFIED BY 'broad own'", "GRANT SELECT ON store_events.* TO broad@'%'"))
	login := w.read(t, w.reader, "AWSCURRENT")
	login.Username, login.Password = "broad", "broad own"
	require.NoError(t, w.check(t, w.store(t, login), needs("reader")))
}

// RDS manages secrets that have user and password only.
func masterWithoutAddress(t *testing.T, w *world) {
	text, err := w.client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &w.master})
	require.NoError(t, err)
	_, err = w.client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &w.master, SecretString: aws.String(`{"username":"mystiquemaster","password":` + quoted(t, w.read(t, w.master, "AWSCURRENT").Password) + `}`),
	})
	require.NoError(t, err)
	w.rotate(t, w.loader)
	require.NoError(t, w.run(t, w.loader, "SELECT * FROM sales"))
	_, err = w.client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &w.master, SecretString: text.SecretString})
	require.NoError(t, err)
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	require.NoError(t, err)
	return string(raw)
}
