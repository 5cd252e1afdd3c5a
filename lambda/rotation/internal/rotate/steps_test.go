package rotate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/dbuser"
	"store-events/lambda/rotation/rotationapi"
)

func (r Rotation) do(t *testing.T, id, step string) error {
	t.Helper()
	return r.Handle(t.Context(), Event{Step: step, SecretID: id, ClientRequestToken: "v2"})
}

func TestUserRotation(t *testing.T) {
	f, r := newFakes(t)
	for range 2 {
		require.NoError(t, r.do(t, "user", "createSecret"))
	}
	next := f.text(t, "user", pending)
	require.NotEqual(t, "now", next["password"])
	require.Equal(t, map[string]any{"host": "db", "port": 3306.0, "username": "loader", "password": next["password"], "dbname": "shop", "masterarn": "master"}, next)
	require.Equal(t, "now", f.passwords["loader"], "the server is not contacted yet")
	for range 2 {
		require.NoError(t, r.do(t, "user", "setSecret"))
	}
	require.Equal(t, next["password"], f.passwords["loader"])
	require.Equal(t, []string{"loader at db:3306 by admin at db:3306 with SELECT"}, f.done, "once")
	require.NoError(t, r.do(t, "user", "testSecret"))
	require.Equal(t, "v1", f.secrets["user"].at(current))
	for range 2 {
		require.NoError(t, r.do(t, "user", "finishSecret"))
	}
	require.Equal(t, next, f.text(t, "user", current))
	require.Equal(t, "v1", f.secrets["user"].at(previous))
	for _, step := range []string{"createSecret", "setSecret", "testSecret", "dance"} {
		require.NoError(t, r.do(t, "user", step), "the rotation is finished")
	}
	require.Equal(t, next, f.text(t, "user", current))
}

// The pending version of an abandoned rotation is replaced.
func TestAbandonedRotation(t *testing.T) {
	f, r := newFakes(t)
	f.add("user", "given up", with(userText, "never set"), pending)
	require.ErrorContains(t, r.do(t, "user", "setSecret"), "read the AWSPENDING login: ")
	require.NoError(t, r.do(t, "user", "createSecret"))
	require.Equal(t, "v2", f.secrets["user"].at(pending))
	require.NotEqual(t, "never set", f.text(t, "user", pending)["password"])
}

func TestMasterSetsItsPassword(t *testing.T) {
	for name, tc := range map[string]struct {
		server   string
		versions func(f *fakes)
	}{
		"current":  {"master now", func(*fakes) {}},
		"previous": {"master old", func(f *fakes) { f.add("master", "v0", with(masterText, "master old"), previous) }},
		"first":    {"master first", func(f *fakes) { f.add("master", "v0", `{"password":"master first"}`, rotationapi.First) }},
	} {
		f, r := newFakes(t)
		f.passwords["admin"] = tc.server
		tc.versions(f)
		for _, step := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
			require.NoError(t, r.do(t, "master", step), name)
		}
		require.Equal(t, []string{"set by admin at db:3306"}, f.done)
		now := f.text(t, "master", current)
		require.Equal(t, f.passwords["admin"], now["password"])
		require.Equal(t, "kept", now["more"])
	}
	f, r := newFakes(t)
	f.passwords["admin"] = "nobody knows"
	require.NoError(t, r.do(t, "master", "createSecret"))
	require.EqualError(t, r.do(t, "master", "setSecret"),
		"setSecret of master: the database rejects the login of master in every stage of [AWSCURRENT AWSPREVIOUS FIRST]")
}

// The pending login must have the same user and server.
func TestAPendingLoginOfAnotherUserIsRefused(t *testing.T) {
	for _, other := range []string{
		`{"host":"db","port":3306,"username":"other","password":"next"}`, `{"host":"elsewhere","port":3306,"username":"admin","password":"next"}`,
	} {
		f, r := newFakes(t)
		f.add("master", "v2", other, pending)
		require.ErrorContains(t, r.do(t, "master", "setSecret"), "the current one for admin at db:3306")
		require.Equal(t, "master now", f.passwords["admin"])
	}
}

