package verify

// Compare returns the result, after everything has been added.
func (x *Index) Compare() Result {
	result := x.Result
	for key, at := range x.keys.all() {
		x.compareKey(&result, key, at)
	}
	for object, b := range x.invalid {
		b.compare(&result, object)
	}
	return result
}

func (x *Index) compareKey(result *Result, key string, at sighting) {
	f := Finding{Key: key}
	known := at.object != 0
	switch {
	case known:
		f.Object, f.Line = x.objects[at.object-1], int(at.line)
	case at.rows != 0 && at.uncertain:
		known = true
	case at.rows != 0 && at.earlier:
		result.EarlierRows++
		known = true
	}
	for _, check := range []struct {
		differs bool
		to      *Findings
	}{
		{known && at.rows == 0, &result.MissingRows},
		{!known && at.rows != 0, &result.SurplusRows},
		{known && at.parquet == 0, &result.MissingParquet},
		{!known && at.parquet != 0, &result.SurplusParquet},
		{at.rows != 0 && at.parquet != 0 && at.hashes != 0, &result.DifferentParquet},
	} {
		if check.differs {
			check.to.Add(f)
		}
	}
	for range int(at.rows) - 1 {
		result.RepeatedRows.Add(f)
	}
	for range int(at.parquet) - 1 {
		result.RepeatedParquet.Add(f)
	}
}
