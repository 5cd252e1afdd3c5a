// Package ec2 stores properties of EC2's resources that the emulator does not store.
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

// Service implements operations on instances, volumes, endpoints, NAT gateways, flow logs, routes and rules.
type Service struct {
	Store  *store.Store
	Limits account.Limits
}

// Handlers returns the handlers of all operations.
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

// correctRecorded corrects the items that have a record in a collection of the store. The key is the value of an item's
// element id.
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

// records describes the items of a response that have a record in a collection of the store.
type records[T any] struct {
	// The keys of the collection are the values of the element id.
	collection, id string
	// items is the path of the items in the response.
	items   string
	correct func(*T, *etree.Element)
}

// describe forwards the request to the emulator, and corrects the items of the response.
func (r records[T]) describe(ctx context.Context, x *query.Exchange, s *store.Store) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.Edit(func(root *etree.Element) error {
		return correctRecorded(s, r.collection, root.FindElements(r.items), r.id, r.correct)
	})
}
