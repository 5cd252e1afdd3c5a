package matcher

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"store-events/policy/value"
)

// pattern is a regular expression for strings that contain one of the hints, in lower case. The hints avoid searching
// long scripts with every expression.
type pattern struct {
	hints []string
	*regexp.Regexp
}

func hinted(expression string, hints ...string) pattern {
	return pattern{hints, regexp.MustCompile(expression)}
}

func (p pattern) mayMatch(lower string) bool {
	return slices.ContainsFunc(p.hints, func(hint string) bool { return strings.Contains(lower, hint) })
}

// credentialWords are suffixes of the names of credentials in any case; in the patterns below a literal value follows.
const credentialWords = `(?:password|passwd|pwd|passphrase)`

func named(expression string) pattern {
	return hinted(expression, "passw", "pwd", "passphrase")
}

// tokens match credentials with the prefixes that their issuers document: AWS, GitHub, GitLab, Slack, Stripe, OpenAI,
// Anthropic, Google, npm, PyPI, Docker, Vault, SendGrid, Shopify, DigitalOcean, Pulumi, Azure, and keys in
// PEM.
var tokens = []pattern{
	hinted(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`, "akia", "asia"),
	hinted(`-----BEGIN ([A-Z]+ )*PRIVATE KEY( BLOCK)?-----`, "private key"),
	hinted(`\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,})`, "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "_pat_", "glpat-"),
	hinted(`\bhf_[A-Za-z0-9]{30,}|\bxapp-\d-\w{8,}-\d{8,}-\w{16,}`, "hf_", "xapp-"),
	hinted(`\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w{16,}`, "xox", "hooks.slack.com"),
	hinted(`\b([rs]k_(live|test)_\w{16,}|sk-[A-Za-z0-9_-]{32,}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36})`, "k_live_", "k_test_", "sk-", "aiza", "npm_"),
	hinted(`\b(pypi-[\w-]{40,}|dckr_pat_[\w-]{20,}|hv[sb]\.[\w-]{20,})`, "pypi-", "dckr_pat_", "hvs.", "hvb."),
	hinted(`\b(SG\.[\w-]{16,}\.[\w-]{16,}|pul-[0-9a-f]{40})`, "sg.", "pul-"),
	hinted(`\b(shp(at|ca|pa|ss)_[0-9a-fA-F]{32}|do[opr]_v1_[0-9a-f]{64}|AccountKey=[A-Za-z0-9+/]{40,})`, "shp", "_v1_", "accountkey"),
	hinted(`(?i)\bbearer [a-z0-9._~+/-]{20,}`, "bearer "),
	hinted(`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`, "eyj"),
	hinted(`(?i)(?:secret|access)[._-]?(?:access[._-]?)?key["']?\s*[=:]\s*["']?[a-z0-9+/]{32,}`, "key"),
	hinted(`(?i)secret[._-]access[._-]key\s+["']?[a-z0-9+/]{40}(?:["'\s]|$)`, "key"),
}

// literals match possible credentials; the first group captures the value.
var literals = []pattern{
	named(`(?i)` + credentialWords + `["']?\s*[:=]\s*["']([^"'\s]{4,})["']`),
	named(`(?i)(?:^|[^\w./-])[\w.-]*` + credentialWords + `\s*=\s*([^&;\s"'()\[\]]{4,})(?:[&;\s]|$)`),
	named(`(?i)` + credentialWords + `["']?\s*:\s*(\d{4,})`),
	named(`(?i)<\w*` + credentialWords + `>([^<]{4,})</`),
	named(`(?i)--` + credentialWords + `\s+([^-\s"'][^\s"']{3,})`),
	// URLs, and Go's MySQL driver: user:password@tcp(host)/database.
	hinted(`(?i)\b[a-z][a-z0-9+.-]*://[^/?#@\s:]*:([^/?#\s]+)@`, "://"),
	hinted(`[\w.-]+:(\S+)@(?:tcp|unix)\(`, "@tcp(", "@unix("),
	// Command lines.
	hinted(`\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;]*\s-p([^\s"'-]\S{3,})`, "mysql", "mariadb"),
	hinted(`\bcurl\b[^\n|;]*\s(?:-u|--user)\s*["']?[^\s:"'$]+:([^\s"']{4,})`, "curl"),
	hinted(`\b[a-z_][\w-]*:([^\s"'|:$]{4,})["']?\s*\|\s*(?:sudo\s+)?chpasswd\b`, "chpasswd"),
	hinted(`(?s)\bchpasswd:\s.*?\n\s+(?:-\s+)?["']?[a-z_][\w-]*:([^\s"'|:$]{4,})`, "chpasswd:"), // The list of cloud-init.
	hinted(`\b(?:sshpass\s+-p|redis-cli\b[^\n|;]*\s-a)\s*([^\s"'-]\S{3,})`, "sshpass", "redis-cli"),
}

