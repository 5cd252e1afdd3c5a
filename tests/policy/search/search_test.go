package search

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/policy/pack"
)

var (
	seconds = flag.Int("seconds", 3, "how long to search")
	seed    = flag.Uint64("seed", 1, "seed of the search; the same seed tries the same documents")
)

// fewest is the minimum number of documents, regardless of time.
const fewest = 1000

// The pack must refuse every document with which the IAM engine grants something forbidden. Add the documents that this
// finds to the corpus, policy/rules/<service>/testdata/evasions.
func TestSearch(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(*seed, 0))} //nolint:gosec // Not for security: searches must be repeatable.
	all := subjects()
	policies, err := pack.New(pack.Stack{Project: "store-events", Name: "prod"})
	require.NoError(t, err)
	usual := map[string]map[string]bool{}
	for _, k := range all {
		usual[k.name] = k.refusals(policies, `{"Version":"2012-10-17","Statement":[]}`)
	}
	passes := func(k subject, text string) bool {
		for id := range k.refusals(policies, text) {
			if !usual[k.name][id] {
				return false
			}
		}
		return true
	}
	tried, granting := map[string]int{}, map[string]int{}
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	found := 0
	for n := 0; (n < fewest || time.Now().Before(end)) && found < 20; n++ {
		k := all[g.IntN(len(all))]
		text := g.document(k)
		tried[k.name]++
		request, granted := k.granted(text)
		if !granted {
			continue
		}
		granting[k.name]++
		if passes(k, text) {
			found++
			text = shrink(text, func(candidate string) bool {
				_, granted := k.granted(candidate)
				return granted && passes(k, candidate)
			})
			t.Errorf("%s: the pack passes a document that grants %s:\n%s", k.name, request, text)
		}
	}
	for _, k := range all {
		require.Positive(t, granting[k.name], "no document of %s grants anything", k.name)
		t.Logf("%s: %d documents, %d of them grant something forbidden", k.name, tried[k.name], granting[k.name])
	}
}

// shrink removes parts of a document as long as the test holds.
func shrink(text string, holds func(string) bool) string {
	for {
		smaller, ok := smallerThan(text, holds)
		if !ok {
			return text
		}
		text = smaller
	}
}

func smallerThan(text string, holds func(string) bool) (string, bool) {
	var document any
	if json.Unmarshal([]byte(text), &document) != nil {
		return "", false
	}
	for _, candidate := range without(document) {
		smaller, err := json.Marshal(candidate)
		if err == nil && holds(string(smaller)) {
			return string(smaller), true
		}
	}
	return "", false
}

// without returns the values without one part of a value.
func without(v any) []any {
	var all []any
	switch v := v.(type) {
	case object:
		for key, part := range v {
			copied := object{}
			for k, e := range v {
				copied[k] = e
			}
			delete(copied, key)
			all = append(all, copied)
			for _, smaller := range without(part) {
				changed := object{}
				for k, e := range v {
					changed[k] = e
				}
				changed[key] = smaller
				all = append(all, changed)
			}
		}
	case list:
		for i, part := range v {
			if len(v) > 1 {
				all = append(all, append(append(list{}, v[:i]...), v[i+1:]...))
			}
			for _, smaller := range without(part) {
				changed := append(list{}, v...)
				changed[i] = smaller
				all = append(all, changed)
			}
		}
	}
	return all
}
