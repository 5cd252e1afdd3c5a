package config

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
)

var (
	// newDatabaseKeys are the settings of an instance that the program creates.
	newDatabaseKeys = []string{
		"databaseUser", "databaseInstanceClass", "databaseEngineVersion", "databaseStorageGiB", "databaseMaxStorageGiB",
		"databaseMultiAz", "databaseBackupDays", "databaseMonitoringSeconds",
	}
	existingDatabaseKeys = []string{
		"databaseSecretArn", "databaseLoaderSecretArn", "databaseReaderSecretArn", "databaseGroupId", "databaseCidr",
	}
	databaseHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
	// The ARN includes the six characters that Secrets Manager adds to the name: IAM compares
	// the whole ARN. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
	secretArn = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$`)
)

//nolint:gosec // A description, not a secret.
const wholeSecretArn = "the full ARN of a Secrets Manager secret, including the suffix of six characters, or no value"

// Existing reports whether the stack uses a database server that it does not create.
func (d Database) Existing() bool { return d.Host != "" }

// OwnStorageGiB returns the storage of the stack's own instance, 0 without one.
func (d Database) OwnStorageGiB() int {
	if d.Existing() {
		return 0
	}
	return d.StorageGiB
}

// Administered reports whether the program creates the users of an existing server.
func (d Database) Administered() bool { return d.SecretArn != "" }

// SecretArns returns the ARNs of the secrets of an existing server, sorted.
func (d Database) SecretArns() []string { return slices.Sorted(maps.Values(d.Secrets())) }

// Secrets returns the ARNs of the secrets of an existing server, by setting.
func (d Database) Secrets() map[string]string {
	all := map[string]string{
		"databaseSecretArn": d.SecretArn, "databaseLoaderSecretArn": d.LoaderSecretArn, "databaseReaderSecretArn": d.ReaderSecretArn,
	}
	maps.DeleteFunc(all, func(_, arn string) bool { return arn == "" })
	return all
}

// UserSecretArns returns the secrets of existing users, by setting; none if the
// program creates the users.
func (d Database) UserSecretArns() map[string]string {
	if d.Administered() {
		return nil
	}
	return map[string]string{"databaseLoaderSecretArn": d.LoaderSecretArn, "databaseReaderSecretArn": d.ReaderSecretArn}
}

func (d Database) validateExisting(k *check) {
	matches(k, "databaseHost", d.Host, databaseHost, "the name or address of a MySQL server without its port, or no value")
	between(k, "databasePort", d.Port, 1, 65535)
	k.exclude("no value together with databaseHost: the program creates no instance", newDatabaseKeys...)
	for key, arn := range d.Secrets() {
		matches(k, key, arn, secretArn, wholeSecretArn)
	}
	users := d.LoaderSecretArn != "" && d.ReaderSecretArn != ""
	switch {
	case d.Administered() && (d.LoaderSecretArn != "" || d.ReaderSecretArn != ""):
		k.refuse("databaseSecretArn", d.SecretArn, "either databaseSecretArn, for new users, or databaseLoaderSecretArn and databaseReaderSecretArn, for existing users")
	case !d.Administered() && !users:
		k.refuse("databaseSecretArn", d.SecretArn, "the ARN of an administrator's secret, or set both databaseLoaderSecretArn and databaseReaderSecretArn")
	}
	if (d.GroupID == "") == (d.Cidr == "") {
		k.refuse("databaseGroupId", d.GroupID, "the security group of databaseHost, or set databaseCidr to its addresses instead")
	}
	if d.GroupID != "" {
		matches(k, "databaseGroupId", d.GroupID, groupID, "the ID of a security group such as sg-0123456789abcdef0, or no value")
	}
	if d.Cidr != "" {
		if p, err := netip.ParsePrefix(d.Cidr); err != nil || !p.Addr().Is4() || p != p.Masked() || p.Bits() < largest {
			k.refuse("databaseCidr", d.Cidr, "an IPv4 CIDR block of /16 to /32 such as 10.20.0.0/24, or no value")
		}
	}
}
