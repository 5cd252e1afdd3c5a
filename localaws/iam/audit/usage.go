package audit

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"localaws/iam/policy"
)

// Usage records the requests of watched sessions, allowed or not. It is safe for concurrent use.
type Usage struct {
	mu   sync.Mutex
	seen map[string]map[string]map[string]bool // session, action, resource
}

// Watch starts recording the session with an ARN, and discards its earlier requests.
func (u *Usage) Watch(session string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.seen == nil {
		u.seen = map[string]map[string]map[string]bool{}
	}
	u.seen[session] = map[string]map[string]bool{}
}

// Add records the requests of watched sessions.
func (u *Usage) Add(requests ...policy.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range requests {
		actions, watched := u.seen[r.Principal.ARN]
		if !watched {
			continue
		}
		if actions[r.Action] == nil {
			actions[r.Action] = map[string]bool{}
		}
		actions[r.Action][generalize(r.Resource)] = true
	}
}

// Document is an identity policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement allows actions on resources.
type Statement struct {
	Effect           string
	Action, Resource []string
}

// Policy returns the policy that a session has needed, with one statement for the actions of a service on the same
// resources. It contains no account, region or generated identifier. Without requests it has no statements.
func (u *Usage) Policy(session string) Document {
	u.mu.Lock()
	defer u.mu.Unlock()
	groups := map[string]*Statement{}
	for action, resources := range u.seen[session] {
		service, _, _ := strings.Cut(action, ":")
		list := minimal(slices.Collect(maps.Keys(resources)))
		key := service + " " + strings.Join(list, " ")
		if groups[key] == nil {
			groups[key] = &Statement{Effect: "Allow", Resource: list}
		}
		groups[key].Action = append(groups[key].Action, action)
	}
	d := Document{Version: "2012-10-17", Statement: []Statement{}}
	for _, s := range groups {
		slices.Sort(s.Action)
		d.Statement = append(d.Statement, *s)
	}
	slices.SortFunc(d.Statement, func(a, b Statement) int { return cmp.Compare(a.Action[0], b.Action[0]) })
	return d
}

// minimal omits the resources that another pattern covers.
func minimal(resources []string) []string {
	slices.Sort(resources)
	return slices.DeleteFunc(slices.Clone(resources), func(r string) bool {
		return slices.ContainsFunc(resources, func(other string) bool { return other != r && covers(other, r) })
	})
}

// covers reports whether a pattern that ends with a star matches everything that another pattern matches.
func covers(pattern, other string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasPrefix(other, prefix)
}

// generated are the parts of names that differ between deployments: UUIDs, EC2's identifiers, and the suffixes of
// deployment tools and Secrets Manager.
var generated = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`^(secret:.*)-[0-9A-Za-z]{6}$`), "$1-*"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "*"},
	{regexp.MustCompile(`/[a-z]+-[0-9a-f]{8,17}$`), "/*"},
	{regexp.MustCompile(`-\d{18}[0-9a-f]{8}\b`), "-*"}, // of the Terraform provider
	{regexp.MustCompile(`-[0-9a-f]{7,8}\b`), "-*"},
	{regexp.MustCompile(`(-\*)+`), "-*"},
}

// generalize replaces the account, region and generated parts of an ARN by stars, and an object's key except for its
// first folder.
func generalize(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return arn
	}
	for i := 3; i <= 4; i++ {
		if parts[i] != "" && parts[i] != "aws" {
			parts[i] = "*"
		}
	}
	rest := parts[5]
	if bucket, key, object := strings.Cut(rest, "/"); parts[2] == "s3" && object {
		rest = bucket + "/*"
		if folder, _, inside := strings.Cut(key, "/"); inside {
			rest = bucket + "/" + folder + "/*"
		}
	}
	for _, g := range generated {
		rest = g.pattern.ReplaceAllString(rest, g.replacement)
	}
	parts[5] = rest
	return strings.Join(parts, ":")
}
