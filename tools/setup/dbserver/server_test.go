package dbserver

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]Engine{
		"/x/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))\n":                             {MySQL, "9.7.4"},
		"/usr/sbin/mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))\n":      {MySQL, "8.0.36"},
		"mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)\n":              {MySQL, "8.4.0"},
		"bin/mariadbd  Ver 11.4.5-MariaDB for Linux on x86_64 (MariaDB Server)\n":             {MariaDB, "11.4.5"},
		"mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)\n":  {MariaDB, "10.11.6"},
		"/usr/sbin/mysqld  Ver 5.7.44-log for Linux on x86_64 (MySQL Community Server (GPL))": {MySQL, "5.7.44"},
	} {
		got, err := parse(line)
		require.NoError(t, err, line)
		require.Equal(t, want, got, line)
	}
	_, err := parse("busybox")
	require.Error(t, err)
}

func TestCheckMySQL(t *testing.T) {
	require.NoError(t, Engine{MySQL, "8.0.36"}.CheckMySQL())
	require.NoError(t, Engine{MySQL, "10.1.0"}.CheckMySQL())
	require.ErrorContains(t, Engine{MySQL, "5.7.44"}.CheckMySQL(), "MySQL 5.7.44, older than MySQL 8.0")
	require.ErrorContains(t, Engine{MariaDB, "11.4.5"}.CheckMySQL(), "MariaDB 11.4.5, not MySQL")
}

func TestFromEnvironment(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, mode))
		return path
	}
	program, account := file("base/sbin/mysqld", 0o700), file("account.json", 0o600)
	empty := t.TempDir()
	for given, want := range map[string]Given{
		"":                           {},
		program:                      {Program: program},
		filepath.Join(dir, "base"):   {Program: program},
		account:                      {Account: account},
		filepath.Join(dir, "absent"): {Account: filepath.Join(dir, "absent")},
	} {
		t.Setenv(Variable, given)
		got, err := FromEnvironment()
		require.NoError(t, err, given)
		require.Equal(t, want, got, given)
	}
	t.Setenv(Variable, empty)
	_, err := FromEnvironment()
	require.ErrorContains(t, err, Variable+"="+empty+": the folder has no bin/mysqld")
}

func TestSeal(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(Template(dir), 0o700))
	for _, name := range []string{"auto.cnf", "ibdata1"} {
		require.NoError(t, os.WriteFile(filepath.Join(Template(dir), name), []byte(name), 0o600))
	}
	_, err := Read(dir)
	require.ErrorIs(t, err, os.ErrNotExist, "an incomplete folder")
	require.NoError(t, Seal(dir, Engine{MySQL, "9.7.4"}))
	e, err := Read(dir)
	require.NoError(t, err)
	require.Equal(t, "MySQL 9.7.4", e.String())
	require.NoFileExists(t, filepath.Join(Template(dir), "auto.cnf"), "each instance generates its own")
	require.FileExists(t, filepath.Join(Template(dir), "ibdata1"))
}
