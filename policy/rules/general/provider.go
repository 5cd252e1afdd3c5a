package general

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var providerOfStack = rule.Rule{
	ID:    "provider-is-the-stacks",
	Title: "AWS resources use the stack's account, region and identity, and the endpoints of AWS",
	Why: "Another provider may contain hard-coded keys, use another account or region, or send requests to a server " +
		"other than AWS; the rules then do not check what is created.",
	Fix: "Use the default provider. Remove keys, endpoints, proxies and settings that skip checks, and assume only roles " +
		"of the stack's account.",
	Sources:  "project; trivy secret scanner",
	Severity: rule.Critical,
	Levels:   rule.ProdOnly,
	Stack: func(s rule.Stack) []rule.Finding {
		region, ownAccounts, usual := regionOf(s), iampolicy.OwnAccounts(s), usualSettings(s)
		var findings []rule.Finding
		for _, r := range s.Resources {
			if !strings.HasPrefix(r.Type, "aws") && !strings.HasPrefix(r.Type, providerType+"aws") {
				continue
			}
			findings = append(findings, rule.On(r, rule.All(
				requireIdentity(r, settingsOf(r), ownAccounts, usual),
				requireRegion(r, region),
			))...)
		}
		return findings
	},
}

// providerType is the prefix of the types of providers.
const providerType = "pulumi:providers:"

// settingsOf returns the configuration of a resource's provider, or of a provider itself.
func settingsOf(r rule.Resource) settings {
	if strings.HasPrefix(r.Type, providerType) {
		return settings{r.Inputs}
	}
	return settings{r.Provider}
}

// settings is the configuration of a provider. The engine passes nested values as JSON.
type settings struct{ property.Map }

// value returns a setting, decoded from its JSON.
func (s settings) value(key string) any {
	v := value.Of(s.Map).Get(key)
	if text, err := v.Text(); err == nil {
		var nested any
		if json.Unmarshal([]byte(text), &nested) == nil {
			return nested
		}
		return text
	}
	return plain(v)
}

// plain converts a value to the types that JSON is decoded to. Unknown values are omitted.
func plain(v value.Value) any {
	switch {
	case v.State() != value.Known:
		return nil
	case v.Raw().IsMap():
		m := map[string]any{}
		for _, f := range v.Fields() {
			m[f.Key] = plain(f.Value)
		}
		return m
	case v.Raw().IsArray():
		var list []any
		for _, e := range v.Elements() {
			list = append(list, plain(e))
		}
		return list
	default:
		text, _ := v.Text() // A scalar.
		return text
	}
}

// eachString calls a function with each non-empty string in a setting.
func eachString(v any, found func(text string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			eachString(e, found)
		}
	case []any:
		for _, e := range v {
			eachString(e, found)
		}
	case string:
		if v != "" {
			found(v)
		}
	}
}

// onThisMachine reports whether all requests go to this machine, as with a local AWS, where keys
// and checks do not matter.
func (s settings) onThisMachine() bool {
	if s.unknown("endpoints") {
		return false
	}
	local, foreign := 0, 0
	eachString(s.value("endpoints"), func(text string) {
		u, err := url.Parse(text)
		if err != nil {
			foreign++
			return
		}
		if address, err := netip.ParseAddr(
			u.Hostname(),
		); err == nil && address.IsLoopback() ||
			u.Hostname() == "localhost" {
			local++
			return
		}
		foreign++
	})
	return local > 0 && foreign == 0
}

func (s settings) has(key string) bool {
	given := false
	eachString(s.value(key), func(string) { given = true })
	return given
}

// text returns a setting as a string, with lists and maps as JSON, or "" if it is empty.
func (s settings) text(key string) string {
	switch nested := s.value(key).(type) {
	case nil:
		return ""
	case map[string]any, []any:
		if !s.has(key) {
			return ""
		}
		text, _ := json.Marshal(nested) // Maps, lists and strings always marshal.
		return string(text)
	}
	text, _ := value.Of(s.Map).Get(key).Text() // Already read successfully.
	return text
}

// unknown reports whether a setting, or a part of it, is not known yet.
func (s settings) unknown(key string) bool {
	v := value.Of(s.Map).Get(key)
	return v.State() == value.Unknown || v.Raw().HasComputed()
}

func (s settings) on(key string) bool {
	on, err := matcher.True(value.Of(s.Map).Get(key))
	return on && err == nil
}

