package rotate_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/rotate"
	"store-events/lambda/rotation/rotationapi"
)

func firstVersion(t *testing.T, w *world) {
	reader := w.read(t, w.reader, "AWSCURRENT")
	for _, labeled := range []bool{true, false} {
		fresh := w.storeFirst(t, reader)
		if !labeled {
			w.removeCurrent(t, fresh)
		}
		require.ErrorContains(t, w.step(t, fresh, "", rotationapi.CreateUser), "host, port and username are required")
		w.deploy(t, fresh, reader.facts(t))
		require.Equal(t, reader, w.read(t, fresh, "AWSCURRENT"))
		require.NoError(t, w.run(t, fresh, "DO 0"))
	}
}

// removeCurrent removes the label of the current version.
func (w *world) removeCurrent(t *testing.T, secret string) {
	t.Helper()
	current, err := w.client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &secret})
	require.NoError(t, err)
	_, err = w.client.UpdateSecretVersionStage(t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &secret, VersionStage: aws.String("AWSCURRENT"), RemoveFromVersionId: current.VersionId,
	})
	require.NoError(t, err)
}

// at changes the address in the secrets to another one of the same server.
func (w *world) at(t *testing.T, host string) {
	t.Helper()
	login := value{Engine: "mysql", Host: host, Port: w.port, Username: "mystiquemaster", DBName: "store_events"}
	w.deploy(t, w.master, login.facts(t))
	login.Master = w.master
	for secret, name := range map[string]string{w.loader: "loader", w.reader: "reader"} {
		login.Username = name
		w.deploy(t, secret, login.facts(t))
	}
}

func changedAddress(t *testing.T, w *world) {
	secrets := []string{w.master, w.loader, w.reader}
	before := map[string]value{}
	for _, secret := range secrets {
		w.rotate(t, secret)
		w.rotate(t, secret)
		before[secret] = w.read(t, secret, "AWSCURRENT")
	}
	w.at(t, "localhost")
	w.everyLoginWorks(t)
	for _, secret := range secrets {
		want := before[secret]
		want.Host = "localhost"
		require.Equal(t, want, w.read(t, secret, "AWSCURRENT"))
	}
	versions := w.versions(t, w.loader)
	w.at(t, "localhost")
	require.Equal(t, versions, w.versions(t, w.loader), "the same facts write nothing")
	for _, secret := range secrets {
		w.rotate(t, secret)
	}
	w.everyLoginWorks(t)
	w.at(t, "127.0.0.1")
	require.ErrorContains(t, w.Handle(t.Context(), rotate.Event{
		Step: rotationapi.CreateUser, SecretID: w.loader, Facts: map[string]any{"password": "chosen"},
	}), "facts must not contain a password")
}

func (w *world) versions(t *testing.T, secret string) map[string][]string {
	t.Helper()
	out, err := w.client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &secret})
	require.NoError(t, err)
	return out.VersionIdsToStages
}

func changedAddressAmidRotation(t *testing.T, w *world) {
	token := uuid.NewString()
	require.NoError(t, w.step(t, w.master, token, "createSecret"))
	require.NoError(t, w.step(t, w.master, token, "setSecret"))
	w.deploy(t, w.master, map[string]any{"host": "127.0.0.1", "port": w.port})
	refused(t, w.run(t, w.master, "DO 0"), "without a change the rotation continues")
	w.at(t, "localhost")
	w.everyLoginWorks(t)
	w.rotate(t, w.master)
	w.at(t, "127.0.0.1")
	w.everyLoginWorks(t)
}

func firstVersionAgain(t *testing.T, w *world) {
	before := w.read(t, w.master, "AWSCURRENT")
	again := before
	again.Password = "master's \\ own"
	w.putFirst(t, w.master, again)
	require.Equal(t, before, w.read(t, w.master, "AWSCURRENT"))
	w.deploy(t, w.master, nil)
	require.Equal(t, before, w.read(t, w.master, "AWSCURRENT"))
	w.everyLoginWorks(t)
}

// The replaced server has its first password, and no other users.
func databaseMadeAgain(t *testing.T, w *world) {
	before := w.read(t, w.master, "AWSCURRENT")
	require.NoError(t, w.run(t, w.master, "DROP USER loader@'%'", "DROP USER reader@'%'", `ALTER USER mystiquemaster@'%' IDENTIFIED BY 'master''s \\ own'`))
	refused(t, w.run(t, w.master, "DO 0"))
	for _, secret := range []string{w.master, w.loader, w.reader} {
		w.deploy(t, secret, nil)
	}
	w.everyLoginWorks(t)
	require.Equal(t, before, w.read(t, w.master, "AWSCURRENT"), "the database follows the secret")
}

func previousPassword(t *testing.T, w *world) {
	w.rotate(t, w.master)
	old := w.read(t, w.master, "AWSPREVIOUS").Password
	require.NoError(t, w.run(t, w.master, "ALTER USER mystiquemaster@'%' IDENTIFIED BY '"+old+"'"))
	w.deploy(t, w.loader, nil)
	w.deploy(t, w.master, nil)
	w.everyLoginWorks(t)
}

// The deployment creates another secret, and sets the server's password to it.
func secretMadeAgain(t *testing.T, w *world) {
	lost := w.master
	login := w.read(t, lost, "AWSCURRENT")
	require.NoError(t, w.run(t, lost, "ALTER USER mystiquemaster@'%' IDENTIFIED BY 'another first'"))
	login.Password = "another first"
	w.master = w.storeFirst(t, login)
	_, err := w.client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &lost})
	require.NoError(t, err)
	require.Error(t, w.step(t, w.loader, "", rotationapi.CreateUser), "the secret of its master does not exist")
	w.at(t, "127.0.0.1")
	w.everyLoginWorks(t)
	require.Equal(t, w.master, w.read(t, w.loader, "AWSCURRENT").Master)
	for _, secret := range []string{w.master, w.loader, w.reader} {
		w.rotate(t, secret)
	}
	w.everyLoginWorks(t)
}
