package prose

import "regexp"

// phrase is wording that the project avoids, and what to write instead.
type phrase struct {
	pattern *regexp.Regexp
	// except matches the ordinary uses of the same words; nil if there are none.
	except  *regexp.Regexp
	instead string
}

func ban(pattern, instead string) phrase {
	return phrase{pattern: regexp.MustCompile(`(?i)` + pattern), instead: instead}
}

func (p phrase) but(pattern string) phrase {
	p.except = regexp.MustCompile(`(?i)` + pattern)
	return p
}

// phrases follow "Wording" in docs/glossary.md.
var phrases = []phrase{
	ban(`\btells? (whether|if)\b`, "reports whether"),
	ban(`\b(tells|tell (of|an?|how|what|which))\b`, "says, reports, describes"),
	ban(`\b(mend|mends|mended|mending)\b`, "fix"),
	ban(`\banew\b`, "again"),
	ban(`\b(parted by|parts (an?|the) [a-z]+ (by|into|from|such))\b`, "separated by, splits"),
	ban(`\bto be had\b`, "is available"),
	ban(`\b(comes to|come to|came to)\b`, "results in, becomes, is"),
	ban(`\bcame of\b`, "resulted from"),
	ban(`\ball the same\b`, "anyway"),
	ban(`\bof (its|their|one's|our|your|his) own\b`, "own, separate"),
	ban(`\b(is|are|was|were) no [a-z]+`, "is not a").but(`(there|if|where|what) (is|are|was|were) no\b|no (longer|more|less|such|one)\b`),
	ban(`\b(is|are|was|were) none\b`, "is not one, is missing").but(`(there|if|where) (is|are|was|were) none\b|(?-i:None)`),
	ban(`^(//|#|""")? ?[a-z_]+ gives? (the|an?|what|all|every|each|how|back)\b`, "returns"),
	ban(`\bwants\b`, "needs, requires, expects"),
	ban(`\b(takes|taking) in\b`, "matches, includes"),
	ban(`\bspeaks? of\b`, "covers, applies to, mentions"),
	ban(`\bfor ever\b`, "forever"),
	ban(`\bjudge[sd]?\b`, "check"),
	ban(`\b(be it|were it|were they)\b`, "if, whether"),
	ban(`\bat hand\b`, "current"),
	ban(`\b(dearer|dearest|gravest)\b`, "more expensive, most severe"),
	ban(`\b(a|one|no|any) text\b`, "a string").but(`a text (column|file|editor)`),
	ban(`\btexts\b`, "strings").but(`^// texts (is|are|returns|holds)`),
	ban(`\bmade up for\b`, "caught up"),
	ban(`\b(lest|whereof|thereof|whence|thence|hitherto|aught|nought)\b`, "plain words"),
	ban(`\bhold(s|ing)? against\b`, "compare with, check against"),
	ban(`\b(as it must be|as they must be|as it must not be|as they must not be)\b`, "say what must hold"),
	ban(`\bsays so\b`, "reports it"),
	ban(`\b(does not|doesn't|do not|not) [a-z]+ any ?more\b`, "no longer"),
	ban(`\bwhichever of\b`, "in any of"),
	ban(`\bbad lines?\b`, "invalid lines"),
	ban(`\bturns? round\b`, "reverses"),
	ban(`\bstands? in for\b`, "replaces"),
	ban(`\bgoes the way of\b`, "follows"),
	ban(`\bby the hand of\b`, "by"),
	ban(`(^|,|//|#)\s*also (a|an|one|to|with|if|after|when|where|in|from|by|without|not|of|while|beside)\b`, "even, including, too"),
	ban(`\bof elsewhere\b`, "from outside"),
	ban(`\blooks? whether\b`, "check whether"),
	ban(`\bas told\b`, "on request"),
	ban(`\bby chance\b`, "at random"),
	ban(`\bof (nobody|somebody|theirs)\b`, "name who or what"),
	ban(`\b(is|are) of (one|another) (bucket|table|schema|release|account)\b`, "belongs to, is from"),
	ban(`\bruns? by feed\b`, "feed run"),
	ban(`\bgolangci-lint want\b`, "must pass"),
	ban(`(^|[^#/-])\bset-up\b`, "setup"),
	// One spelling, that of Go's and AWS's names. misspell checks Go; this also checks Python and the documents.
	ban(`\b(\w*colour\w*|behaviour|neighbour|organisation|authorisation|catalogue|licence|artefact)s?\b`, "American spelling"),
	ban(`\b(un)?(recognis|initialis|summaris|serialis|optimis|normalis|authoris)(e[sd]?|ing|ation)\b`, "American spelling"),
	ban(`\b(modelled|labelled|signalled|misspelt|grey)\b`, "American spelling"),
}