// setting matches a line of YAML whose value is one word. An ordinary word is not a credential.
var setting = named(`(?im)^[\s-]*[\w.-]*` + credentialWords + `[ \t]*:[ \t]+(\S{4,})\s*$`)

// mention matches a credential in a sentence. Unlike a word, it has letters of both cases and digits.
var mention = named(`(?i)` + credentialWords + `\s*(?::|=|\bis\b)\s+(\w\S{6,})`)

// basicAuthorization matches the header of RFC 7617.
var basicAuthorization = hinted(`(?i)\bbasic ([a-z0-9+/]{6,}={0,2})`, "basic ")

func mentioned(text string) bool {
	return isLiteral(text) && mixed(text) && strings.ContainsAny(text, "0123456789") && !strings.ContainsAny(text, "()[]{}/")
}

var (
	placeholder = regexp.MustCompile(`^[$\{<%]|\{[\w.]*\}|\$\{|%[sdvq]|%\(`)
	attribute   = regexp.MustCompile(`^[a-z_]\w*(\.[a-z_]\w*)+$`)
	ordinary    = regexp.MustCompile(`^[a-z_,.-]+$`)
)

// isLiteral reports whether the value after a password's name is the password itself, and not a variable, a call or an
// attribute.
func isLiteral(text string) bool {
	return !placeholder.MatchString(text) && !attribute.MatchString(text) && !isReference(text)
}

// HasCredential reports whether a string contains a credential, in plain text, encoded once or twice, or in a JSON member.
func HasCredential(text string) bool {
	text = withoutCertificates(text)
	return hasCredential(text) || inJSON(text) || slices.ContainsFunc(decodings(text), func(plain string) bool {
		return hasCredential(plain) || inJSON(plain) || slices.ContainsFunc(decodings(plain), hasCredential)
	})
}

// inJSON reports whether a string is JSON with a password under a matching name, or with a string that contains a
// credential after unescaping.
func inJSON(text string) bool {
	var members any
	return json.Unmarshal([]byte(text), &members) == nil && holdsPassword("", members)
}

func holdsPassword(key string, v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if holdsPassword(name, member) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(member any) bool { return holdsPassword(key, member) })
	case string:
		return nameKind(key) == password && isLiteral(v) && LooksRandom(v) || hasCredential(v)
	}
	return false
}

func hasCredential(text string) bool {
	lower := strings.ToLower(text)
	for _, p := range tokens {
		if p.mayMatch(lower) && p.MatchString(text) {
			return true
		}
	}
	if slices.ContainsFunc(literals, func(p pattern) bool { return p.captures(text, lower, isLiteral) }) {
		return true
	}
	unusual := func(word string) bool { return isLiteral(word) && !ordinary.MatchString(word) }
	return setting.captures(text, lower, unusual) || mention.captures(text, lower, mentioned) ||
		basicAuthorization.captures(text, lower, isLogin) || isSecretAccessKey(text)
}

// captures reports whether the test accepts the first group of a match.
func (p pattern) captures(text, lower string, accepts func(string) bool) bool {
	return p.mayMatch(lower) && slices.ContainsFunc(p.FindAllStringSubmatch(text, -1), func(match []string) bool {
		return accepts(match[1])
	})
}

