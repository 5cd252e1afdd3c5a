// Package store stores the state of the local AWS services as JSON documents in
// named collections, in one file.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// ErrNotFound means that a document does not exist.
var ErrNotFound = errors.New("not found")

// Store is safe for concurrent use.
type Store struct{ db *bbolt.DB }

// Open opens or creates the file. It fails after one second if another process has opened it.
func Open(path string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("open state file %s: %w", path, err)
	}
	return &Store{db: db}, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Get reads a document into v, or returns ErrNotFound.
func (s *Store) Get(collection, key string, v any) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(collection))
		if b == nil {
			return ErrNotFound
		}
		raw := b.Get([]byte(key))
		if raw == nil {
			return ErrNotFound
		}
		return json.Unmarshal(raw, v)
	})
}

// Put writes a document.
func (s *Store) Put(collection, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s/%s: %w", collection, key, err)
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(collection))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), raw)
	})
}

// Delete deletes a document. It is a no-op if the document does not exist.
func (s *Store) Delete(collection, key string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(collection))
		if b == nil {
			return nil
		}
		return b.Delete([]byte(key))
	})
}

// Each calls f for every document of a collection, in the order of keys.
func (s *Store) Each(collection string, f func(key string, raw json.RawMessage) error) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(collection))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			return f(string(k), append(json.RawMessage(nil), v...))
		})
	})
}

// List returns all documents of a collection, in the order of keys.
func List[T any](s *Store, collection string) ([]T, error) {
	var out []T
	err := s.Each(collection, func(_ string, raw json.RawMessage) error {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	})
	return out, err
}
