package network

import (
	"math"
	"net/netip"
	"slices"

	"store-events/policy/value"
)

// parseBlock reads an address block. An IPv4 block that is mapped into IPv6 reaches the same hosts,
// so it counts as IPv4.
func parseBlock(text string) (netip.Prefix, bool) {
	block, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	if block.Addr().Is4In6() && block.Bits() >= 96 {
		block = netip.PrefixFrom(block.Addr().Unmap(), block.Bits()-96)
	}
	return block.Masked(), true
}

// readBlock reads the block in a property; without one, ok is false.
func readBlock(v value.Value) (block netip.Prefix, ok bool, err error) {
	text, err := v.Text()
	if err != nil || text == "" {
		return netip.Prefix{}, false, err
	}
	block, ok = parseBlock(text)
	if !ok {
		return block, false, &value.Error{
			Path: v.Path(),
			Want: "an address block",
			Got:  "another text",
		}
	}
	return block, true, nil
}

// union returns the blocks that no other one contains. Two blocks overlap only if one contains the
// other.
func union(blocks []netip.Prefix) []netip.Prefix {
	ordered := slices.Clone(blocks)
	slices.SortFunc(ordered, func(a, b netip.Prefix) int { return a.Bits() - b.Bits() })
	var widest []netip.Prefix
	for _, b := range ordered {
		if !slices.ContainsFunc(widest, func(w netip.Prefix) bool { return w.Contains(b.Addr()) }) {
			widest = append(widest, b)
		}
	}
	return widest
}

// size returns the number of addresses in a block.
func size(block netip.Prefix) float64 {
	return math.Exp2(float64(block.Addr().BitLen() - block.Bits()))
}

// total returns the number of IPv4 addresses in blocks, each counted once.
func total(blocks []netip.Prefix) float64 {
	sum := 0.0
	for _, b := range union(blocks) {
		if b.Addr().Is4() {
			sum += size(b)
		}
	}
	return sum
}

// private lists the IPv4 blocks that are not routed in the internet, and global what is routed in
// IPv6: https://www.iana.org/assignments/iana-ipv4-special-registry and
// .../ipv6-unicast-address-assignments.
var (
	private = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
		"172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3")
	global = prefixes("2000::/3")[0]
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// public returns the number of internet addresses in a block.
func public(block netip.Prefix) float64 {
	if block.Addr().Is6() {
		switch {
		case block.Bits() <= global.Bits() && block.Contains(global.Addr()):
			return size(global)
		case global.Contains(block.Addr()):
			return size(block)
		default:
			return 0
		}
	}
	left := size(block)
	for _, p := range private {
		switch {
		case p.Bits() <= block.Bits() && p.Contains(block.Addr()):
			return 0
		case block.Contains(p.Addr()):
			left -= size(p)
		}
	}
	return left
}

// Blocks with as many internet addresses as a /7 in IPv4 or a /15 in IPv6 count as the internet:
// nobody has to reach that much, and halves or quarters of the internet are the internet.
var worlds = map[bool]float64{true: math.Exp2(32 - 7), false: math.Exp2(128 - 15)}

// reachWorld reports whether blocks together are the internet.
func reachWorld(blocks []netip.Prefix) bool {
	sums := map[bool]float64{}
	for _, b := range union(blocks) {
		sums[b.Addr().Is4()] += public(b)
	}
	return sums[true] >= worlds[true] || sums[false] >= worlds[false]
}
