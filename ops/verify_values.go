package ops

import (
	"hash/maphash"
	"math/big"
	"strconv"
	"strings"

	"store-events/schema"
)

// values reads rows of a key, sometimes a number after it, and the contract's
// other fields, and passes on the key, the number and a hash of the fields that
// is the same for MySQL's and Athena's way to write them.
type values struct {
	fields []schema.Field
	seed   maphash.Seed
	batch  bool
	visit  func(key string, batch int64, hash uint64)
}

func (values) columns([]string) {}

func (v values) row(cells []string) error {
	key, rest := cells[0], cells[1:]
	var batch int64
	if v.batch {
		n, err := strconv.ParseInt(rest[0], 10, 64)
		if err != nil {
			return err
		}
		batch, rest = n, rest[1:]
	}
	var h maphash.Hash
	h.SetSeed(v.seed)
	for i, f := range v.fields {
		_, _ = h.WriteString(canonical(f, rest[i]))
		_ = h.WriteByte(0) // A hash takes all.
	}
	v.visit(key, batch, h.Sum64())
	return nil
}

// canonical is the one form of a value of a field.
func canonical(f schema.Field, text string) string {
	if text == null {
		return text
	}
	switch f.Kind() {
	case "boolean":
		if truth, err := strconv.ParseBool(text); err == nil {
			return strconv.FormatBool(truth)
		}
	case "decimal":
		if n, ok := new(big.Rat).SetString(text); ok {
			return n.RatString()
		}
	case "timestamp":
		whole, fraction, _ := strings.Cut(strings.Replace(text, "T", " ", 1), ".")
		return whole + "." + strings.TrimRight(fraction, "0")
	}
	return text
}
