package main

import (
	"slices"
	"strings"
)

// reason says why mutants may survive: they are equivalent to the code.
type reason struct {
	file string
	// code is a substring of the line, and mutation a prefix of the mutation.
	code, mutation string
	why            string
}

func (r reason) justifies(s site) bool {
	return s.File == r.file && strings.Contains(s.code, r.code) && strings.HasPrefix(s.What, r.mutation)
}

// reasonsFor returns the reasons for the files of the mutants.
func reasonsFor(sites []site) []reason {
	var found []reason
	for _, r := range justified {
		if slices.ContainsFunc(sites, func(s site) bool { return s.File == r.file }) {
			found = append(found, r)
		}
	}
	return found
}

// justified are the reasons of all packages.
var justified = []reason{
	{"config/connections.go", "1 << 30", "change 1 << 30", "a byte more makes no connection more"},
	{"config/connections.go", "usable / connectionBytes", "change connectionBytes", "a byte more makes no connection less"},
	{"config/connections.go", `k.read("jobWorkers")`, `change "jobWorkers"`, "the connections of a number that is not read overflow to a few"},
	{"config/connections.go", "needed <= offered", "another operator instead of <=: needed <= offered, 1 of 2", "no class offers as many connections as workers of any number need"},
	{"config/connections.go", "return 0", "change 0", "no class of the database has a count that is not a number"},
	{"config/database.go", `k.read("databaseStorageGiB")`, `change "databaseStorageGiB"`, "every limit is above a number that is not read"},
	{"config/late_hours.go", "time.Date(2024, 1, 1,", "", "any eight years have every date"},
	{"config/late_hours.go", "return 0, false", "change 0", "the time is not read unless it is known"},
	{"config/late_hours.go", "longest > 0", "change 0", "no pause is as short as a nanosecond"},
	{"config/late_hours.go", "longest + lateMargin", "change lateMargin", "hours are whole"},
	{"config/network_existing.go", "zones[0]", "change 0", "all of them are the same"},
	{"config/read.go", "ParseFloat(text, 64)", "change 64", "ParseFloat takes all but 32 for 64"},
	{"lambda/producer/internal/config/values.go", "ParseFloat(text, 64)", "change 64", "ParseFloat takes all but 32 for 64"},
	{"lambda/producer/internal/event/generator.go", "flags>>4", "change 4", "any bits that decide nothing else choose as well"},
	{"lambda/producer/internal/event/generator.go", "< g.incompleteShare", "another operator instead of <: g.rng.Float64() < g.incompleteShare, 1 of 2", "one number in 2^53 is the share itself"},
	{"lambda/producer/internal/event/generator.go", "hex.Encode(", "change", "as many digits are written as the source has"},
	{"lambda/producer/internal/event/extra_fields.go", "strconv.AppendInt(buf, int64(rng.IntN(min(10,", "change 10", "one of them is the base, and the digit is below ten"},
	{"lambda/rotation/internal/login/login.go", `return "", err`, "change", "callers look at the error first"},
	{"lambda/rotation/internal/rotate/rotate.go", `return login.Login{}, "",`, "change", "callers look at the error first"},
	{"policy/iampolicy/canary.go", "canaryServices(pattern, 1)", "change 1", "a second service that matches changes nothing"},
	{"policy/iampolicy/condition.go", `strings.SplitN(pattern, ":", 6)`, "change 6", "only the beginning of the sixth part is read"},
	{"policy/iampolicy/grammar.go", `return "", err`, "change", "callers look at the error first"},
	{"policy/iampolicy/read.go", `return "", err`, "change", "callers look at the error first"},
	{"policy/iampolicy/read.go", "votes[account] = 0", "change 0", "all accounts begin with as many votes"},
	{"policy/iampolicy/read.go", "if len(votes) > 1", "another operator instead of >: len(votes) > 1, 1 of 2", "one account has the most votes anyway"},
	{"policy/matcher/encoding.go", `return "", false`, "change", "an empty text contains no credential"},
	{"policy/matcher/encoding.go", "0x1f, 0x8b", "leave out an element of []byte, 2 of 2", "no string of text begins with the control character 0x1f"},
	{"policy/matcher/matcher.go", "return false, v.Err()", "change false", "callers look at the error first"},
	{"policy/matcher/name.go", "for len(list) > 1", "another operator instead of >: len(list) > 1, 1 of 2", "neither such a word nor an empty name is a credential's"},
	{"policy/matcher/name.go", `before := ""`, `change ""`, "no list has such a word"},
	{"policy/matcher/secret.go", "return '-'", "change '-'", "no other class is the next character"},
	{"policy/matcher/secret.go", "hinted(", `change "`, "hints only save time"},
	{"policy/rules/compute/exposure.go", "return false, err", "change false", "callers look at the error first"},
	{"policy/rules/cost/cost.go", "ParseFloat(amount, 64)", "change 64", "ParseFloat takes all but 32 for 64"},
	{"policy/rules/cost/estimate.go", "rule.Failed", "leave out", "a broken build"},
	{"policy/rules/cost/metrics.go", "names[name] = true", "change true", "only the names are counted"},
	{"policy/rules/cost/priced.go", `r.Get("subnetIds"), float64`, "change", "endpoints have a price, so that nothing is reported at the property"},
	{"policy/rules/cost/priced.go", `r.Get("associatePublicIpAddress"), 1`, "change", "addresses have a price, so that nothing is reported at the property"},
	{"policy/rules/cost/schedule.go", "ParseFloat(", "change 64", "ParseFloat takes all but 32 for 64"},
	{"policy/rules/cost/schedule.go", "strings.TrimSuffix", `change ")"`, "the year is not read"},
	{"policy/rules/glue/crawler.go", "return false, err", "change false", "callers look at the error first"},
	{"policy/rules/network/exposure.go", "return ok && err == nil && contains(", "another operator instead of &&: ok && err == nil", "a block that is not read contains nothing"},
	{"policy/rules/network/gateway.go", `return ""`, "change", "neither is the name of a service"},
	{"policy/rules/network/nacl.go", "err != nil || !ok ||", "another operator instead of ||: err != nil || !ok", "a block that is not read is not the internet"},
	{"policy/rules/network/nacl.go", "port < firstEphemeral", "another operator instead of <: port < firstEphemeral, 1 of 2", "nobody logs in at the first of these ports"},
	{"policy/rules/network/space.go", "return block, false, &value.Error", "change false", "callers look at the error too"},
	{"policy/rules/network/wide.go", "err != nil || !ok {", "another operator instead of ||: err != nil || !ok", "a block that is not read contains nothing"},
	{"policy/rules/network/wide.go", "return ok && err == nil && contains(", "another operator instead of &&: ok && err == nil", "a block that is not read contains nothing"},
	{"policy/rules/network/wide.go", "size(block) <= widestBlock", "change widestBlock", "a block has a power of two addresses"},
	{"policy/rules/network/wide.go", "ok && err == nil {", "another operator instead of &&", "a block that is read has no error"},
	{"policy/rules/network/wide.go", "r.Type == aws.SecurityGroup || r.Type", "another operator instead of ||", "a group names no other group"},
	{"policy/rules/s3/policy.go", `{"s3:GetObject", "/zcanary7"}`, `change "/`, "any other key stands for all keys as well"},
	{"policy/rules/s3/policy.go", `{"s3:PutObjectAcl", "/b/c/d"}`, `change "/`, "any other key stands for all keys as well"},
	{"schema/check.go", `return "", Reason`, `change ""`, "the key of an invalid line is not read"},
	{"schema/check.go", `return "", false`, `change ""`, "the name is not read"},
	{"schema/check.go", "delete(fields, f.Name)", "leave out the statement", "a declared field that is accepted does not nest; it saves time"},
	{"schema/check.go", "bytes.IndexByte(raw, '\\\\') < 0", "", "a string begins with its quotation mark"},
	{"schema/column_change.go", "c.size[0] >= old.size[0]", "another operator instead of >=: c.size[0] >= old.size[0], 1 of 2", "the types differ"},
	{"schema/convert.go", "len(raw) <= limit", "another operator instead of <=: len(raw) <= limit, 1 of 2", "a shortcut"},
	{"schema/convert.go", "len(significant)+zeros > 19", "", "a shortcut: ParseInt refuses these too"},
	{"schema/convert.go", "return false", "change false", "what has the form of a decimal is a rational number"},
	{"schema/convert.go", "offset > maxOffset", "change maxOffset", "offsets are whole minutes"},
	{"schema/convert.go", "return 0, false", "change 0", "the offset is not read"},
	{"schema/schema.go", "panic(", "change", "a broken build"},
	{"policy/matcher/secret.go", `holdsPassword("", members)`, `change ""`, "neither is the name of a password"},
}
