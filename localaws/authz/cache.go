package authz

import "sync"

// cache stores policies and networks until one of them changes.
type cache struct {
	mu         sync.Mutex
	generation int
	values     map[string]any
}

// clear removes all values, and discards the results of reads in progress.
func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.values = nil
}

func cached[T any](c *cache, key string, load func() (T, error)) (T, error) {
	c.mu.Lock()
	if value, ok := c.values[key].(T); ok {
		c.mu.Unlock()
		return value, nil
	}
	generation := c.generation
	c.mu.Unlock()
	value, err := load()
	if err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation == c.generation {
		if c.values == nil {
			c.values = map[string]any{}
		}
		c.values[key] = value
	}
	return value, nil
}
