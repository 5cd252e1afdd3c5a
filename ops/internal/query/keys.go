package query

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"store-events/schema"
)

// KeysIn returns the condition that an event has one of the keys. The index of the
// events table is over a hash of the key, which a table of an earlier release does
// not have until a run of the job has migrated it.
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
