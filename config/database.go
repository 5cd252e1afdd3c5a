package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Database settings.
type Database struct {
	Name          string `config:"databaseName"`
	User          string `config:"databaseUser"`
	Port          int    `config:"databasePort"`
	InstanceClass string `config:"databaseInstanceClass"`
	EngineVersion string `config:"databaseEngineVersion"`
	StorageGiB    int    `config:"databaseStorageGiB"`
	// MaxStorageGiB is the limit of storage autoscaling; 0 disables it.
	MaxStorageGiB int  `config:"databaseMaxStorageGiB"`
	MultiAz       bool `config:"databaseMultiAz"`
	BackupDays    int  `config:"databaseBackupDays"`
	// MonitoringSeconds is the interval of enhanced monitoring; 0 disables it.
	MonitoringSeconds int `config:"databaseMonitoringSeconds"`
	// RotationDays is the interval of password rotations; 0 disables them.
	RotationDays int `config:"secretRotationDays"`
	// CAFile contains the certificate authorities of the server, in PEM; empty selects
	// Amazon's. A relative path starts at the project's folder.
	CAFile string `config:"databaseCaFile"`
	// Host is an existing server; empty creates an RDS instance.
	Host string `config:"databaseHost"`
	// SecretArn is the secret of an administrator of the existing server, who creates the
	// users. If the users exist too, LoaderSecretArn and ReaderSecretArn are their secrets instead.
	SecretArn       string `config:"databaseSecretArn"`
	LoaderSecretArn string `config:"databaseLoaderSecretArn"`
	ReaderSecretArn string `config:"databaseReaderSecretArn"`
	// GroupID is the security group of the existing server, Cidr its addresses.
	GroupID string `config:"databaseGroupId"`
	Cidr    string `config:"databaseCidr"`
}

var (
	databaseName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	databaseUser = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,15}$`)
	mysql84      = regexp.MustCompile(`^8\.4(\.[0-9]{1,2})?$`)
	// The classes of RDS for MySQL 8.4:
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
	databaseClass = regexp.MustCompile(`^db\.(t3|t4g)\.(micro|small|medium|large|xlarge|2xlarge)$|` +
		`^db\.(m5|m5d|m6g|m6gd|m6i|m6id|m7g|m7gd|m7i|m8g|r5|r5d|r6g|r6gd|r6i|r6id|r7g|r7gd|r7i|r8g)\.(large|xlarge|(2|4|8|12|16|24|32|48)xlarge)$`)

	reservedDatabases = []string{"mysql", "information_schema", "performance_schema", "sys", "innodb"}
	// RDS reserves the first three; attackers try the others first.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
	reservedUsers = []string{"rdsadmin", "rdsrepladmin", "rdsproxyadmin", "root", "admin", "administrator", "mysql", "master", "user"}
)

func (d Database) validate(k *check) {
	if d.Existing() {
		d.validateExisting(k)
	} else {
		k.exclude("no value, or set databaseHost to the existing server", existingDatabaseKeys...)
		d.validateInstance(k)
	}
	between(k, "secretRotationDays", d.RotationDays, 0, 1000)
	d.validateName(k)
}

func (d Database) validateName(k *check) {
	const name = "1 to 64 letters, digits and underscores, beginning with a letter, and not a system schema of MySQL"
	matches(k, "databaseName", d.Name, databaseName, name)
	if slices.Contains(reservedDatabases, strings.ToLower(d.Name)) {
		k.refuse("databaseName", d.Name, name)
	}
}

// validateInstance checks the settings of an instance that the program creates.
func (d Database) validateInstance(k *check) {
	if isReservedWord(d.Name) {
		k.refuse("databaseName", d.Name, "a name that is not a reserved word of MySQL")
	}
	const user = "1 to 16 letters, digits and underscores, beginning with a letter, and not a reserved or common name"
	matches(k, "databaseUser", d.User, databaseUser, user)
	if slices.Contains(reservedUsers, strings.ToLower(d.User)) || isReservedWord(d.User) {
		k.refuse("databaseUser", d.User, user)
	}
	between(k, "databasePort", d.Port, 1150, 65535)
	matches(k, "databaseInstanceClass", d.InstanceClass, databaseClass, "an RDS instance class for MySQL 8.4, such as db.t4g.micro or db.m7g.large")
	matches(k, "databaseEngineVersion", d.EngineVersion, mysql84, "8.4 or 8.4.<minor>: RDS standard support for 8.0 has ended")
	between(k, "databaseStorageGiB", d.StorageGiB, 20, 65536)
	d.validateMaxStorage(k)
	between(k, "databaseBackupDays", d.BackupDays, 0, 35)
	oneOf(k, "databaseMonitoringSeconds", d.MonitoringSeconds, 0, 1, 5, 10, 15, 30, 60)
}

// maxStorage is RDS's maximum for MySQL, in GiB.
const maxStorage = 65536

// validateMaxStorage requires room for growth of at least 10 %, as RDS does.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func (d Database) validateMaxStorage(k *check) {
	if d.MaxStorageGiB == 0 || !k.read("databaseStorageGiB") {
		return
	}
	if least := (d.StorageGiB*11 + 9) / 10; d.MaxStorageGiB < least || d.MaxStorageGiB > maxStorage {
		k.refuse("databaseMaxStorageGiB", d.MaxStorageGiB,
			fmt.Sprintf("0, or at least 110 %% of databaseStorageGiB (%d) and at most %d", least, maxStorage))
	}
}

// MinorUpgrades reports whether RDS may upgrade the engine to newer minor
// versions by itself. A pinned minor version excludes it: the next update
// would request a downgrade, which RDS refuses.
func (d Database) MinorUpgrades() bool { return strings.Count(d.EngineVersion, ".") < 2 }
