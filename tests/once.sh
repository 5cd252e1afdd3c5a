# A suite that has passed runs again when something that it reads has changed, as with go test.
# COUNT=1 runs everything, as -count=1 does. $passed is a folder for what has passed, and $tools_of
# says with which tools.

# fingerprint: PATHSPEC... It prints a hash of git's files of the working tree. It fails if a file cannot be
# read, such as one that is deleted, and not committed.
fingerprint() {
	local files hashes
	files=$(git -c core.quotePath=off ls-files --cached --others --exclude-standard -- "$@") || return
	hashes=$(git hash-object --no-filters --stdin-paths <<<"$files") || return
	printf '%s\n' "$files" "$hashes" | git hash-object --stdin
}

# versions: PYTHON PULUMI JAVA-HOME DATABASE. It prints a hash of the tools that PATH may have, which change without the
# project.
versions() {
	{
		"$1" --version
		"$2" version
		"$3/bin/java" -version
		cat "$4/engine.json"
		printf '%s\n' "$(uname -ms) $(go version)" "$@"
	} 2>&1 | git hash-object --stdin
}

# once: NAME FINGERPRINT PATHSPEC... -- COMMAND. The fingerprint is of the pathspecs before anything was built, or empty
# if there is none. What has changed since, whether the suite has read it or not, keeps it from counting as passed.
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