func TestRefusedLoginDoesNotFinish(t *testing.T) {
	f, r := newFakes(t)
	require.NoError(t, r.do(t, "user", "createSecret"))
	for _, step := range []string{"testSecret", "finishSecret"} {
		require.ErrorIs(t, r.do(t, "user", step), errRefused)
		f.broken = errors.New("gone")
		require.ErrorIs(t, r.do(t, "user", step), f.broken)
		f.broken = nil
	}
	require.Equal(t, "v1", f.secrets["user"].at(current))
}

// Secrets Manager tests a configuration with a version without a value.
func TestConfigurationIsTestedWithTheCurrentLogin(t *testing.T) {
	f, r := newFakes(t)
	require.NoError(t, r.do(t, "user", "testSecret"))
	f.add("user", "v0", with(userText, "old"), previous)
	f.passwords["loader"] = "old"
	require.EqualError(t, r.do(t, "user", "testSecret"), "testSecret of user: the database rejects the login of user in every stage of [AWSCURRENT]")
	f.secrets["user"].texts["v1"] = `{"password":"now"}`
	require.ErrorContains(t, r.do(t, "user", "testSecret"), "the AWSCURRENT login of user: host, port and username are required")
	f.add("user", "v2", "{", pending)
	require.ErrorContains(t, r.do(t, "user", "testSecret"), "the AWSPENDING login of user: not a login in RDS's format")
}

func TestFailingSteps(t *testing.T) {
	for operation, steps := range map[string]map[string]string{
		"DescribeSecret":           {"createSecret": "describe the secret: ", rotationapi.CreateUser: "describe the secret: "},
		"GetSecretValue":           {"createSecret": "read the AWSPENDING login: ", "setSecret": "read the AWSPENDING login: ", "testSecret": "read the AWSPENDING login: ", "finishSecret": "read the AWSPENDING login: ", rotationapi.CreateUser: "read the current login: ", rotationapi.CheckDatabase: "read the AWSCURRENT login: "},
		"PutSecretValue":           {"createSecret": "store the pending login: "},
		"UpdateSecretVersionStage": {"finishSecret": "make the pending login the current one: "},
	} {
		for step, message := range steps {
			f, r := newFakes(t)
			if step == "finishSecret" {
				f.add("user", "v2", userText, pending)
			}
			f.fail[operation] = true
			require.ErrorContains(t, r.do(t, "user", step), step+" of user: "+message, operation)
		}
	}
	f, r := newFakes(t)
	require.EqualError(t, r.do(t, "user", "dance"), "dance of user: unknown step")
	f.broken = errors.New("gone")
	f.add("user", "v2", with(userText, "next"), pending)
	require.ErrorIs(t, r.do(t, "user", "setSecret"), f.broken)
	require.ErrorIs(t, r.do(t, "user", "finishSecret"), f.broken)
	f.secrets["user"].texts["v1"] = `{"password":"now"}`
	f.secrets["user"].labels["v2"] = nil
	require.ErrorContains(t, r.do(t, "user", "createSecret"), "are required")
	delete(f.secrets["user"].labels, "v1")
	require.ErrorContains(t, r.do(t, "user", "testSecret"), "read the AWSCURRENT login: ")
}

func (r Rotation) deploy(t *testing.T, id string, facts map[string]any) error {
	t.Helper()
	return r.Handle(t.Context(), Event{Step: rotationapi.CreateUser, SecretID: id, Facts: facts})
}

