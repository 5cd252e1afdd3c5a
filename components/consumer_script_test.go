package components

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	readerLogin = `{"engine":"mysql","host":"db.internal","port":3306,"username":"store_events_reader","password":"a#b$c'd!%*()<>\\n\"#","dbname":"store_events"}`

	// awsCommand is a fake AWS CLI for the two commands that the scripts call.
	awsCommand = `case "$1 $2" in
"secretsmanager get-secret-value") [ "$6" = "$SECRET" ] && cat "$LOGIN" ;;
"s3 cp") echo "authorities at $6" >"$7" ;;
*) exit 1 ;;
esac`
	// mysqlCommand prints the arguments and input of the client.
	mysqlCommand = `echo "arguments: $*"; cat "${1#--defaults-extra-file=}" "$(dirname "${1#--defaults-extra-file=}")/authorities.pem"; echo "statement: $(cat)"; echo "${1#--defaults-extra-file=}" >"$OPTIONS"`
)

// helper runs the consumer's query helper with fake aws and mysql commands.
func (r recorded) helper(t *testing.T, statement string) (printed, optionFile string) {
	t.Helper()
	userData := r.one("aws:ec2/instance:Instance", "consumer").Get(t, "userData").(string)
	_, script, found := strings.Cut(userData, "<<'HELPER'\n")
	require.True(t, found)
	script, _, found = strings.Cut(script, "\nHELPER\n")
	require.True(t, found)

	dir := t.TempDir()
	for name, text := range map[string]string{"aws": awsCommand, "mysql": mysqlCommand} {
		//nolint:gosec // An executable.
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/bash\n"+text+"\n"), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "login"), []byte(readerLogin), 0o600))
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script) //nolint:gosec // The script under test.
	cmd.Stdin = strings.NewReader(statement)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"),
		"SECRET="+"arn:reader", "LOGIN="+filepath.Join(dir, "login"), "OPTIONS="+filepath.Join(dir, "options"))
	raw, err := cmd.CombinedOutput()
	require.NoError(t, err, string(raw))
	options, err := os.ReadFile(filepath.Join(dir, "options")) //nolint:gosec // Written by the client above.
	require.NoError(t, err)
	return string(raw), strings.TrimSpace(string(options))
}

// start runs the script of the first start. The client has the given plugin among many
// files. Its installation succeeds at try installsAt, and the login from try worksFrom; 0 is never.
func (r recorded) start(t *testing.T, plugin string, installsAt, worksFrom int) (printed string, err error) {
	t.Helper()
	dir := t.TempDir()
	script := r.one("aws:ec2/instance:Instance", "consumer").Get(t, "userData").(string)
	script = strings.ReplaceAll(script, "/usr/local/bin", dir)
	for name, text := range map[string]string{
		"dnf": fmt.Sprintf(`echo "dnf $*"; echo x >>"$INSTALLS"; [ "$(wc -l <"$INSTALLS")" = %d ]`, installsAt),
		"rpm": fmt.Sprintf(`[ "$(wc -l <"$INSTALLS")" = %d ] || { echo "package $2 is not installed"; exit 1; }; `, installsAt) +
			`echo "` + plugin + `" && for n in {1..10000}; do echo "/usr/share/doc/$n" || exit 1; done`, "sleep": `echo "sleep $1"`, "aws": awsCommand,
		"mysql": fmt.Sprintf(`echo x >>"$TRIES"; n=$(wc -l <"$TRIES"); [ %d -gt 0 ] && [ "$n" -ge %[1]d ] || { echo "ERROR 1045 at try $n" >&2; exit 1; }`, worksFrom),
	} {
		//nolint:gosec // An executable.
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/bash\n"+text+"\n"), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "login"), []byte(readerLogin), 0o600))
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script) //nolint:gosec // The script under test.
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"),
		"SECRET="+"arn:reader", "LOGIN="+filepath.Join(dir, "login"), "TRIES="+filepath.Join(dir, "tries"), "INSTALLS="+filepath.Join(dir, "installs"))
	raw, err := cmd.CombinedOutput()
	return string(raw), err
}

func TestFirstStartLogsInOnce(t *testing.T) {
	r := buildConsumer(t)
	const plugin = "/usr/lib64/mariadb/plugin/caching_sha2_password.so"
	printed, err := r.start(t, plugin, 2, 3)
	require.NoError(t, err, printed)
	const install = "dnf install -y mariadb105 mariadb-connector-c\n"
	require.Contains(t, printed, install+"sleep 5\n"+install, "a repository that fails once")
	require.Contains(t, printed, "ERROR 1045 at try 2\nsleep 10\nstore-events: the consumer can log in to the database\n")

	printed, err = r.start(t, plugin, 2, 0)
	require.Error(t, err)
	require.Contains(t, printed, "ERROR 1045 at try 6\n")
	require.Contains(t, printed, "store-events: the consumer cannot log in to the database")

	printed, err = r.start(t, "/usr/lib64/mariadb/plugin/dialog.so", 2, 1)
	require.Error(t, err)
	require.Contains(t, printed, "has no plugin caching_sha2_password")
	require.NotContains(t, printed, "works")

	printed, err = r.start(t, plugin, 0, 1)
	require.Error(t, err)
	require.Equal(t, 6, strings.Count(printed, install))
	require.Regexp(t, "sleep 30\nstore-events: the MySQL client could not be installed; dnf's errors are above\n$", printed)
}

func TestQueryHelperLogsInAsTheReader(t *testing.T) {
	r := buildConsumer(t)
	printed, options := r.helper(t, "select 1")
	lines := strings.Split(printed, "\n")
	require.Equal(t, "arguments: --defaults-extra-file="+options+" --batch --quick --default-character-set=utf8mb4 store_events", lines[0])
	require.Contains(t, printed, "[client]\nhost=\"db.internal\"\nport=3306\nuser=\"store_events_reader\"\npassword=\"a#b$c'd!%*()<>\\\\n\\\"#\"\n"+
		"ssl-ca=\""+filepath.Dir(options)+"/authorities.pem\"\nssl-verify-server-cert\n"+
		"authorities at "+"s3://events-bucket/scripts/ca.pem"+"\n")
	require.Contains(t, printed, "statement: select 1")
	require.NoDirExists(t, filepath.Dir(options), "the login is deleted")
}
