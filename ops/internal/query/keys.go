package query

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"store-events/schema"
)

// KeysIn returns the condition that an event has one of the keys. The events table's
// index is on a hash of the key. Tables of earlier releases lack it until the job has migrated them.
func KeysIn(c schema.Contract, hashed bool, keys []string) string {
	literals, hashes := make([]string, len(keys)), make([]string, len(keys))
	for i, key := range keys {
		hash := sha256.Sum256([]byte(key))
		literals[i], hashes[i] = Literal(key), fmt.Sprintf("x'%x'", hash[:16])
	}
	condition := fmt.Sprintf("%s in (%s)", Identifier(c.Key), strings.Join(literals, ", "))
	if !hashed {
		return condition
	}
	return fmt.Sprintf("%s in (%s) and %s", Identifier(c.KeyHash()), strings.Join(hashes, ", "), condition)
}
