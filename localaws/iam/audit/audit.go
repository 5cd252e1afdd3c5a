// Package audit logs denied requests with their caller and the missing statement.
package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"localaws/iam/policy"
	"localaws/reachability"
)

// Kinds of denials.
const (
	// IAM means that a policy does not allow the request.
	IAM = "iam"
	// Network means that the caller's network does not allow the connection.
	Network = "network"
)

// Denial is a kind of denied request, with the number of such requests.
type Denial struct {
	// Kind is IAM or Network.
	Kind  string    `json:"kind"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
	// Principal is the caller's ARN, or a service's name.
	Principal string `json:"principal"`
	// Workload is the calling function or job, or "".
	Workload string `json:"workload,omitempty"`
	Role     string `json:"role,omitempty"`
	Action   string `json:"action"`
	Resource string `json:"resource"`
	// Context is the context of the last request.
	Context policy.Context `json:"context,omitempty"`
	// Lacks is the kind of the policy that denies the request or has no statement that allows it, named as in AWS's
	// messages. For Network it is endpoint, route or rule.
	Lacks string `json:"lacks"`
	// DeniedBy is the policy and statement of an explicit deny.
	DeniedBy string `json:"deniedBy,omitempty"`
	// Missing is the statement that would allow the request.
	Missing json.RawMessage `json:"missing,omitempty"`
	// Needs is the missing network configuration.
	Needs   string `json:"needs,omitempty"`
	Message string `json:"message"`
}

// Log is safe for concurrent use.
type Log struct {
	path string
	now  func() time.Time

	mu      sync.Mutex
	denials map[string]Denial
}

// Open reads the log at path. A missing file is an empty log.
func Open(path string) (*Log, error) {
	l := &Log{path: path, now: time.Now, denials: map[string]Denial{}}
	f, err := os.Open(path) //nolint:gosec // in the state folder
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("log of denials: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var d Denial
		// The last line may be incomplete.
		if json.Unmarshal(lines.Bytes(), &d) == nil && d.Action != "" {
			if d.Kind == "" {
				d.Kind = IAM
			}
			l.denials[d.key()] = d
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("log of denials: %w", err)
	}
	return l, nil
}

// key identifies the kind of a denial. Requests for different objects of a bucket are of the same kind.
func (d Denial) key() string {
	resource := d.Resource
	if strings.HasPrefix(d.Action, "s3:") {
		resource, _, _ = strings.Cut(resource, "/")
	}
	return strings.Join([]string{d.Principal, d.Workload, d.Action, resource, d.Lacks, d.DeniedBy, d.Needs}, " ")
}

// Add records a denial.
func (l *Log) Add(decision policy.Decision) error {
	r := decision.Request
	d := Denial{
		Kind: IAM, Workload: workload(r.Principal), Principal: r.Principal.ARN, Role: r.Principal.Role, Action: r.Action, Resource: r.Resource, Context: r.Context,
		Lacks: decision.Kind.String(), Missing: decision.Missing(), Message: decision.Message(),
	}
	if r.Principal.Service != "" {
		d.Principal = r.Principal.Service
	}
	if decision.Reason == policy.ExplicitDeny {
		d.DeniedBy = strings.TrimSpace(decision.Policy + " " + decision.Statement)
	}
	return l.count(d)
}

// Unreachable is a call that the caller's network does not allow.
type Unreachable struct {
	Principal        policy.Principal
	Action, Resource string
	Missing          reachability.Missing
	Message          string
}

// AddUnreachable records an unreachable call.
func (l *Log) AddUnreachable(c Unreachable) error {
	return l.count(Denial{
		Kind: Network, Principal: c.Principal.ARN, Role: c.Principal.Role, Workload: workload(c.Principal),
		Action: c.Action, Resource: c.Resource, Lacks: c.Missing.Kind, Needs: c.Missing.What, Message: c.Message,
	})
}

func workload(p policy.Principal) string {
	switch {
	case p.Function != "":
		return "function " + p.Function
	case p.Job != "":
		return "job " + p.Job
	default:
		return ""
	}
}

func (l *Log) count(d Denial) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	d.Last = l.now().UTC()
	d.First = d.Last
	if earlier, ok := l.denials[d.key()]; ok {
		d.First, d.Count = earlier.First, earlier.Count
	}
	d.Count++
	l.denials[d.key()] = d
	return l.append(d)
}

// append writes the denial to the log. Later lines of the same kind replace earlier ones.
func (l *Log) append(d Denial) error {
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log of denials: %w", err)
	}
	text, err := json.Marshal(d)
	if err == nil {
		_, err = f.Write(append(text, '\n'))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("log of denials: %w", err)
	}
	return nil
}

// Denials returns the recorded denials, ordered by their first request.
func (l *Log) Denials() []Denial {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(maps.Values(l.denials), func(a, b Denial) int {
		if order := a.First.Compare(b.First); order != 0 {
			return order
		}
		return strings.Compare(a.key(), b.key())
	})
}
