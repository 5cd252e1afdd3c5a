package workflow

import "context"

// startTrigger activates a trigger. It fires an on-demand trigger at once.
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
		return nameIO{}, refuse("Trigger Type EVENT cannot be started")
	}
	t.State, t.Since = stateActivated, now()
	return in, s.saveTrigger(t)
}

// stopTrigger deactivates a trigger. It rejects triggers in state CREATED, in which on-demand and event triggers stay.
func (s *Service) stopTrigger(_ context.Context, in nameIO) (nameIO, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTrigger(in.Name)
	if err != nil {
		return nameIO{}, err
	}
	if t.State == stateCreated {
		return nameIO{}, refuse("The operation is not allowed when trigger is in state: CREATED")
	}
	t.State = stateDeactivated
	return in, s.saveTrigger(t)
}
