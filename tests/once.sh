# Caches passed test suites, as go test does: a suite runs again only if a file that it reads has changed.
# COUNT=1 disables the cache, as -count=1 does. $passed is the folder of the cache, and $tools_of the fingerprint of
# the tools.

# fingerprint PATHSPEC... prints a hash of the files in the working tree that git does not ignore. It fails if one
# cannot be read, for example because its deletion is not committed.
fingerprint() {
	local files hashes
	files=$(git -c core.quotePath=off ls-files --cached --others --exclude-standard -- "$@") || return
	hashes=$(git hash-object --no-filters --stdin-paths <<<"$files") || return
	printf '%s\n' "$files" "$hashes" | git hash-object --stdin
}

# versions PYTHON PULUMI JAVA-HOME DATABASE prints a hash of the versions of tools that are not pinned by the project.
versions() {
	{
		"$1" --version
		"$2" version
		"$3/bin/java" -version
		cat "$4/engine.json"
		printf '%s\n' "$(uname -ms) $(go version)" "$@"
	} 2>&1 | git hash-object --stdin
}

# once NAME FINGERPRINT PATHSPEC... -- COMMAND... runs the command unless it has passed with this fingerprint. The
# fingerprint is that of the pathspecs before anything was built, or empty if it could not be computed. If it has changed
# when the suite ends, the result is not cached.
once() {
	local name=$1 of=$2 reads=() mark
	shift 2
	while [[ $1 != -- ]]; do
		reads+=("$1")
		shift
	done
	shift
	mark=$passed/$name-$(git hash-object --stdin <<<"$of $tools_of")
	if [[ -z ${COUNT:-} && -n $of && -e $mark ]]; then
		echo "$name: passed (cached)"
		return
	fi
	("$@") || return
	[[ -n $of && $(fingerprint "${reads[@]}") == "$of" ]] || return 0
	mkdir -p "$passed"
	find "$passed" -type f -mtime +30 -delete
	touch "$mark"
}
