package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
)

// Storage settings.
type Storage struct {
	// BucketName is the events bucket's name; empty lets Pulumi choose a free one.
	BucketName string `config:"bucketName"`
	// ExistingBucket is an existing bucket to use; empty creates one.
	ExistingBucket string `config:"existingBucket"`
	// ExistingBucketKeyArn is the KMS key of the existing bucket's encryption; empty
	// if it has S3's own.
	ExistingBucketKeyArn string `config:"existingBucketKeyArn"`
}

// Existing reports whether the stack uses a bucket that it does not create.
func (s Storage) Existing() bool { return s.ExistingBucket != "" }

// Consumer settings.
type Consumer struct {
	InstanceType string `config:"consumerInstanceType"`
}

// Analytics settings.
type Analytics struct {
	// ScanLimitMiB is the most that one query may read.
	ScanLimitMiB int `config:"athenaScanLimitMiB"`
}

// Alerts settings.
type Alerts struct {
	// Email gets the alerts; empty is nobody yet.
	Email string `config:"alertEmail"`
	// MonthlyBudgetUSD is what the account may cost in a month. With 0 there is none: some accounts may not have a budget.
	MonthlyBudgetUSD int `config:"monthlyBudgetUsd"`
	// LateHours is after how many hours without a successful run events are late; 0
	// follows from the schedule. See Config.LateHours.
	LateHours int `config:"alarmLateHours"`
	// QuarantineShare of the lines of a run, 0 to 1: more is an alarm.
	QuarantineShare float64 `config:"alarmQuarantineShare"`
	// VolumeFactor is how many times as much or as little as usual, in a day, is an alarm.
	VolumeFactor float64 `config:"alarmVolumeFactor"`
	// SilentHours is after how many hours without an invocation the producer is
	// taken for dead; 0 is never.
	SilentHours int `config:"alarmSilentHours"`
}

var (
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html;
	// dots are left out, because they break TLS with virtual-host addresses.
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
	// A name that exists may have dots.
	takenBucket    = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	bucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes = []string{"-s3alias", "--ols-s3", "--x-s3", "--table-s3"}

	// Families of x86-64 and of Graviton, for both of which the image exists.
	instanceType = regexp.MustCompile(`^(t3|t3a|t4g)\.(nano|micro|small|medium|large|xlarge|2xlarge)$|` +
		`^(m5|m5a|m6i|m6a|m7i|m7a|c5|c5a|c6i|c6a|c7i|c7a|r5|r5a|r6i|r6a|r7i|r7a|m6g|m7g|m8g|c6g|c7g|c8g|r6g|r7g|r8g)\.(large|xlarge|(2|4|8)xlarge)$`)
	graviton = regexp.MustCompile(`^[a-z]+[0-9]g\.`)

	// The longest name made from a stack's name, an IAM role's, has 64 characters.
	// It has no underscore, so that the names of two stacks stay different when
	// their hyphens become underscores.
	stackName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

const maxStackName = 24

// Base names of what must not have the same name in two stacks of one account
// and region. A stack's own has the stack's name after it, unless it is set.
const (
	catalogDatabaseBase = "miztiik_sales_db"
	crawlerBase         = "sale_txns_crawler"
	jobBase             = "s3-to-rds-ingestor"
)

// name fills in the names that are not set.
func (c *Config) name(stack string) {
	suffix := strings.ReplaceAll(stack, "-", "_") // Athena takes no hyphen in the name of a database.
	for field, name := range map[*string]string{
		&c.Catalog.Database:    catalogDatabaseBase + "_" + suffix,
		&c.Catalog.CrawlerName: crawlerBase + "_" + suffix,
		&c.Etl.JobName:         jobBase + "-" + stack,
	} {
		if *field == "" {
			*field = name
		}
	}
}

// CheckStack refuses the name of a stack from which AWS would refuse the names
// of buckets, roles or databases.
func CheckStack(name string) error {
	if len(name) <= maxStackName && stackName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("stack %q: resource names are made from it: use at most %d lower-case letters, digits and single hyphens, beginning with a letter", name, maxStackName)
}

func (s Storage) validate(k *check) {
	if s.Existing() {
		matches(k, "existingBucket", s.ExistingBucket, takenBucket, "the name of a bucket, or nothing")
		k.exclude("nothing beside existingBucket: no bucket is created", "bucketName")
		if s.ExistingBucketKeyArn != "" {
			matches(k, "existingBucketKeyArn", s.ExistingBucketKeyArn, keyArn, "the ARN of a KMS key, or nothing")
		}
		return
	}
	k.exclude("nothing, or set existingBucket to the bucket that it encrypts", "existingBucketKeyArn")
	if s.BucketName == "" {
		return
	}
	const allowed = "3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, without a prefix or suffix that S3 reserves"
	matches(k, "bucketName", s.BucketName, bucketName, allowed)
	for _, p := range bucketPrefixes {
		if strings.HasPrefix(s.BucketName, p) {
			k.refuse("bucketName", s.BucketName, allowed)
		}
	}
	for _, p := range bucketSuffixes {
		if strings.HasSuffix(s.BucketName, p) {
			k.refuse("bucketName", s.BucketName, allowed)
		}
	}
}

func (c Consumer) validate(k *check) {
	matches(k, "consumerInstanceType", c.InstanceType, instanceType, "a type such as t4g.micro, t3.micro or m7i.large")
}

// Graviton reports whether the instance has an arm64 processor.
func (c Consumer) Graviton() bool { return graviton.MatchString(c.InstanceType) }

func (a Analytics) validate(k *check) {
	between(k, "athenaScanLimitMiB", a.ScanLimitMiB, 10, 10*1024*1024)
}

func (a Alerts) validate(k *check) {
	if a.Email != "" {
		// SNS takes the address alone, not the form Name <address>.
		if parsed, err := mail.ParseAddress(a.Email); err != nil || parsed.Address != a.Email {
			k.refuse("alertEmail", a.Email, "an e-mail address such as ops@example.com without a name, or nothing")
		}
	}
	between(k, "monthlyBudgetUsd", a.MonthlyBudgetUSD, 0, 1_000_000)
	between(k, "alarmLateHours", a.LateHours, 0, maxLateHours)
	between(k, "alarmQuarantineShare", a.QuarantineShare, 0, 1)
	between(k, "alarmVolumeFactor", a.VolumeFactor, 1.1, 1000)
	between(k, "alarmSilentHours", a.SilentHours, 0, maxLateHours)
}
