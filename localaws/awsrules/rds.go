package awsrules

import (
	"regexp"
	"slices"
	"strings"
)

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
var rdsRules = map[string]rule{
	"rds:CreateDBInstance":       createDatabase,
	"rds:ModifyDBInstance":       modifyDatabase,
	"rds:DeleteDBInstance":       deleteDatabase,
	"rds:CreateDBParameterGroup": hasIdentifier("DBParameterGroupName"),
	"rds:CreateDBSubnetGroup":    subnetGroup,
	"rds:CreateDBSnapshot":       hasIdentifier("DBSnapshotIdentifier"),
	"rds:ModifyDBParameterGroup": applyMethods,
}

var identifier = regexp.MustCompile(`^[a-zA-Z](?:-?[a-zA-Z0-9])*$`)

func hasIdentifier(parameter string) rule {
	return func(p params) error { return checkIdentifier(p, parameter, 255) }
}

func checkIdentifier(p params, parameter string, maxLength int) error {
	name := p.text(parameter)
	if name == "" {
		return nil // The model specifies whether it is required.
	}
	if !identifier.MatchString(name) {
		return refuse("InvalidParameterValue", "The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.", parameter)
	}
	if len(name) > maxLength {
		return refuse("InvalidParameterValue", "The parameter %s is not a valid identifier because it is longer than %d characters.", parameter, maxLength)
	}
	return nil
}

func createDatabase(p params) error {
	if engine := p.text("Engine"); engine != "mysql" && engine != "mariadb" {
		return checkIdentifier(p, "DBInstanceIdentifier", 63)
	}
	return first(checkIdentifier(p, "DBInstanceIdentifier", 63), masterUser(p.text("MasterUsername")), password(p),
		databaseName(p), storage(p), provisioned(p), retention(p), monitoring(p))
}

// modifyDatabase does not check storage, which needs the present instance: see StorageChange.
func modifyDatabase(p params) error {
	return first(checkIdentifier(p, "NewDBInstanceIdentifier", 63), password(p), retention(p))
}

// reservedUsers are user names that RDS for MySQL uses:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
var reservedUsers = []string{"rdsadmin", "rdsrepladmin", "rds_superuser_role", "rdsproxyadmin", "mysql.sys", "mysql.session", "mysql.infoschema"}

var masterUserText = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,15}$`)

func masterUser(name string) error {
	if slices.Contains(reservedUsers, strings.ToLower(name)) || isReservedWord(name) {
		return refuse("InvalidParameterValue", "MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
	}
	if name != "" && !masterUserText.MatchString(name) {
		return refuse("InvalidParameterValue", "The parameter MasterUsername must begin with a letter and have 1 to 16 alphanumeric characters.")
	}
	return nil
}

// password checks the master password. Its messages do not contain the value.
func password(p params) error {
	if !p.has("MasterUserPassword") {
		return nil
	}
	text := p.text("MasterUserPassword")
	for _, c := range text {
		if c <= ' ' || c > '~' || strings.ContainsRune(`/@"`, c) {
			return refuse("InvalidParameterValue", `The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`)
		}
	}
	switch {
	case len(text) < 8:
		return refuse("InvalidParameterValue", "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.")
	case len(text) > 41:
		return refuse("InvalidParameterValue", "The parameter MasterUserPassword is not a valid password because it is longer than 41 characters.")
	}
	return nil
}

