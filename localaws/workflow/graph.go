package workflow

import (
	"crypto/sha256"
	"encoding/hex"

	"localaws/jobs"
)

// Graph contains a workflow's triggers, jobs and crawlers, with their runs:
// https://docs.aws.amazon.com/glue/latest/webapi/API_WorkflowGraph.html
type Graph struct {
	Nodes []*Node
	Edges []Edge
}

// Node is a trigger, job or crawler.
type Node struct {
	Type           string
	Name           string
	UniqueID       string          `json:"UniqueId"`
	TriggerDetails *TriggerDetails `json:",omitempty"`
	JobDetails     *JobDetails     `json:",omitempty"`
	CrawlerDetails *CrawlerDetails `json:",omitempty"`
}

// TriggerDetails is the trigger of a node.
type TriggerDetails struct{ Trigger Trigger }

// JobDetails contains the runs of a job within a workflow run, oldest first.
type JobDetails struct{ JobRuns []jobs.Run }

// CrawlerDetails contains the crawls of a crawler within a workflow run.
type CrawlerDetails struct{ Crawls []Crawl }

// Crawl is a crawl. Times are epoch seconds.
type Crawl struct {
	State        string
	StartedOn    float64
	CompletedOn  float64 `json:",omitempty"`
	ErrorMessage string  `json:",omitempty"`
	LogGroup     string  `json:",omitempty"`
	LogStream    string  `json:",omitempty"`
}

// Edge connects a trigger to a job or crawler that it starts, or a job or crawler to a trigger that watches it.
type Edge struct {
	SourceID      string `json:"SourceId"`
	DestinationID string `json:"DestinationId"`
}

const triggerNode = "TRIGGER"

// graph returns the graph of a workflow, with the actions of a run.
func (s *Service) graph(workflow string, actions []action) (*Graph, error) {
	triggers, err := s.triggersOf(workflow)
	if err != nil {
		return nil, err
	}
	b := builder{graph: &Graph{Nodes: []*Node{}, Edges: []Edge{}}, workflow: workflow, nodes: map[string]*Node{}}
	for _, t := range triggers {
		b.add(t.Trigger)
	}
	for _, a := range actions {
		if err := s.addAction(&b, a); err != nil {
			return nil, err
		}
	}
	return b.graph, nil
}

// builder builds a graph with one node for each trigger, job and crawler.
type builder struct {
	graph    *Graph
	workflow string
	nodes    map[string]*Node
}

func (b *builder) node(kind, name string) *Node {
	sum := sha256.Sum256([]byte(b.workflow + "\n" + kind + "\n" + name))
	id := "wnode_" + hex.EncodeToString(sum[:])
	if n, ok := b.nodes[id]; ok {
		return n
	}
	n := &Node{Type: kind, Name: name, UniqueID: id}
	b.nodes[id] = n
	b.graph.Nodes = append(b.graph.Nodes, n)
	return n
}

func (b *builder) edge(from, to *Node) {
	b.graph.Edges = append(b.graph.Edges, Edge{from.UniqueID, to.UniqueID})
}

func (b *builder) add(t Trigger) {
	n := b.node(triggerNode, t.Name)
	n.TriggerDetails = &TriggerDetails{t}
	for _, a := range t.Actions {
		if a.JobName != "" {
			b.edge(n, b.node(job, a.JobName))
		} else {
			b.edge(n, b.node(crawler, a.CrawlerName))
		}
	}
	if t.Type != typeConditional {
		return
	}
	for _, c := range t.Predicate.Conditions {
		kind, name, _ := c.watched()
		b.edge(b.node(kind, name), n)
	}
}

// addAction adds a job run or crawl to its node. A job that could not be started is a run in state ERROR.
func (s *Service) addAction(b *builder, a action) error {
	n := b.node(a.Kind, a.Name)
	if a.Kind == crawler {
		if n.CrawlerDetails == nil {
			n.CrawlerDetails = &CrawlerDetails{}
		}
		n.CrawlerDetails.Crawls = append(n.CrawlerDetails.Crawls, a.crawl())
		return nil
	}
	if n.JobDetails == nil {
		n.JobDetails = &JobDetails{}
	}
	if a.ID == "" {
		n.JobDetails.JobRuns = append(n.JobDetails.JobRuns, a.unstarted())
		return nil
	}
	attempts, err := s.opts.Jobs.Attempts(a.Name, a.ID)
	n.JobDetails.JobRuns = append(n.JobDetails.JobRuns, attempts...)
	return err
}

func (a action) crawl() Crawl {
	return Crawl{State: a.State, StartedOn: a.StartedOn, CompletedOn: a.CompletedOn, ErrorMessage: a.Error,
		LogGroup: "/aws-glue/crawlers", LogStream: a.Name}
}

func (a action) unstarted() jobs.Run {
	return jobs.Run{JobName: a.Name, TriggerName: a.Trigger, JobRunState: a.State, ErrorMessage: a.Error,
		StartedOn: a.StartedOn, CompletedOn: a.CompletedOn, LastModifiedOn: a.CompletedOn}
}