func TestDeploymentCreatesAUser(t *testing.T) {
	f, r := newFakes(t)
	f.passwords["loader"] = "lost"
	require.NoError(t, r.deploy(t, "user", nil))
	require.Equal(t, "now", f.passwords["loader"])
	require.Equal(t, []string{"loader at db:3306 by admin at db:3306 with SELECT"}, f.done)
	require.Len(t, f.secrets["user"].texts, 1, "nothing is written")
	require.NoError(t, r.deploy(t, "user", map[string]any{"host": "other"}))
	require.Len(t, f.secrets["user"].texts, 2)
	require.Equal(t, map[string]any{"host": "other", "port": 3306.0, "username": "loader", "password": "now", "dbname": "shop", "masterarn": "master"}, f.text(t, "user", current))
	require.Empty(t, f.secrets["user"].at(pending))
	require.ErrorContains(t, r.deploy(t, "user", map[string]any{"username": "stranger"}), "no grants are configured for user stranger")
	require.ErrorContains(t, r.deploy(t, "user", map[string]any{"password": "mine"}), "facts must not contain a password")
	require.ErrorContains(t, r.deploy(t, "user", map[string]any{"host": ""}), "host, port and username are required")
	f.fail["PutSecretValue"] = true
	require.ErrorContains(t, r.deploy(t, "user", map[string]any{"host": "third"}), "store the login: ")
}

// The policy of the function's role may not apply yet when a deployment invokes the function.
func TestDeploymentWaitsForItsPolicy(t *testing.T) {
	check := Event{Step: rotationapi.CheckDatabase, SecretID: "master"}
	for denials, err := range map[int]string{attempts - 1: "", attempts: "AccessDeniedException"} {
		f, r := newFakes(t)
		f.denials = denials
		got := r.Handle(t.Context(), check)
		if err == "" {
			require.NoError(t, got)
			continue
		}
		require.ErrorContains(t, got, err)
		require.Zero(t, f.denials)
	}
	f, r := newFakes(t)
	f.denials = 2
	require.ErrorContains(t, r.Handle(t.Context(), Event{Step: "testSecret", SecretID: "master", ClientRequestToken: "v2"}), "AccessDeniedException")
	require.Equal(t, 1, f.denials, "Secrets Manager retries a rotation itself")
	f.denials, r.Pause = attempts, time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.Handle(ctx, check), context.DeadlineExceeded)
}

// A change of the facts completes a pending rotation.
func TestDeploymentCompletesARotation(t *testing.T) {
	f, r := newFakes(t)
	f.add("user", "v2", with(userText, "next"), pending)
	require.NoError(t, r.deploy(t, "user", map[string]any{"host": "other"}))
	require.Equal(t, f.secrets["user"].at(current), f.secrets["user"].at(pending))
	require.Equal(t, "now", f.text(t, "user", current)["password"])
}

func TestDeploymentFindsTheMastersPassword(t *testing.T) {
	next := with(masterText, "next")
	for name, tc := range map[string]struct {
		server string
		label  string
		facts  map[string]any
		want   string // The master's password at the end.
		kept   string // The password in the secret.
		set    bool
	}{
		"current":               {"master now", previous, nil, "master now", "master now", false},
		"a rotation has set it": {"next", pending, nil, "next", "master now", false},
		"a rotation has set it, and the address changes": {"next", pending, map[string]any{"host": "other"}, "next", "next", false},
		"restored to the previous one":                   {"next", previous, nil, "master now", "master now", true},
		"replaced, with the first one":                   {"next", rotationapi.First, map[string]any{"host": "other"}, "master now", "master now", true},
	} {
		f, r := newFakes(t)
		f.add("master", "v0", next, tc.label)
		f.passwords["admin"] = tc.server
		require.NoError(t, r.deploy(t, "master", tc.facts), name)
		require.Equal(t, tc.want, f.passwords["admin"], name)
		now := f.text(t, "master", current)
		require.Equal(t, tc.kept, now["password"], name)
		require.Equal(t, tc.set, len(f.done) > 0, name)
		if host := tc.facts["host"]; host != nil {
			require.Equal(t, host, now["host"], name)
		}
	}
	f, r := newFakes(t)
	f.passwords["admin"] = "nobody knows"
	require.ErrorContains(t, r.deploy(t, "master", nil), "in every stage of [AWSCURRENT AWSPENDING AWSPREVIOUS FIRST]")
	require.ErrorContains(t, r.deploy(t, "user", nil), "master: the database rejects the login of master")
	f.secrets["master"].texts["v1"] = "{"
	require.ErrorContains(t, r.deploy(t, "user", nil), "master: the AWSCURRENT login of master: not a login")
	delete(f.secrets, "master")
	require.ErrorContains(t, r.deploy(t, "user", nil), "master: read the AWSCURRENT login: ")
}

