// Package ec2 keeps properties of EC2's resources that the emulator does not keep.
package ec2

import (
	"context"
	"errors"
	"maps"

	"github.com/beevik/etree"

	"localaws/gateway/account"
	"localaws/gateway/query"
	"localaws/store"
)

const namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// Service serves operations on instances, volumes, endpoints, NAT gateways, flow logs and rules.
type Service struct {
	Store  *store.Store
	Limits account.Limits
}

// Handlers are those of all operations.
func (s *Service) Handlers() query.Handlers {
	all := query.Handlers{}
	maps.Copy(all, s.instanceHandlers())
	maps.Copy(all, s.volumeHandlers())
	maps.Copy(all, s.endpointHandlers())
	maps.Copy(all, s.flowLogHandlers())
	maps.Copy(all, s.ruleHandlers())
	maps.Copy(all, s.routeHandlers())
	maps.Copy(all, s.natHandlers())
	maps.Copy(all, s.offeringHandlers())
	return all
}

// correctRecorded corrects the items of an answer that have a record in a collection of the store, under the value
// of their element id. Items without a record stay as they are.
func correctRecorded[T any](s *store.Store, collection string, items []*etree.Element, id string, correct func(*T, *etree.Element)) error {
	for _, item := range items {
		var record T
		err := s.Get(collection, query.Text(item, id), &record)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		correct(&record, item)
	}
	return nil
}

// records are the items of an answer that have a record in a collection of the store.
type records[T any] struct {
	// collection is the store's, and its keys are the values of the element id.
	collection, id string
	// items are the path of the items in the answer.
	items   string
	correct func(*T, *etree.Element)
}

// describe has the emulator answer, and corrects the items of its answer.
func (r records[T]) describe(ctx context.Context, x *query.Exchange, s *store.Store) (*query.Answer, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		return correctRecorded(s, r.collection, root.FindElements(r.items), r.id, r.correct)
	})
}
