package matcher

import (
	"regexp"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
	"store-events/policy/value"
)

type object = map[string]property.Value

// properties are values of all kinds and states.
var properties = value.Of(property.NewMap(object{
	"yes": property.New(true), "no": property.New(false), "empty": property.New(""),
	"text": property.New("gp3"), "slash": property.New("a/b"), "seven": property.New(7.0),
	"unknown": property.New(property.Computed), "null": property.New(property.Null),
	"list":    property.New([]property.Value{property.New("a"), property.New("b")}),
	"partial": property.New([]property.Value{property.New(property.Computed), property.New("b")}),
	"single":  property.New([]property.Value{property.New("a")}),
	"nested":  property.New([]property.Value{property.New([]property.Value{})}),
	"none":    property.New([]property.Value{}),
	"object":  property.New(object{"on": property.New(true), "deep": property.New(object{"on": property.New(true)})}),
	"bare":    property.New(object{}),
}))

// all are the names of the properties, and of a missing one.
var all = []string{
	"absent", "null", "yes", "no", "empty", "text", "slash", "seven", "unknown", "list", "partial", "single", "nested", "none", "object", "bare",
}

// Each test accepts the listed values, cannot decide the undecided ones, and refuses the rest. A value of an unexpected
// type is undecided: the rule then reports that it cannot be read.
func TestValues(t *testing.T) {
	shapes := []string{"list", "partial", "single", "nested", "none", "object", "bare"} // Not a string, number or boolean.
	notBool := append([]string{"empty", "text", "slash", "seven", "unknown"}, shapes...)
	notText := append([]string{"unknown"}, shapes...)
	notNumber := append([]string{"yes", "no", "empty", "text", "slash", "unknown"}, shapes...)
	for name, test := range map[string]struct {
		rule.Test
		accepts, undecided []string
	}{
		"True":                        {True, []string{"yes"}, notBool},
		"NotTrue":                     {NotTrue, []string{"absent", "null", "no"}, notBool},
		"False":                       {False, []string{"no"}, notBool},
		"NotFalse":                    {NotFalse, []string{"absent", "null", "yes"}, notBool},
		"Set":                         {Set, []string{"yes", "no", "text", "slash", "seven"}, notText},
		"Absent":                      {Absent, []string{"absent", "null", "empty"}, notText},
		"OneOf":                       {OneOf("gp2", "gp3"), []string{"text"}, notText},
		"OneOfOrMissing":              {OneOfOrMissing("gp3"), []string{"absent", "null", "text"}, notText},
		"NoneOf":                      {NoneOf("gp3"), []string{"absent", "null", "yes", "no", "empty", "slash", "seven"}, notText},
		"AtLeast 7":                   {AtLeast(7), []string{"seven"}, notNumber},
		"AtLeast 8":                   {AtLeast(8), nil, notNumber},
		"AtLeast 6":                   {AtLeast(6), []string{"seven"}, notNumber},
		"AtLeast 0":                   {AtLeast(0), []string{"seven"}, notNumber},
		"AtMost 7":                    {AtMost(7), []string{"seven"}, notNumber},
		"AtMost 8":                    {AtMost(8), []string{"seven"}, notNumber},
		"AtMost 6":                    {AtMost(6), nil, notNumber},
		"Like":                        {Like("io*", "[", "gp?"), []string{"text"}, notText},
		"Like everything but a slash": {Like("*"), []string{"absent", "null", "yes", "no", "empty", "text", "seven"}, notText},
		"Matches":                     {Matches(regexp.MustCompile(`^(gp\d)?$`)), []string{"absent", "null", "empty", "text"}, notText},
		"Has":                         {Has("b"), []string{"list", "partial"}, []string{"yes", "no", "empty", "text", "slash", "seven", "unknown", "nested", "object", "bare"}},
		"Has a":                       {Has("a"), []string{"list", "single"}, []string{"yes", "no", "empty", "text", "slash", "seven", "unknown", "partial", "nested", "object", "bare"}},
		"Empty":                       {Empty, []string{"absent", "null", "none", "bare"}, []string{"yes", "no", "empty", "text", "slash", "seven", "unknown"}},
	} {
		for _, property := range all {
			accepted, err := test.Test(properties.Get(property))
			require.Equal(t, slices.Contains(test.accepts, property), accepted && err == nil, "%s accepts %s", name, property)
			require.Equal(t, slices.Contains(test.undecided, property), err != nil, "%s reads %s: %v", name, property, err)
		}
	}
}

func TestCombinations(t *testing.T) {
	at := func(path string) rule.Test { return At(path, True) }
	for name, test := range map[string]struct {
		rule.Test
		accepts, unknown, broken bool
	}{
		"a nested property":            {at("object.deep.on"), true, false, false},
		"a property that is absent":    {at("object.deep.off"), false, false, false},
		"below a string":               {at("text.on"), false, false, true},
		"both are true":                {AllOf(at("yes"), at("object.on")), true, false, false},
		"one is false":                 {AllOf(at("yes"), at("no")), false, false, false},
		"one is false and one unknown": {AllOf(at("no"), at("unknown")), false, false, false},
		"one is unknown and one false": {AllOf(at("unknown"), at("no")), false, false, false},
		"one is unknown":               {AllOf(at("unknown"), at("yes")), false, true, false},
		"one cannot be read":           {AllOf(at("yes"), at("text"), at("no")), false, false, true},
		"none":                         {AllOf(), true, false, false},
		"not true":                     {Not(at("no")), true, false, false},
		"not true of an unknown":       {Not(at("unknown")), false, true, false},
		"missing, or true":             {At("absent", MissingOr(True)), true, false, false},
		"false is not missing":         {At("no", MissingOr(True)), false, false, false},
	} {
		accepted, err := test.Test(properties)
		require.Equal(t, test.accepts, accepted, name)
		require.Equal(t, test.unknown, value.IsUnknown(err), name)
		require.Equal(t, test.unknown || test.broken, err != nil, name)
	}
}
