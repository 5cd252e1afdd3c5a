package crawler

import (
	"crypto/md5" //nolint:gosec // not for security
	"encoding/hex"
	"path"
	"strings"
)

// maxTableName is the maximum length of generated table names.
const maxTableName = 128

// tableName returns the name for the table at a location, a folder's prefix or an object's key: the crawler's prefix
// and the last part of the location or the bucket, in lower case, with an underscore for every other character (Glue
// Developer Guide, "How crawlers work").
func tableName(prefix, bucket, location string) string {
	last := bucket
	if location = strings.Trim(location, "/"); location != "" {
		last = path.Base(location)
	}
	return truncate(sanitize(prefix+last), maxTableName)
}

// withHash appends a hash to a name that is already used, as Glue does.
func withHash(name, location string) string {
	sum := md5.Sum([]byte(location)) //nolint:gosec // not for security
	hash := "_" + hex.EncodeToString(sum[:])
	return truncate(name, maxTableName-len(hash)) + hash
}

func sanitize(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '_'
		}
	}, name)
}

func truncate(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