var secretAccessKey = regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`)

// isSecretAccessKey reports whether the whole text has the format of a secret access key. Hashes have only one case.
func isSecretAccessKey(text string) bool {
	return secretAccessKey.MatchString(text) && mixed(text) && strings.ContainsAny(text, "0123456789")
}

func mixed(text string) bool {
	return strings.ContainsFunc(text, unicode.IsUpper) && strings.ContainsFunc(text, unicode.IsLower)
}

// CredentialUnder reports whether the value of a key is a credential: the name of the key suggests one, and the value
// is neither empty nor a reference.
func CredentialUnder(key, text string) bool {
	if HasCredential(text) {
		return true
	}
	switch kind := nameKind(key); {
	case text == "" || isReference(text) || kind == notCredential:
		return false
	case kind == password:
		return true
	case kind == authentication:
		return mixed(text) && strings.ContainsAny(text, "0123456789")
	default:
		return !identifier.MatchString(text)
	}
}

var (
	reference = regexp.MustCompile(`^(?:arn:aws|\{\{resolve:|\$|/|alias/|[a-z0-9+-]+://|(?:ssm|secretsmanager|vault|file|env|ref):|ssh-\w+ |-----BEGIN (?:\w+ )*(?:PUBLIC KEY|CERTIFICATE)-----)`)
	// identifier is the name of a secret, such as store/prod/login, or a UUID.
	identifier = regexp.MustCompile(`^[a-z]+[a-z0-9]*(?:[/_.-][a-z]+[a-z0-9]*)+$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	settled    = []string{"true", "false", "null", "none", "required", "optional", "enabled", "disabled", "bearer", "basic", "random"}
)

// isReference reports whether a value is the location of a credential, or a flag whether there is one.
func isReference(text string) bool {
	return reference.MatchString(text) || slices.Contains(settled, strings.ToLower(text))
}

// LooksRandom reports whether a string is long and mixed enough to be a credential rather than a word.
func LooksRandom(text string) bool {
	counts := map[rune]float64{}
	n := 0.0
	for _, c := range text {
		counts[c]++
		n++
	}
	entropy := 0.0
	for _, count := range counts {
		entropy -= count / n * math.Log2(count/n)
	}
	return n >= 8 && entropy >= 2.5
}

// LooksGenerated reports whether a whole text can only be a generated password: one word of letters of both cases,
// digits and punctuation, with a new class at most positions, unlike formats, patterns, identifiers and checksums.
func LooksGenerated(text string) bool {
	if len(text) < 12 || len(text) > 72 || !isLiteral(text) || notGenerated.MatchString(text) {
		return false
	}
	var changes, run int
	var last byte
	seen := map[byte]bool{}
	for i := range len(text) {
		class := classOf(text[i])
		run++
		if class != last {
			changes, run = changes+1, 1
		}
		if class == 0 || run > 3 { // Four letters in a row are part of a word.
			return false
		}
		last = class
		seen[class] = true
	}
	return seen['a'] && seen['A'] && seen['0'] && seen['!'] && changes*2 > len(text)
}

// notGenerated matches other strings with all kinds of characters: expressions, formats, templates and mail addresses.
var notGenerated = regexp.MustCompile(`\\|\[\^?[a-zA-Z0-9]-|\(\?|[.\])][*+?]|^\^|\$$|%[a-zA-Z]|\{\{|@[\w-]+\.|://|=.*&`)

// classOf returns the class of a character of a password, or 0.
func classOf(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z':
		return 'a'
	case 'A' <= c && c <= 'Z':
		return 'A'
	case '0' <= c && c <= '9':
		return '0'
	case strings.IndexByte("!@#$%^&*?~", c) >= 0:
		return '!'
	case strings.IndexByte("()[]{}<>+=-_.:,;|", c) >= 0:
		return '-'
	}
	return 0
}

// NoCredential accepts a string without a credential, in plain text or encoded.
func NoCredential(v value.Value) (bool, error) {
	text, err := v.Text()
	return !HasCredential(text), err
}
