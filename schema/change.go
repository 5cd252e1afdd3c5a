package schema

// WayOf says how a column of the field's type gets the type of another field: Wider,
// Migration or Refused; "" if both are the same.
func (f Field) WayOf(to Field) string {
	if f.ColumnType() == to.ColumnType() {
		return ""
	}
	return wayOf(f.ColumnType(), to.ColumnType())
}
