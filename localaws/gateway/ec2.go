package gateway

import (
	"maps"

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
	maps.Copy(all, s.offeringHandlers())
	return all
}
