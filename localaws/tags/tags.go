// Package tags stores the tags of Glue's crawlers, jobs, triggers and workflows, which local services implement, and of
// connections, whose tags the emulator drops. The emulator stores the tags of other resources.
package tags

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"localaws/awsjson"
	"localaws/store"
)

const collection = "glue-tags"

// resourceTypes are the types of resources whose tags this package stores:
// https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
var resourceTypes = []string{"connection", "crawler", "job", "trigger", "workflow"}

// maxTags is AWS's limit for one resource.
const maxTags = 50

// Service stores tags by ARN. It is safe for concurrent use. Set and Delete of a nil
// Service are no-ops.
type Service struct {
	mu    sync.Mutex // makes read-modify-write atomic
	store *store.Store
}

// New returns a Service.
func New(st *store.Store) *Service { return &Service{store: st} }

// Set replaces the tags of a resource. It is for the creation of the resource.
func (s *Service) Set(arn string, tags map[string]string) error {
	if s == nil || len(tags) == 0 {
		return s.Delete(arn)
	}
	return s.store.Put(collection, arn, tags)
}

// Delete deletes the tags of a resource. It is for the deletion of the resource.
func (s *Service) Delete(arn string) error {
	if s == nil {
		return nil
	}
	return s.store.Delete(collection, arn)
}

// Operations returns the operations of this service. They forward requests for other resources to the emulator.
func (s *Service) Operations() awsjson.Operations {
	return awsjson.Operations{
		"GetTags":       owned(s.get),
		"TagResource":   owned(s.tag),
		"UntagResource": owned(s.untag),
	}
}

type request struct {
	ResourceArn  string
	TagsToAdd    map[string]string
	TagsToRemove []string
}

type response struct {
	Tags map[string]string `json:",omitempty"`
}

func owned(f func(request) (any, error)) awsjson.Handler {
	return func(_ context.Context, body json.RawMessage) (any, error) {
		var in request
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, awsjson.Errorf(awsjson.InvalidInput, "request body: %v", err)
		}
		kind, _, _ := strings.Cut(afterAccount(in.ResourceArn), "/")
		if !slices.Contains(resourceTypes, kind) {
			return nil, awsjson.ErrPassThrough
		}
		return f(in)
	}
}

// afterAccount returns the last part of arn:aws:glue:region:account:type/name.
func afterAccount(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[5]
}

func (s *Service) get(in request) (any, error) {
	tags, err := s.read(in.ResourceArn)
	return response{Tags: tags}, err
}

func (s *Service) tag(in request) (any, error) {
	return s.change(in.ResourceArn, func(tags map[string]string) { maps.Copy(tags, in.TagsToAdd) })
}

func (s *Service) untag(in request) (any, error) {
	return s.change(in.ResourceArn, func(tags map[string]string) {
		for _, key := range in.TagsToRemove {
			delete(tags, key)
		}
	})
}

func (s *Service) change(arn string, do func(map[string]string)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tags, err := s.read(arn)
	if err != nil {
		return nil, err
	}
	do(tags)
	if len(tags) > maxTags {
		return nil, awsjson.Errorf(awsjson.InvalidInput, "a resource can have at most %d tags", maxTags)
	}
	return response{}, s.Set(arn, tags)
}

func (s *Service) read(arn string) (map[string]string, error) {
	tags := map[string]string{}
	if err := s.store.Get(collection, arn, &tags); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return tags, nil
}
