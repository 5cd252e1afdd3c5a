package crawler

import (
	"crypto/md5" //nolint:gosec // Names a table, protects nothing.
	"encoding/hex"
	"path"
	"strings"
)

// maxTableName is the longest name that a crawler gives a table.
const maxTableName = 128

// tableName returns the name of the table at a location, which is a bucket with the prefix of a folder or the
// key of an object: the crawler's prefix and the last part of the location, in lower case, with an underscore
// for every other character (Glue Developer Guide, "How crawlers work").
func tableName(prefix, bucket, location string) string {
	last := bucket
	if location = strings.Trim(location, "/"); location != "" {
		last = path.Base(location)
	}
	return truncate(sanitize(prefix+last), maxTableName)
}

// withHash makes a taken name unique by appending a hash, as Glue does.
func withHash(name, location string) string {
	sum := md5.Sum([]byte(location)) //nolint:gosec // Names a table, protects nothing.
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
