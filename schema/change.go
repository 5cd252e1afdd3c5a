package schema

// WayOf returns the kind of change from the field's column type to that of another
// field: Wider, Migration or Refused, or "" if the types are equal.
func (f Field) WayOf(to Field) string {
	if f.ColumnType() == to.ColumnType() {
		return ""
	}
	return wayOf(f.ColumnType(), to.ColumnType())
}
