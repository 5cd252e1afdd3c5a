package main

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
)

// expiredResult is what `down --expired` prints.
type expiredResult struct {
	Destroyed []downResult `json:"destroyed"`
	// Failed lists expired stacks that still exist, and stacks whose settings cannot be
	// read, with the reasons.
	Failed []expiredFailure `json:"failed"`
}

type expiredFailure struct {
	Stack string `json:"stack"`
	Error string `json:"error"`
}

// downExpired destroys the expired stacks, one after the other. After a failure it
// continues with the next stack.
func (a *app) downExpired(cmd *cobra.Command, o downOptions) error {
	over, unread := a.expired(a.now())
	in := bufio.NewReader(cmd.InOrStdin()) // One buffer for all stacks: confirm would lose what another one has read ahead.
	result, failed := expiredResult{Destroyed: []downResult{}, Failed: []expiredFailure{}}, []error{}
	fail := func(stack string, err error) {
		result.Failed = append(result.Failed, expiredFailure{stack, err.Error()})
		failed = append(failed, fmt.Errorf("stack %s: %w", stack, err))
	}
	for _, name := range slices.Sorted(maps.Keys(unread)) {
		fail(name, unread[name])
	}
	for _, name := range over {
		one := *a
		one.stack = name
		r, err := one.down(cmd.Context(), o, in)
		if err != nil {
			fail(name, err)
			continue
		}
		result.Destroyed = append(result.Destroyed, r)
	}
	if err := a.print(result, func(w *page.Page) {
		for _, r := range result.Destroyed {
			writeResult(w, r.Result)
		}
		w.Printf("%s expired, %d destroyed\n", plural.Count(len(over), "stack"), len(result.Destroyed))
	}); err != nil {
		return err
	}
	if len(failed) > 0 {
		return &reportedError{errors.Join(failed...)}
	}
	return nil
}
