package ops

// compare finds what differs, once everything is counted.
func (c *census) compare() Verification {
	v := c.result
	for key, at := range c.keys {
		c.compareKey(&v, key, at)
	}
	for object, b := range c.bad {
		b.compare(&v, object)
	}
	return v
}

func (c *census) compareKey(v *Verification, key string, at *sighting) {
	f := Finding{Key: key}
	known := at.object != 0
	switch {
	case known:
		f.Object, f.Line = c.objects[at.object-1], int(at.line)
	case at.rows != 0 && at.atDamage:
		known = true
	case at.rows != 0 && c.earlier(at.batch):
		v.EarlierRows++
		known = true
	}
	for _, k := range []struct {
		differs bool
		to      *Findings
	}{
		{known && at.rows == 0, &v.MissingRows},
		{!known && at.rows != 0, &v.SurplusRows},
		{known && at.parquet == 0, &v.MissingParquet},
		{!known && at.parquet != 0, &v.SurplusParquet},
		{at.rows != 0 && at.parquet != 0 && at.values != at.inParquet, &v.DifferentParquet},
	} {
		if k.differs {
			k.to.add(f)
		}
	}
	for range at.parquet - 1 {
		v.RepeatedParquet.add(f)
	}
}
