package rule

import (
	"encoding/json"
	"strings"

	"store-events/policy/value"
)

// Settings are the limits of rules in one environment.
type Settings struct {
	Environment Environment
	// Project is the name of the Pulumi project.
	Project string
	// TagValues are the values that remediation sets for missing tags.
	TagValues map[string]string
	// DBInstanceClasses are patterns of the instance classes that a database may have, with * as wildcard.
	DBInstanceClasses []string
	// DBStorageGiB limits the storage of a database, including autoscaling.
	DBStorageGiB float64
	// LogDays is the minimum retention of log groups, and RemediedLogDays the value that remediation sets.
	LogDays, RemediedLogDays float64
	// DBBackupDays is the minimum retention of automatic backups.
	DBBackupDays float64
	// InstanceTypes are patterns of the instance types allowed.
	InstanceTypes []string
	// KeyDeletionDays is the minimum waiting time before a key is deleted.
	KeyDeletionDays float64
	// ScanBytes limits how much one query may read.
	ScanBytes float64
	// MonthlyUSD limits the stack's monthly cost while idle; 0 means no limit.
	MonthlyUSD float64
	// Tags are the required tags of every taggable resource, and DataTags the additional ones of data stores.
	Tags, DataTags []string
	// configured are the values in the stack's configuration.
	configured map[string]bool
}

// WithConfigured returns the settings with the values in a stack's configuration, strings or
// lists of strings in JSON.
func (s Settings) WithConfigured(config map[string]string) Settings {
	s.configured = map[string]bool{}
	for _, text := range config {
		values := []string{text}
		if strings.HasPrefix(text, "[") {
			_ = json.Unmarshal([]byte(text), &values) // Other values do not identify resources.
		}
		for _, v := range values {
			s.configured[v] = v != ""
		}
	}
	return s
}

// Configured reports whether the stack's configuration contains this ID, name or ARN,
// which then belongs to an existing resource. Rules that check a resource's settings cannot check it.
func (s Settings) Configured(id string) bool { return s.configured[id] }

// AllConfigured reports whether a property refers only to such resources, as a string or a
// list of strings.
func (s Settings) AllConfigured(v value.Value) bool {
	members := []value.Value{v}
	if v.State() == value.Known && v.Raw().IsArray() {
		members = v.Elements()
	}
	for _, m := range members {
		if text, err := m.Text(); err != nil || !s.Configured(text) {
			return false
		}
	}
	return len(members) > 0
}

// DefaultSettings returns the limits of an environment.
func DefaultSettings(env Environment) Settings {
	s := Settings{
		Environment:       env,
		DBInstanceClasses: []string{"db.t4g.*", "db.m[678]g.*", "db.r[678]g.*"},
		DBStorageGiB:      1000,
		LogDays:           1,
		RemediedLogDays:   365,
		DBBackupDays:      7,
		InstanceTypes:     []string{"t4g.*", "t3.*", "t3a.*", "m[678]*.*", "c[678]*.*", "r[678]*.*"},
		KeyDeletionDays:   30,
		ScanBytes:         1 << 40,
		MonthlyUSD:        600,
		Tags:              []string{"Project", "Environment", "Owner", "CostCenter", "ManagedBy"},
		DataTags:          []string{"DataClassification"},
	}
	if env == Prod {
		return s
	}
	s.DBInstanceClasses = []string{"db.t4g.micro", "db.t4g.small", "db.t4g.medium"}
	s.DBStorageGiB = 100
	s.RemediedLogDays = 30
	s.DBBackupDays = 1
	s.InstanceTypes = []string{"t4g.nano", "t4g.micro", "t4g.small", "t3.nano", "t3.micro", "t3.small"}
	s.KeyDeletionDays = 7
	s.ScanBytes = 100 << 30
	s.MonthlyUSD = 100
	if env == Local {
		s.MonthlyUSD = 0 // A local stack is not billed.
	}
	return s
}
