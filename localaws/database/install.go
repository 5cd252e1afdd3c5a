package database

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"localaws/atomicfile"
	"localaws/database/engine"
)

// admin is the account that this package uses on a server. RDS has an account of the same name.
const admin = "rdsadmin"

// install creates the server's folder with an empty database. It removes the files of an earlier creation that was
// killed, which no record mentions.
func (s *server) install(e engine.Server) error {
	if err := removeAll(s.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("folder of database server %s: %w", s.id, err)
	}
	if err := atomicfile.Write(s.path(adminFile), []byte(rand.Text())); err != nil {
		return fmt.Errorf("administrator's password of database server %s: %w", s.id, err)
	}
	if err := e.CopyData(s.path(dataFolder)); err != nil {
		return fmt.Errorf("set up database server %s: %w", s.id, err)
	}
	return nil
}

// masterPrivileges are the static privileges of an RDS master user in MySQL and MariaDB. They do not include SUPER and
// FILE.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
const masterPrivileges = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, " +
	"SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, " +
	"CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"

// writeInitFile writes the statements for the first start. They contain passwords, so only the owner can read the file,
// and it is removed after the start.
func (s *server) writeInitFile(spec Spec) error {
	if strings.EqualFold(spec.User, admin) {
		return fmt.Errorf("%s is a reserved user name", admin)
	}
	password, err := s.adminPassword()
	if err != nil {
		return err
	}
	master := literal(spec.User) + "@'%'"
	statements := slices.Concat([]string{
		"CREATE USER " + admin + "@'127.0.0.1' IDENTIFIED BY " + literal(password),
		"GRANT ALL PRIVILEGES ON *.* TO " + admin + "@'127.0.0.1' WITH GRANT OPTION",
		"CREATE USER " + master + " IDENTIFIED BY " + literal(spec.Password),
		"GRANT " + masterPrivileges + " ON *.* TO " + master + " WITH GRANT OPTION",
	}, s.dialect().accounts(master))
	if spec.Database != "" {
		statements = append(statements, "CREATE DATABASE "+identifier(spec.Database))
	}
	for _, statement := range statements {
		if strings.ContainsAny(statement, "\r\n\x00") {
			return errors.New("a user name, password or database name has a line break")
		}
	}
	if err := os.WriteFile(s.path(initFile), []byte(strings.Join(statements, ";\n")+";\n"), 0o600); err != nil {
		return fmt.Errorf("first statements of database server %s: %w", s.id, err)
	}
	return nil
}

func (s *server) adminPassword() (string, error) {
	raw, err := os.ReadFile(s.path(adminFile))
	if err != nil {
		return "", fmt.Errorf("administrator's password of database server %s: %w", s.id, err)
	}
	return string(raw), nil
}

func literal(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

func identifier(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}
