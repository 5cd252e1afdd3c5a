package workflow

import "context"

// startTrigger activates a trigger; an on-demand trigger fires instead, with the workflow that it starts.
func (s *Service) startTrigger(ctx context.Context, in nameIO) (nameIO, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTrigger(in.Name)
	if err != nil {
		return nameIO{}, err
	}
	switch t.Type {
	case typeOnDemand:
		_, err := s.begin(ctx, t, nil)
		return in, err
	case typeEvent:
		return in, nil // Its state stays CREATED.
	}
	t.State, t.Since = stateActivated, now()
	return in, s.saveTrigger(t)
}

func (s *Service) stopTrigger(_ context.Context, in nameIO) (nameIO, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTrigger(in.Name)
	if err != nil {
		return nameIO{}, err
	}
	if t.Type == typeOnDemand {
		return nameIO{}, refuse("Trigger %s is on demand: it cannot be stopped", t.Name)
	}
	t.State = stateDeactivated
	return in, s.saveTrigger(t)
}
