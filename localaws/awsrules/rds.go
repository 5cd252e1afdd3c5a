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
	"rds:CreateDBParameterGroup": named("DBParameterGroupName", 255),
	"rds:CreateDBSubnetGroup":    subnetGroup,
	"rds:CreateDBSnapshot":       named("DBSnapshotIdentifier", 255),
	"rds:ModifyDBParameterGroup": applied,
}

var identifier = regexp.MustCompile(`^[a-zA-Z](?:-?[a-zA-Z0-9])*$`)

func named(parameter string, longest int) rule {
	return func(p params) error { return identifies(p, parameter, longest) }
}

func identifies(p params, parameter string, longest int) error {
	name := p.text(parameter)
	if name == "" {
		return nil // The model says whether it is required.
	}
	if !identifier.MatchString(name) {
		return refuse("InvalidParameterValue", "The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.", parameter)
	}
	if len(name) > longest {
		return refuse("InvalidParameterValue", "The parameter %s is not a valid identifier because it is longer than %d characters.", parameter, longest)
	}
	return nil
}

func createDatabase(p params) error {
	if engine := p.text("Engine"); engine != "mysql" && engine != "mariadb" {
		return identifies(p, "DBInstanceIdentifier", 63)
	}
	return first(identifies(p, "DBInstanceIdentifier", 63), masterUser(p.text("MasterUsername")), password(p),
		databaseName(p), storage(p), provisioned(p), retention(p), monitoring(p))
}

// modifyDatabase leaves storage to the rules that know the present one: see StorageChange.
func modifyDatabase(p params) error {
	return first(identifies(p, "NewDBInstanceIdentifier", 63), password(p), retention(p))
}

// Names that MySQL on RDS already uses.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
var reservedUsers = []string{"rdsadmin", "rdsrepladmin", "rds_superuser_role", "rdsproxyadmin", "mysql.sys", "mysql.session", "mysql.infoschema"}

var masterUserText = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,15}$`)

func masterUser(name string) error {
	if slices.Contains(reservedUsers, strings.ToLower(name)) {
		return refuse("InvalidParameterValue", "MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
	}
	if name != "" && !masterUserText.MatchString(name) {
		return refuse("InvalidParameterValue", "The parameter MasterUsername must begin with a letter and have 1 to 16 alphanumeric characters.")
	}
	return nil
}

// password never repeats the value.
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

// Databases that every MySQL server has.
var reservedDatabases = []string{"mysql", "information_schema", "performance_schema", "sys", "innodb"}

func databaseName(p params) error {
	name := p.text("DBName")
	if name == "" {
		return nil
	}
	if slices.Contains(reservedDatabases, strings.ToLower(name)) {
		return refuse("InvalidParameterValue", "DBName %s cannot be used as it is a reserved word used by the engine", name)
	}
	if !databaseText.MatchString(name) {
		return refuse("InvalidParameterValue", "DBName must begin with a letter and contain only alphanumeric characters.")
	}
	return nil
}

// The minimum and maximum GiB of a storage type.
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
	return largest(p)
}

// largest is the upper limit of storage autoscaling.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func largest(p params) error {
	size, sized := p.number("AllocatedStorage")
	most, limited := p.number("MaxAllocatedStorage")
	if !sized || !limited {
		return nil
	}
	return largestStorage(size, most)
}

// largestStorage refuses a limit that is not a tenth above the GiB that an
// instance has.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func largestStorage(size, most int) error {
	if most <= size {
		return refuse("InvalidParameterCombination", "Max storage size must be greater than storage size")
	}
	if most*10 < size*11 {
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

// A gp3 volume of at least stripedGiB is striped over four, whose baseline is four times that of one.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
const stripedGiB = 400

// Baseline returns the IOPS and the MiB a second that a gp3 volume of MySQL or MariaDB has at least.
func Baseline(size int) (iops, throughput int) {
	if size < stripedGiB {
		return 3000, 125
	}
	return 12000, 500
}

// performance refuses IOPS and throughput that a gp3 volume cannot have; 0 is not given. Volumes of one stripe have the
// baseline only. The first message is quoted in https://github.com/hashicorp/terraform-provider-aws/pull/28243, the
// second in https://github.com/hashicorp/terraform-provider-aws/issues/28382; the last is like the second.
func performance(engine, kind string, size, iops, throughput int) error {
	striped := engine == "mysql" || engine == "mariadb" || engine == "postgres" // The others have other limits.
	if !striped || kind != "gp3" || iops == 0 && throughput == 0 {
		return nil
	}
	leastIOPS, leastThroughput := Baseline(size)
	switch {
	case size < stripedGiB:
		return refuse("InvalidParameterCombination", "You can't specify IOPS or storage throughput for engine %s and a storage size less than %d.", engine, stripedGiB)
	case iops != 0 && (iops < leastIOPS || iops > 64000):
		return refuse("InvalidParameterCombination", "Invalid iops value for engine name %s and storage type %s: %d", engine, kind, iops)
	case throughput != 0 && (throughput < leastThroughput || throughput > 4000):
		return refuse("InvalidParameterCombination", "Invalid storage throughput value for engine name %s and storage type %s: %d", engine, kind, throughput)
	}
	return nil
}

// StorageChange is a change of an instance's storage. A value of 0 is not given; without PresentMost the storage does not grow.
type StorageChange struct {
	Engine, Type                 string
	Present, PresentMost         int // GiB.
	Size, Most, IOPS, Throughput int
}

// Check refuses a change as RDS does, which takes no storage away. A limit that is the size switches growth off.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/598 quotes the message.
func (c StorageChange) Check() error {
	size := max(c.Size, c.Present)
	limits, known := storageSizes[c.Type]
	if c.Size != 0 && (c.Size < c.Present || known && c.Size > limits[1]) {
		return refuse("InvalidParameterCombination", "Invalid storage size for engine name %s and storage type %s: %d", c.Engine, c.Type, c.Size)
	}
	switch {
	case c.Most != 0 && c.Most != size:
		if err := largestStorage(size, c.Most); err != nil {
			return err
		}
	case c.Most == 0 && c.PresentMost != 0 && c.PresentMost < size:
		return largestStorage(size, c.PresentMost)
	}
	return performance(c.Engine, c.Type, size, c.IOPS, c.Throughput)
}

// Grown returns the GiB that an instance gets: at least a tenth more than it has.
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
	return identifies(p, "FinalDBSnapshotIdentifier", 255)
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

// static are parameters that MySQL reads only when it starts: those of them that one is likely to set.
// https://dev.mysql.com/doc/refman/8.4/en/server-system-variable-reference.html
var static = []string{
	"back_log", "ft_max_word_len", "ft_min_word_len", "innodb_autoinc_lock_mode", "innodb_buffer_pool_chunk_size", "innodb_buffer_pool_instances",
	"innodb_flush_method", "innodb_ft_max_token_size", "innodb_ft_min_token_size", "innodb_log_file_size", "innodb_page_size",
	"innodb_purge_threads", "innodb_read_io_threads", "innodb_rollback_on_timeout", "innodb_write_io_threads", "log_replica_updates",
	"lower_case_table_names", "max_digest_length", "ngram_token_size", "performance_schema", "skip_name_resolve", "skip_show_database",
	"table_open_cache_instances", "thread_stack",
}

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html
func applied(p params) error {
	for _, parameter := range p.objects("Parameters") {
		if parameter.text("ApplyMethod") == "immediate" && slices.Contains(static, parameter.text("ParameterName")) {
			return refuse("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
		}
	}
	return nil
}
