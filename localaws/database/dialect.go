package database

import "localaws/database/engine"

// dialect contains the differences between the engines.
type dialect struct {
	// section is the server's section in an options file.
	section string
	// settings are options in addition to defaults.
	settings map[string]string
	// accounts returns statements for the first start, after the creation of the administrator and the master user.
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
		"secure_file_priv":         "NULL", // No user may read or write the server's files.
		"mysqlx":                   "0",    // The X Protocol would need another port.
		"disable_log_bin":          "1",
		"partial_revokes":          "1",
		"auto_generate_certs":      "0", // The local authority issues the certificate.
	},
	accounts: func(master string) []string {
		return []string{
			// On RDS the master user has a role with the same privileges.
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

// rolePrivileges and dynamicPrivileges are privileges that RDS for MySQL 8.0.36 and later grants the master user in
// addition to masterPrivileges. MySQL 8.4 has removed SET_USER_ID.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
const (
	superuserRole  = "rds_superuser_role"
	rolePrivileges = "CREATE ROLE, DROP ROLE"
	// changes are privileges on the schema mysql that no user has on RDS. RDS may implement it without partial revokes.
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
