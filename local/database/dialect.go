package database

import "store-events/local/database/engine"

// dialect is what the engines do not have in common.
type dialect struct {
	// section is the server's part of an options file.
	section string
	// settings are options beside those of `defaults`.
	settings map[string]string
	// accounts are the statements of the first start that follow the creation of
	// the administrator and the master user.
	accounts func(master string) []string
}

func (s *server) dialect() dialect {
	if s.record.Engine.Name == engine.MariaDB {
		return mariaDB
	}
	return mySQL
}

var mySQL = dialect{
	section: "mysqld",
	settings: map[string]string{
		"innodb_redo_log_capacity": "128M",
		"secure_file_priv":         "NULL", // No one reads or writes files of the server.
		"mysqlx":                   "0",    // It would take another port.
		"disable_log_bin":          "1",
		"partial_revokes":          "1",
		"auto_generate_certs":      "0", // It has one of the local authority.
	},
	accounts: func(master string) []string {
		return []string{
			// RDS gives the master user a role that has the same privileges.
			// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.CommonDBATasks.privilege-model.html
			"CREATE ROLE " + superuserRole,
			"GRANT " + masterPrivileges + ", " + rolePrivileges + " ON *.* TO " + superuserRole + " WITH GRANT OPTION",
			"GRANT " + dynamicPrivileges + " ON *.* TO " + superuserRole + " WITH GRANT OPTION",
			"GRANT " + rolePrivileges + " ON *.* TO " + master + " WITH GRANT OPTION",
			"GRANT " + dynamicPrivileges + " ON *.* TO " + master + " WITH GRANT OPTION",
			"GRANT " + superuserRole + " TO " + master + " WITH ADMIN OPTION",
			"REVOKE " + changes + " ON mysql.* FROM " + superuserRole,
			"REVOKE " + changes + " ON mysql.* FROM " + master,
			"DROP USER root@localhost",
		}
	},
}

// What RDS for MySQL 8.0.36 and later gives the master user beside
// masterPrivileges. SET_USER_ID is left out: MySQL 8.4 has it no more.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
const (
	superuserRole  = "rds_superuser_role"
	rolePrivileges = "CREATE ROLE, DROP ROLE"
	// changes are what RDS does not let anyone do in the schema mysql. It may do so
	// otherwise than by a partial revocation.
	changes = "INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE TEMPORARY TABLES, LOCK TABLES, " +
		"CREATE VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER"
	dynamicPrivileges = "APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN"
)

var mariaDB = dialect{
	section:  "mariadbd",
	settings: map[string]string{"innodb_log_file_size": "128M"},
	accounts: func(string) []string {
		return []string{"DELETE FROM mysql.global_priv WHERE User IN ('root', '')", "FLUSH PRIVILEGES"}
	},
}