var databaseText = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,63}$`)

// reservedDatabases are the databases of every MySQL server.
var reservedDatabases = []string{"mysql", "information_schema", "performance_schema", "sys", "innodb"}

func databaseName(p params) error {
	name := p.text("DBName")
	if name == "" {
		return nil
	}
	if slices.Contains(reservedDatabases, strings.ToLower(name)) || isReservedWord(name) {
		return refuse("InvalidParameterValue", "DBName %s cannot be used as it is a reserved word used by the engine", name)
	}
	if !databaseText.MatchString(name) {
		return refuse("InvalidParameterValue", "DBName must begin with a letter and contain only alphanumeric characters.")
	}
	return nil
}

// storageSizes maps storage types to their minimum and maximum size in GiB:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
var storageSizes = map[string][2]int{"": {20, 65536}, "gp2": {20, 65536}, "gp3": {20, 65536}, "io1": {100, 65536}, "io2": {100, 65536}, "standard": {5, 3072}}

func storage(p params) error {
	size, given := p.number("AllocatedStorage")
	limits, known := storageSizes[p.text("StorageType")]
	if given && known && (size < limits[0] || size > limits[1]) {
		kind := p.text("StorageType")
		if kind == "" {
			kind = "gp2"
		}
		return refuse("InvalidParameterCombination", "Invalid storage size for engine name %s and storage type %s: %d", p.text("Engine"), kind, size)
	}
	return autoscaling(p)
}

// autoscaling checks the limit of storage autoscaling in a creating request.
func autoscaling(p params) error {
	size, sized := p.number("AllocatedStorage")
	limit, limited := p.number("MaxAllocatedStorage")
	if !sized || !limited {
		return nil
	}
	return checkMaxStorage(size, limit)
}

// checkMaxStorage rejects a limit of storage autoscaling that is less than 10 % above the size in GiB:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func checkMaxStorage(size, limit int) error {
	if limit <= size {
		return refuse("InvalidParameterCombination", "Max storage size must be greater than storage size")
	}
	if limit*10 < size*11 {
		return refuse("InvalidParameterCombination", "The maximum allocated storage must be increased by at least 10 percent.")
	}
	return nil
}

func provisioned(p params) error {
	size, _ := p.number("AllocatedStorage")
	iops, _ := p.number("Iops")
	throughput, _ := p.number("StorageThroughput")
	return performance(p.text("Engine"), p.text("StorageType"), size, iops, throughput)
}

// stripedGiB is the size from which RDS stripes a gp3 volume across four volumes, with four times the baseline:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
const stripedGiB = 400

// Baseline returns the baseline IOPS and throughput, in MiB/s, of a gp3 volume for MySQL or MariaDB.
func Baseline(size int) (iops, throughput int) {
	if size < stripedGiB {
		return 3000, 125
	}
	return 12000, 500
}

// performance rejects invalid IOPS and throughput of a gp3 volume. Zero means not set. Volumes that are not striped
// support only the baseline. The first message is quoted in
// https://github.com/hashicorp/terraform-provider-aws/pull/28243, and the second in
// https://github.com/hashicorp/terraform-provider-aws/issues/28382. The last is modeled on the second.
func performance(engine, kind string, size, iops, throughput int) error {
	striped := engine == "mysql" || engine == "mariadb" || engine == "postgres" // Other engines have other limits.
	if !striped || kind != "gp3" || iops == 0 && throughput == 0 {
		return nil
	}
	minIOPS, minThroughput := Baseline(size)
	switch {
	case size < stripedGiB:
		return refuse("InvalidParameterCombination", "You can't specify IOPS or storage throughput for engine %s and a storage size less than %d.", engine, stripedGiB)
	case iops != 0 && (iops < minIOPS || iops > 64000):
		return refuse("InvalidParameterCombination", "Invalid iops value for engine name %s and storage type %s: %d", engine, kind, iops)
	case throughput != 0 && (throughput < minThroughput || throughput > 4000):
		return refuse("InvalidParameterCombination", "Invalid storage throughput value for engine name %s and storage type %s: %d", engine, kind, throughput)
	}
	return nil
}

// StorageChange is a change of an instance's storage. Zero means not set.
type StorageChange struct {
	Engine, Type        string
	Present, PresentMax int // The instance's size and autoscaling limit in GiB.
	Size, Max           int // The requested size and autoscaling limit in GiB.
	IOPS, Throughput    int
}

// Check rejects an invalid change. RDS cannot reduce storage. An autoscaling limit equal to the size disables
// autoscaling.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/598 quotes the message.
func (c StorageChange) Check() error {
	size := max(c.Size, c.Present)
	limits, known := storageSizes[c.Type]
	if c.Size != 0 && (c.Size < c.Present || known && c.Size > limits[1]) {
		return refuse("InvalidParameterCombination", "Invalid storage size for engine name %s and storage type %s: %d", c.Engine, c.Type, c.Size)
	}
	switch {
	case c.Max != 0 && c.Max != size:
		if err := checkMaxStorage(size, c.Max); err != nil {
			return err
		}
	case c.Max == 0 && c.PresentMax != 0 && c.PresentMax < size:
		return checkMaxStorage(size, c.PresentMax)
	}
	return performance(c.Engine, c.Type, size, c.IOPS, c.Throughput)
}

// Grown returns the instance's size after the change, in GiB. RDS increases storage by at least 10 %.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
func (c StorageChange) Grown() int {
	if c.Size <= c.Present {
		return c.Present
	}
	return max(c.Size, (c.Present*11+9)/10)
}

func retention(p params) error {
	if days, given := p.number("BackupRetentionPeriod"); given && (days < 0 || days > 35) {
		return refuse("InvalidParameterValue", "Invalid backup retention period: %d. Must be between 0 and 35.", days)
	}
	return nil
}

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
func monitoring(p params) error {
	seconds, given := p.number("MonitoringInterval")
	if !given || seconds == 0 {
		return nil
	}
	if !slices.Contains([]int{1, 5, 10, 15, 30, 60}, seconds) {
		return refuse("InvalidParameterValue", "Invalid monitoring interval: %d. Valid values are 0, 1, 5, 10, 15, 30, 60.", seconds)
	}
	if p.text("MonitoringRoleArn") == "" {
		return refuse("InvalidParameterCombination", "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
	}
	return nil
}

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
func deleteDatabase(p params) error {
	skip, snapshot := p.text("SkipFinalSnapshot") == "true", p.text("FinalDBSnapshotIdentifier")
	if !skip && snapshot == "" {
		return refuse("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
	}
	if skip && snapshot != "" {
		return refuse("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when skipping final snapshot.")
	}
	return checkIdentifier(p, "FinalDBSnapshotIdentifier", 255)
}

var subnetGroupText = regexp.MustCompile(`^[a-zA-Z0-9 ._-]{1,255}$`)

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
func subnetGroup(p params) error {
	name := p.text("DBSubnetGroupName")
	if strings.EqualFold(name, "default") || !subnetGroupText.MatchString(name) {
		return refuse("InvalidParameterValue", "The parameter DBSubnetGroupName is not a valid identifier. It must contain 1 to 255 letters, numbers, periods, underscores, spaces, or hyphens, and must not be default.")
	}
	return nil
}

// static are commonly used parameters that MySQL reads only at start:
// https://dev.mysql.com/doc/refman/8.4/en/server-system-variable-reference.html
var static = []string{
	"back_log", "ft_max_word_len", "ft_min_word_len", "innodb_autoinc_lock_mode", "innodb_buffer_pool_chunk_size", "innodb_buffer_pool_instances",
	"innodb_flush_method", "innodb_ft_max_token_size", "innodb_ft_min_token_size", "innodb_log_file_size", "innodb_page_size",
	"innodb_purge_threads", "innodb_read_io_threads", "innodb_rollback_on_timeout", "innodb_write_io_threads", "log_replica_updates",
	"lower_case_table_names", "max_digest_length", "ngram_token_size", "performance_schema", "skip_name_resolve", "skip_show_database",
	"table_open_cache_instances", "thread_stack",
}

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html
func applyMethods(p params) error {
	for _, parameter := range p.objects("Parameters") {
		if parameter.text("ApplyMethod") == "immediate" && slices.Contains(static, parameter.text("ParameterName")) {
			return refuse("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
		}
	}
	return nil
}
