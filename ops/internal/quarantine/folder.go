package quarantine

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

const (
	maxKey      = 1024                        // Bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
	partName    = 12 + 1 + 80 + len(".jsonl") // Bytes: the number of a line and a run's ID.
	versionName = 64                          // Maximum bytes of an ETag.
)

var (
	unsafeName = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}\x{fffe}\x{ffff}]`)
	shortened  = regexp.MustCompile(`~[0-9a-f]{32}$`)
	partForm   = regexp.MustCompile(`/[0-9]{12,}-[^/]+\.jsonl$`)
)

// Folder returns the folder of an event object's quarantine, without a trailing slash.
// It contains a folder per version. Keys that are too long, or contain characters that
// XML or a terminal cannot show, are shortened and get a hash as suffix, as in the
// job's quarantine.py.
func Folder(prefix, key string) string {
	room := maxKey - partName - len(prefix) - 3 - versionName
	if len(key) > room || unsafeName.MatchString(key) {
		sum := sha256.Sum256([]byte(key))
		digest := hex.EncodeToString(sum[:16])
		head := unsafeName.ReplaceAllString(key, "_")
		head = head[:min(len(head), room-len(digest)-1)]
		key = strings.ToValidUTF8(head, "") + "~" + digest
	}
	return prefix + "/" + key
}

// VersionFolder returns the folder of the version that a quarantine object belongs to.
// An earlier release stored one object, VERSION.jsonl, next to that folder.
func VersionFolder(key string) string {
	if partForm.MatchString(key) {
		return key[:strings.LastIndexByte(key, '/')] // path.Dir would change keys with "//".
	}
	return strings.TrimSuffix(key, ".jsonl")
}
