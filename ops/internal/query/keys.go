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

// maxKeyBytes limits the bytes that KeysIn needs for the keys of a statement, which the consumer receives as base64: a
// command of Systems Manager has at most 64 KB, with the document that runs it.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
const maxKeyBytes = 42 << 10

// KeyChunks splits keys for statements with KeysIn.
func KeyChunks(keys []string) [][]string {
	const hash = len("x'', ") + 2*16
	return Chunks(keys, MaxKeys, maxKeyBytes, func(key string) int { return len(Literal(key)+", ") + hash })
}

// Chunks splits strings into chunks of at most maxCount, whose sizes are together at most maxSize. A larger string has its
// own chunk.
func Chunks(all []string, maxCount, maxSize int, size func(string) int) (chunks [][]string) {
	first, total := 0, 0
	for i, one := range all {
		n := size(one)
		if i > first && (i-first == maxCount || total+n > maxSize) {
			chunks = append(chunks, all[first:i])
			first, total = i, 0
		}
		total += n
	}
	if first < len(all) {
		chunks = append(chunks, all[first:])
	}
	return chunks
}
