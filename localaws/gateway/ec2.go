package gateway

import (
	"errors"
	"maps"

	"github.com/beevik/etree"

	"localaws/store"
)

const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// ec2 keeps properties of instances, volumes and endpoints that the emulator does not keep.
type ec2 struct {
	store  *store.Store
	limits limits
}

func (s *ec2) handlers() map[string]queryHandler {
	all := map[string]queryHandler{}
	maps.Copy(all, s.instanceHandlers())
	maps.Copy(all, s.volumeHandlers())
	maps.Copy(all, s.endpointHandlers())
	maps.Copy(all, s.flowLogHandlers())
	maps.Copy(all, s.ruleHandlers())
	maps.Copy(all, s.routeHandlers())
	maps.Copy(all, s.offeringHandlers())
	return all
}

// correctRecorded corrects the items of an answer that have a record in a collection of the store, under the value
// of their element id. Items without a record stay as they are.
func correctRecorded[T any](s *store.Store, collection string, items []*etree.Element, id string, correct func(*T, *etree.Element)) error {
	for _, item := range items {
		var record T
		err := s.Get(collection, text(item, id), &record)
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
