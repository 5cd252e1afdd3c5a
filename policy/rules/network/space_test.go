package network

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func blocks(t *testing.T, texts ...string) []netip.Prefix {
	t.Helper()
	var list []netip.Prefix
	for _, text := range texts {
		block, ok := parseBlock(text)
		require.True(t, ok, text)
		list = append(list, block)
	}
	return list
}

func TestReachWorld(t *testing.T) {
	for name, texts := range map[string][]string{
		"all":           {"0.0.0.0/0"},
		"host bits":     {"203.0.113.7/0"},
		"half":          {"128.0.0.0/1"},
		"all of IPv6":   {"::/0"},
		"routed IPv6":   {"2000::/3"},
		"mapped":        {"::ffff:0.0.0.0/96"},
		"half mapped":   {"::ffff:128.0.0.0/97"},
		"around mapped": {"::/80"},
		"one bit more":  {"::ffff:0.0.0.0/95"},
		"wide, mapped":  {"::/3"},
		"translated":    {"64:ff9b::/96"},
		"around them":   {"64::/16"},
		"half of IPv6":  {"::/1"},
		"halves":        {"::ffff:16.0.0.0/104", "64:ff9b::17.0.0.0/104"},
		"two of 16":     {"16.0.0.0/8", "17.0.0.0/8"},
		"with the same": {"16.0.0.0/7", "16.0.0.0/8", "16.1.0.0/16"},
	} {
		require.True(t, reachWorld(blocks(t, texts...)), name)
	}
	for name, texts := range map[string][]string{
		"private":          {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"},
		"one of 16":        {"16.0.0.0/8", "16.0.0.0/8", "16.1.0.0/16"},
		"local IPv6":       {"fc00::/7", "fe80::/10"},
		"a network":        {"2001:db8::/32"},
		"nothing":          {},
		"a private around": {"10.0.0.0/8", "203.0.113.0/24"},
		"reserved IPv6":    {"8000::/1"},
		"before mapped":    {"::/81"},
		"private, mapped":  {"::ffff:10.0.0.0/104", "64:ff9b::192.168.0.0/112"},
	} {
		require.False(t, reachWorld(blocks(t, texts...)), name)
	}
}

// Equal blocks that together cover the internet count as the internet.
func TestBlocksThatTogetherCoverTheInternet(t *testing.T) {
	for bits := range 8 {
		var parts []string
		for i := range 1 << bits {
			parts = append(parts, fmt.Sprintf("%d.0.0.0/%d", i<<(8-bits), bits))
		}
		require.True(t, reachWorld(blocks(t, parts...)), bits)
		require.InDelta(t, 1<<32, total(blocks(t, parts...)), 0)
	}
}
