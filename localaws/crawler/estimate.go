package crawler

// stats returns an object's statistics, extrapolated from its sample.
func (s scannedObject) stats() stats {
	records := s.Sample.Records
	if !s.Sample.Whole && s.Sample.Bytes > 0 {
		records = records * max(s.Size, s.Sample.Bytes) / s.Sample.Bytes
	}
	return stats{Records: records, SampledBytes: s.Sample.Bytes, SampledRecords: s.Sample.Records}
}

// estimate returns a folder's statistics, extrapolated from the objects that were read.
func estimate(l scannedLeaf) stats {
	var out stats
	var read int64
	if l.Known != nil {
		out, read = l.Known.Stats, l.Known.Size
	}
	for _, s := range l.Scanned {
		out = out.plus(s.stats())
		read += s.Size
	}
	for _, o := range l.Objects {
		out.Objects++
		out.Size += o.Size
	}
	if unread := out.Size - read; unread > 0 && read > 0 {
		out.Records += out.Records * unread / read
	}
	return out
}
