package preflight_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"store-events/preflight"
)

// testLifecycleRules checks additional rules, and leaves the bucket with the required ones.
func testLifecycleRules(t *testing.T, b preflight.Bucket, found func(preflight.Bucket) map[preflight.Status]string, lifecycle func(...types.LifecycleRule)) {
	t.Helper()
	rules, tag := documentedRules(t), &types.Tag{Key: aws.String("temporary"), Value: aws.String("yes")}
	rules = rules[:len(rules):len(rules)] // Each append copies.
	for of, tc := range map[string]struct {
		rule   types.LifecycleRule
		status preflight.Status
		what   string
	}{
		"the whole bucket":           {expire("", 30), preflight.Problem, "rule other of bucket my-own-events deletes objects below curated/, quarantine/, bookmarks/, scripts/, feed/"},
		"all, and the streams":       {expire("", 30), preflight.Warning, "below sale_events/, inventory_events/, foreign/"},
		"a part of the kept objects": {expire("curated/dt=2025", 30), preflight.Problem, "below curated/,"},
		"a wider prefix":             {expire("bookmarks/", 30), preflight.Problem, "below bookmarks/,"},
		"a prefix with a size": {types.LifecycleRule{Expiration: days(30), Filter: &types.LifecycleRuleFilter{
			And: &types.LifecycleRuleAndOperator{Prefix: aws.String("scripts/"), ObjectSizeGreaterThan: aws.Int64(1)},
		}}, preflight.Problem, "deletes objects below scripts/,"},
		"a day":             {types.LifecycleRule{Expiration: &types.LifecycleExpiration{Date: aws.Time(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))}, Filter: prefixed("quarantine/")}, preflight.Problem, "below quarantine/,"},
		"tags":              {types.LifecycleRule{Expiration: days(30), Filter: &types.LifecycleRuleFilter{Tag: tag}}, preflight.Warning, "deletes objects with certain tags below curated/"},
		"a stream":          {expire("sale_events/", 400), preflight.Warning, "deletes objects below sale_events/, whether they are loaded or not"},
		"temporary objects": {expire("athena-results/old/", 3), preflight.OK, ""},
		"another's prefix":  {expire("reports/", 3), preflight.OK, ""},
		"marks only":        {types.LifecycleRule{Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}, Filter: prefixed("")}, preflight.OK, ""},
		"old versions only": {types.LifecycleRule{NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(30)}, Filter: prefixed("")}, preflight.OK, ""},
	} {
		lifecycle(append(rules, named("other", tc.rule))...)
		all := found(b)
		require.Contains(t, all, tc.status, of)
		require.Contains(t, all[tc.status], tc.what, of)
	}
	disabled := named("other", expire("", 30))
	disabled.Status = types.ExpirationStatusDisabled
	lifecycle(append(rules, disabled)...)
	require.NotEmpty(t, found(b)[preflight.OK], "%v", found(b))

	// Rules that do not expire all temporary objects.
	for of, rule := range map[string]types.LifecycleRule{
		"tags": {Expiration: days(14), Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{Prefix: aws.String("command-output/"), Tags: []types.Tag{*tag}}}},
		"size": {Expiration: days(14), Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{
			Prefix: aws.String("command-output/"), ObjectSizeGreaterThan: aws.Int64(1), ObjectSizeLessThan: aws.Int64(9),
		}}},
		"marks": {Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}, Filter: prefixed("command-output/")},
	} {
		lifecycle(append(rules[:2:2], rules[3], named("other", rule))...)
		require.Equal(t, map[preflight.Status]string{preflight.Warning: "no lifecycle rule of bucket my-own-events expires command-output/: temporary objects are never deleted\n"}, found(b), of)
	}
	lifecycle(rules...)
	testMarkers(t, b, found, lifecycle)
}

// testMarkers checks rules for delete markers, and leaves the bucket with the documented rules.
func testMarkers(t *testing.T, b preflight.Bucket, found func(preflight.Bucket) map[preflight.Status]string, lifecycle func(...types.LifecycleRule)) {
	t.Helper()
	rules := documentedRules(t)
	versions := types.LifecycleRule{NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(30)}, Filter: prefixed("")}
	markers := types.LifecycleRule{Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}, Filter: prefixed("feed/")}
	elsewhere, disabled := rules[3], rules[3]
	elsewhere.Filter, disabled.Status = prefixed("curated/"), types.ExpirationStatusDisabled
	for of, tc := range map[string]struct {
		rules []types.LifecycleRule
		stay  bool
	}{
		"none":                          {nil, true},
		"old versions only":             {[]types.LifecycleRule{named("versions", versions)}, true},
		"markers only":                  {[]types.LifecycleRule{named("markers", markers)}, true},
		"in two rules":                  {[]types.LifecycleRule{named("versions", versions), named("markers", markers)}, false},
		"of another prefix":             {[]types.LifecycleRule{elsewhere}, true},
		"switched off":                  {[]types.LifecycleRule{disabled}, true},
		"the rules of docs/existing.md": {rules[3:], false},
	} {
		lifecycle(append(rules[:3:3], tc.rules...)...)
		require.NotEmpty(t, found(b)[preflight.OK], "without a feed, %s: %v", of, found(b))
		events := b
		events.Events = true
		require.Equal(t, tc.stay, strings.Contains(found(events)[preflight.Warning], "removes old versions and delete markers below feed/"), of)
	}
	lifecycle(rules...)
}

// documentedRules returns the rules of docs/existing.md.
func documentedRules(t *testing.T) []types.LifecycleRule {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "docs", "existing.md"))
	require.NoError(t, err)
	_, text, _ := strings.Cut(string(page), "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var shown struct{ Rules []types.LifecycleRule }
	require.NoError(t, json.Unmarshal([]byte(text), &shown))
	require.Len(t, shown.Rules, 4)
	return shown.Rules
}

func named(id string, rule types.LifecycleRule) types.LifecycleRule {
	rule.ID, rule.Status = &id, types.ExpirationStatusEnabled
	return rule
}

func expire(prefix string, after int32) types.LifecycleRule {
	return types.LifecycleRule{Filter: prefixed(prefix), Expiration: days(after)}
}

func prefixed(prefix string) *types.LifecycleRuleFilter {
	return &types.LifecycleRuleFilter{Prefix: &prefix}
}

func days(n int32) *types.LifecycleExpiration { return &types.LifecycleExpiration{Days: &n} }
