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

// Usage is what sessions asked for while they were watched, allowed or not. It
// is safe for concurrent use.
type Usage struct {
	mu   sync.Mutex
	seen map[string]map[string]map[string]bool // session, action, resource
}

// Watch begins to record the session with an ARN, and forgets what it asked for
// before.
func (u *Usage) Watch(session string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.seen == nil {
		u.seen = map[string]map[string]map[string]bool{}
	}
	u.seen[session] = map[string]map[string]bool{}
}

// Add records requests of the sessions that are watched.
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
		actions[r.Action][anywhere(r.Resource)] = true
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

// Policy is what a session needs: for each service one statement for the actions
// with the same resources. It names no account, no region and no generated
// identifier. Without requests it has no statement.
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

// minimal leaves out the resources that another one matches.
func minimal(resources []string) []string {
	slices.Sort(resources)
	return slices.DeleteFunc(slices.Clone(resources), func(r string) bool {
		return slices.ContainsFunc(resources, func(other string) bool { return other != r && covers(other, r) })
	})
}

// covers reports whether a pattern that ends with a star matches all that
// another one does.
func covers(pattern, other string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasPrefix(other, prefix)
}

// generated are the parts of names that differ from one deployment to the next:
// UUIDs, EC2's identifiers, and what deployment tools and Secrets Manager append.
var generated = []struct {
	of   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`^(secret:.*)-[0-9A-Za-z]{6}$`), "$1-*"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "*"},
	{regexp.MustCompile(`/[a-z]+-[0-9a-f]{8,17}$`), "/*"},
	{regexp.MustCompile(`-\d{18}[0-9a-f]{8}\b`), "-*"}, // of the Terraform provider
	{regexp.MustCompile(`-[0-9a-f]{7,8}\b`), "-*"},
	{regexp.MustCompile(`(-\*)+`), "-*"},
}

// anywhere is an ARN in any account and region, without what is generated. An
// object stands for all of its bucket.
func anywhere(arn string) string {
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
	if bucket, _, object := strings.Cut(rest, "/"); parts[2] == "s3" && object {
		rest = bucket + "/*"
	}
	for _, g := range generated {
		rest = g.of.ReplaceAllString(rest, g.with)
	}
	parts[5] = rest
	return strings.Join(parts, ":")
}
