package network

import (
	"math"
	"net/netip"
	"slices"

	"store-events/policy/value"
)

// parseBlock parses an address block. An IPv6 block that embeds IPv4 addresses counts as IPv4, because
// it reaches the same hosts.
func parseBlock(text string) (netip.Prefix, bool) {
	block, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	block = block.Masked()
	for _, e := range embeddings {
		switch {
		case contains(e, block):
			last := block.Addr().As16()
			v4 := netip.AddrFrom4([4]byte(last[12:]))
			return netip.PrefixFrom(v4, block.Bits()-e.Bits()), true
		case contains(block, e) && !contains(block, global):
			return netip.PrefixFrom(netip.IPv4Unspecified(), 0), true // All of IPv4, and nothing else.
		}
	}
	return block, true
}

// embeddings lists the IPv6 blocks whose addresses end with an IPv4 address: mapped addresses, and
// addresses that a NAT gateway translates: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
var embeddings = prefixes("::ffff:0:0/96", "64:ff9b::/96")

// contains reports whether one block contains all of another.
func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
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
			Got:  "another string",
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

// private lists the IPv4 blocks that are not routed in the internet, and global the IPv6 blocks that
// are: https://www.iana.org/assignments/iana-ipv4-special-registry and
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
		case contains(block, global):
			return size(global)
		case contains(global, block):
			return size(block)
		default:
			return 0
		}
	}
	left := size(block)
	for _, p := range private {
		switch {
		case contains(p, block):
			return 0
		case contains(block, p):
			left -= size(p)
		}
	}
	return left
}

// Blocks with as many internet addresses as an IPv4 /7 or an IPv6 /15 count as the internet, so that
// it cannot be split into halves or quarters.
var worlds = map[bool]float64{true: math.Exp2(32 - 7), false: math.Exp2(128 - 15)}

// reachWorld reports whether blocks together count as the internet.
func reachWorld(blocks []netip.Prefix) bool {
	sums := map[bool]float64{}
	for _, b := range union(blocks) {
		sums[b.Addr().Is4()] += public(b)
	}
	return sums[true] >= worlds[true] || sums[false] >= worlds[false]
}
