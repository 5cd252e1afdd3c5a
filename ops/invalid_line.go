package ops

import (
	"context"
	"fmt"
	"time"
)

// StoreInvalidLine stores an object with one invalid line, to demonstrate the
// quarantine. It is idempotent within a day.
func (o *Ops) StoreInvalidLine(ctx context.Context) (key string, err error) {
	stream := o.contract.Streams[0]
	day := time.Now().UTC().Format(time.DateOnly)
	key = fmt.Sprintf("%s/%s=%s/invalid-on-purpose.json", stream.Name, o.contract.PartitionKey, day)
	body := fmt.Sprintf("{%q:%q,%q:%q,%q:%q}\n", o.contract.Key, "invalid-on-purpose-"+day, "event_type", stream.EventType, "sales", "ten")
	_, err = o.bucket.PutNew(ctx, key, []byte(body))
	return key, err
}