// RDS manages secrets that have user and password only.
func TestMasterSecretWithoutAnAddress(t *testing.T) {
	f, r := newFakes(t)
	f.secrets["master"].texts["v1"] = `{"username":"admin","password":"master now"}`
	require.NoError(t, r.deploy(t, "user", map[string]any{"host": "other", "port": 3307}))
	require.Equal(t, []string{"loader at other:3307 by admin at other:3307 with SELECT"}, f.done)
	f.secrets["master"].texts["v1"] = `{"password":"master now"}`
	require.ErrorContains(t, r.deploy(t, "user", nil), "master: host, port and username are required")
}

// On some servers the function must make the first version the current one.
func TestFirstVersionBecomesTheCurrentOne(t *testing.T) {
	facts := map[string]any{"host": "db", "port": 3306, "username": "loader", "masterarn": "master"}
	for name, labels := range map[string]map[string][]string{
		"no current version":    {"first": {rotationapi.First}},
		"one without a value":   {"first": {rotationapi.First}, "v1": {current}},
		"a value that is there": {"v1": {current, rotationapi.First}},
	} {
		f, r := newFakes(t)
		f.secrets["user"].labels = labels
		f.secrets["user"].texts = map[string]string{"first": `{"password":"first"}`}
		want := "first"
		if name == "a value that is there" {
			f.secrets["user"].texts["v1"], want = userText, "now"
		}
		require.NoError(t, r.deploy(t, "user", facts), name)
		require.Equal(t, want, f.text(t, "user", current)["password"], name)
		require.Equal(t, want, f.passwords["loader"], name)
	}
	f, r := newFakes(t)
	f.secrets["user"].labels = map[string][]string{"first": {rotationapi.First}}
	f.fail["UpdateSecretVersionStage"] = true
	require.ErrorContains(t, r.deploy(t, "user", facts), "make the first login the current one: ")
	f.secrets["user"].labels = map[string][]string{}
	require.ErrorContains(t, r.deploy(t, "user", facts), "read the AWSCURRENT login: ", "there is none")
	f, r = newFakes(t) // Writing the first version again changes nothing.
	f.add("user", "again", `{"password":"first"}`, rotationapi.First)
	require.NoError(t, r.deploy(t, "user", nil))
	require.Equal(t, "v1", f.secrets["user"].at(current))
}

func TestServerIsChecked(t *testing.T) {
	f, r := newFakes(t)
	check := func(facts map[string]any, grants *dbuser.Grants) error {
		f.done = nil
		return r.Handle(t.Context(), Event{Step: rotationapi.CheckDatabase, SecretID: "user", Connections: 20, Facts: facts, Grants: grants})
	}
	need := &dbuser.Grants{Privileges: []string{"SELECT"}, Tables: []string{"sales"}}
	require.NoError(t, check(nil, need))
	require.Len(t, f.done, 1)
	require.JSONEq(t, `{"login":"loader at db:3306","password":"now","connections":20,"grants":{"privileges":["SELECT"],"tables":["sales"]}}`, f.done[0])
	require.NoError(t, check(map[string]any{"host": "other"}, nil))
	require.JSONEq(t, `{"login":"loader at other:3306","password":"now","connections":20,"grants":null}`, f.done[0])
	for fact, value := range map[string]any{"host": "other", "port": 3307, "dbname": "other"} {
		require.ErrorContains(t, check(map[string]any{fact: value}, need), `the secret has host "db", port 3306 and dbname "shop", but the settings have databaseHost `, fact)
		require.Empty(t, f.done)
	}
	f.broken = errors.New("local_infile is OFF")
	require.ErrorIs(t, check(nil, need), f.broken)
	require.Error(t, check(map[string]any{"password": "x"}, need))
	delete(f.secrets, "user")
	require.ErrorContains(t, check(nil, nil), "read the AWSCURRENT login: ")
}
