// Package config is the typed configuration of a stack: the settings of the
// namespace store-events in Pulumi.<stack>.yaml, their defaults and their validation.
// It does not depend on resources.
package config

import "errors"

// Namespace of the settings, and the project's name.
const Namespace = "store-events"

// Zones is the number of availability zones that every stack spans: the minimum
// of an RDS subnet group, and enough for a standby.
const Zones = 2

// Config is the whole configuration of a stack.
type Config struct {
	Common    Common
	Storage   Storage
	Network   Network
	Database  Database
	Catalog   Catalog
	Etl       Etl
	Producer  Producer
	Consumer  Consumer
	Analytics Analytics
	Alerts    Alerts
}

// Common settings concern several layers.
type Common struct {
	// ProtectData keeps data at teardown: buckets and key stay, the database
	// leaves a final snapshot, nothing can be deleted or replaced by accident.
	ProtectData        bool   `config:"protectData"`
	DataClassification string `config:"dataClassification"`
	LogRetentionDays   int    `config:"logRetentionDays"`
	// BoundaryArn is the permissions boundary of the stack's roles; empty for none.
	BoundaryArn string `config:"permissionsBoundaryArn"`
	// Paused keeps the stack's data and removes the resources that are billed by the hour.
	Paused bool `config:"paused"`
}

// Load reads the configuration of a stack and fills in the names that are derived
// from the stack's name. The error joins one error per invalid value, with its
// key, the value and what is allowed. If the stack's name is invalid, that is the
// only error, because the other checks depend on it.
func Load(stack string, src Source) (Config, error) {
	if err := CheckStack(stack); err != nil {
		return Config{}, err
	}
	c := Default()
	k := read(&c, src)
	c.name(stack)
	c.validate(k)
	if err := errors.Join(k.problems...); err != nil {
		return Config{}, err
	}
	if c.Common.Paused {
		c.pause()
	}
	return c, nil
}

// pause changes the settings of a valid configuration for a paused stack:
// nothing starts a run or a crawl, no password is rotated, and the VPC has no
// egress. The stack's other settings stay, so that it resumes with them.
func (c *Config) pause() {
	c.Etl.ScheduleEnabled = false
	c.Network.NatGateways, c.Network.NatInstance, c.Network.InterfaceEndpoints = 0, false, false
	c.Database.RotationDays = 0
}

// Default returns the configuration of a stack without settings. Names that are
// derived from the stack's name are empty.
func Default() Config {
	return Config{
		Common: Common{
			DataClassification: "internal",
			LogRetentionDays:   30,
		},
		Network: Network{
			VpcCidr:            "10.10.0.0/16",
			PublicSubnetCidrs:  []string{"10.10.0.0/24", "10.10.1.0/24"},
			AppSubnetCidrs:     []string{"10.10.10.0/24", "10.10.11.0/24"},
			DbSubnetCidrs:      []string{"10.10.20.0/24", "10.10.21.0/24"},
			InterfaceEndpoints: true,
		},
		Database: Database{
			Name:          "store_events",
			User:          "mystiquemaster",
			Port:          3306,
			InstanceClass: "db.t4g.micro",
			EngineVersion: "8.4",
			StorageGiB:    20,
			MaxStorageGiB: 100,
			BackupDays:    1,
			RotationDays:  30,
		},
		Catalog: Catalog{TablePrefix: "txns_", CrawlSchedule: "cron(30 3 * * ? *)"},
		Etl: Etl{
			CommitRows:       500_000,
			MaxInvalidShare:  1,
			LedgerDays:       90,
			FullListingHours: 24,
			GlueVersion:      "5.1",
			WorkerType:       "G.1X",
			Workers:          2,
			TimeoutMinutes:   30,
			MaxRetries:       1,
			TargetTable:      "sales_txns_tbl",
			Schedule:         "cron(0 * * * ? *)",
			ScheduleEnabled:  true,

			Trigger:              BySchedule,
			TriggerWindowSeconds: 60,
			TriggerBatch:         1000,
		},
		Producer: Producer{
			Seconds:         2,
			Rate:            1000,
			IncompleteShare: 0.1,
			Batch:           1000,
			MemoryMiB:       256,
		},
		Consumer:  Consumer{InstanceType: "t3.micro"},
		Analytics: Analytics{ScanLimitMiB: 1024},
		Alerts:    Alerts{MonthlyBudgetUSD: 100, QuarantineShare: 0.05, VolumeFactor: 4},
	}
}

// CrawlSchedule returns the crawler's own schedule; empty for none.
func (c Config) CrawlSchedule() string {
	if !c.Etl.ScheduleEnabled || c.Catalog.CrawlSchedule == NoCrawls {
		return ""
	}
	return c.Catalog.CrawlSchedule
}

// validate checks every setting, and settings that depend on each other.
func (c Config) validate(k *check) {
	c.Common.validate(k)
	c.Storage.validate(k)
	c.Network.validate(k)
	c.Database.validate(k)
	c.Catalog.validate(k)
	c.Etl.validate(k)
	c.Producer.validate(k)
	c.Consumer.validate(k)
	c.Analytics.validate(k)
	c.Alerts.validate(k)
	if c.Common.ProtectData && c.Database.BackupDays == 0 && !c.Database.Existing() {
		k.refuse("databaseBackupDays", 0, "1 to 35, because protectData is true")
	}
	if c.Common.Paused && c.Database.Existing() {
		k.refuse("paused", true, "false, because databaseHost is set: the server does not belong to the stack and keeps running; to stop runs and crawls, set scheduleEnabled to false")
	}
	if c.Catalog.Encryption && !c.Common.ProtectData {
		k.refuse("catalogEncryption", true, "false, or set protectData to true: without it, a destroy would delete the key that encrypts the metadata of all stacks in the account and region")
	}
	if c.Etl.LineageURL != "" && !c.Network.leadsAnywhere() {
		k.refuse("lineageUrl", c.Etl.LineageURL, "no value, because the job can reach AWS only: set natGateways to 1 or 2, or natInstance to true, and interfaceEndpoints to false, or use an existing VPC with egress (vpcId), without endpointGroupId")
	}
	enoughConnections(k, c.Etl, c.Database)
	enoughAddresses(k, c.Network, c.Etl)
}

// logRetentions are the only periods, in days, that CloudWatch Logs accepts:
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func (c Common) validate(k *check) {
	oneOf(k, "dataClassification", c.DataClassification, "public", "internal", "confidential", "restricted")
	oneOf(k, "logRetentionDays", c.LogRetentionDays, logRetentions...)
	if c.BoundaryArn != "" {
		matches(k, "permissionsBoundaryArn", c.BoundaryArn, policyArn, "the ARN of an IAM policy, or no value")
	}
}
