# Caches results of test suites like go test: a suite that has passed runs again only after a change of
# its files or tools. COUNT=1 runs everything, like -count=1. $passed is the cache's folder, and $tools_of
# identifies the tools.

# fingerprint PATHSPEC... prints a hash of git's files in the working tree. It fails if a file cannot be
# read, such as a file deleted without a commit.
fingerprint() {
	local files hashes
	files=$(git -c core.quotePath=off ls-files --cached --others --exclude-standard -- "$@") || return
	hashes=$(git hash-object --no-filters --stdin-paths <<<"$files") || return
	printf '%s\n' "$files" "$hashes" | git hash-object --stdin
}

# versions PYTHON PULUMI JAVA-HOME DATABASE prints a hash of the tools that may be on PATH, which change independently
# of the project.
versions() {
	{
		"$1" --version
		"$2" version
		"$3/bin/java" -version
		cat "$4/engine.json"
		printf '%s\n' "$(uname -ms) $(go version)" "$@"
	} 2>&1 | git hash-object --stdin
}

# once NAME FINGERPRINT PATHSPEC... -- COMMAND runs the command unless it has passed before. FINGERPRINT is that of the
# pathspecs before the build, or empty. If a file has changed since, the result is not recorded.
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