// configured are the settings that a stack's configuration may set for all its resources, for
// example in an offline preview. A provider with another value uses another identity, or trusts another server.
var configured = []string{
	"accessKey", "secretKey", "token", "profile", "sharedConfigFiles", nativeFile,
	"sharedCredentialsFiles", "customCaBundle",
	"ec2MetadataServiceEndpoint", "skipCredentialsValidation", "skipRequestingAccountId",
}

// nativeFile is aws-native's name of sharedCredentialsFiles.
const nativeFile = "sharedCredentialsFile"

// servers are the settings that redirect requests.
var servers = []string{"endpoints", "httpProxy", "httpsProxy"}

// assumed are the settings with a role that a provider assumes. The last one is aws-native's.
var assumed = []string{"assumeRole", "assumeRoles", "assumeRoleWithWebIdentity", "roleArn"}

// usualSettings returns the settings of most resources. For aws-native it uses the settings of
// aws, except for those that aws lacks, because a single aws-native resource would always match itself.
func usualSettings(s rule.Stack) map[string]string {
	ofAWS, ofNative := map[string]map[string]int{}, map[string]map[string]int{}
	for _, r := range s.Resources {
		counts := ofAWS
		switch {
		case strings.HasPrefix(r.Type, "aws-native:"):
			counts = ofNative
		case !strings.HasPrefix(r.Type, "aws:"):
			continue
		}
		for _, key := range configured {
			if counts[key] == nil {
				counts[key] = map[string]int{}
			}
			counts[key][settingsOf(r).text(key)]++
		}
	}
	usual := map[string]string{}
	for _, key := range configured {
		counts := ofAWS[key]
		if key == nativeFile || len(ofAWS) == 0 {
			counts = ofNative[key]
		}
		usual[key] = rule.MostCommon(counts)
	}
	return usual
}

func requireIdentity(
	r rule.Resource,
	s settings,
	ownAccounts []string,
	usual map[string]string,
) []rule.Finding {
	if s.onThisMachine() {
		return nil
	}
	var findings []rule.Finding
	report := func(message string) { findings = append(findings, rule.Violate(r.Get(), message)...) }
	for _, key := range slices.Concat(configured, servers, assumed, []string{"insecure"}) {
		if s.unknown(key) {
			findings = append(findings, rule.Undecidable(r.Get(), "a setting of the provider is not known yet: "+key)...)
		}
	}
	for _, key := range configured {
		text := s.text(key)
		switch {
		case s.unknown(key):
		case matcher.HasCredential(text):
			report("the provider contains a hard-coded credential: " + key)
		case text != "" && text != "false" && text != usual[key]:
			report("the provider setting differs from that of other resources: " + key)
		}
	}
	for _, key := range servers {
		if s.has(key) && !s.unknown(key) {
			report("the provider sends requests to a server other than AWS: " + key)
		}
	}
	if s.on("insecure") {
		report("the provider does not verify TLS certificates")
	}
	for _, key := range assumed {
		eachString(s.value(key), func(text string) {
			account := accountReferred(text)
			if account != "" && len(ownAccounts) > 0 && !slices.Contains(ownAccounts, account) {
				report("the provider assumes a role of another account")
			}
		})
	}
	return findings
}

// requireRegion requires that a resource is in the region of the stack, by its provider or, since
// pulumi-aws v7, its own property.
func requireRegion(r rule.Resource, region string) []rule.Finding {
	if region == "" {
		return nil
	}
	for _, v := range []value.Value{r.Get("region"), value.Of(settingsOf(r).Map).Get("region")} {
		if text, err := v.Text(); err == nil && text != "" && text != region {
			return rule.Violate(v, "the resource is not in the stack's region")
		}
	}
	return nil
}

// zone matches an availability zone, which begins with its region.
var zone = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$`)

// regionOf returns the region of most resources, by their ARNs or, before they exist, by their
// zones and providers.
func regionOf(s rule.Stack) string {
	counts := map[string]int{}
	for _, r := range s.Resources {
		if parts := strings.Split(r.OwnARN(), ":"); len(parts) > 5 && parts[3] != "" {
			counts[parts[3]]++
		}
	}
	if len(counts) > 0 {
		return rule.MostCommon(counts)
	}
	for _, r := range s.Resources {
		if text, err := r.Get("availabilityZone").Text(); err == nil && zone.MatchString(text) {
			counts[zone.FindStringSubmatch(text)[1]]++
		}
		if text, err := value.Of(r.Provider).Get("region").Text(); err == nil && text != "" {
			counts[text]++
		}
	}
	return rule.MostCommon(counts)
}
