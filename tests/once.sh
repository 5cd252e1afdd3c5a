# A suite that has passed runs again when something that it reads has changed, as with go test.
# COUNT=1 runs everything, as -count=1 does. $passed is a folder for what has passed, and $tools_of
# says with which tools.

# fingerprint: PATHSPEC... It prints a hash of git's files of the working tree, and of the tools. It
# fails if a file cannot be read, such as one that is deleted, and not committed.
fingerprint() {
	local files hashes
	files=$(git -c core.quotePath=off ls-files --cached --others --exclude-standard -- "$@") || return
	hashes=$(git hash-object --no-filters --stdin-paths <<<"$files") || return
	printf '%s\n' "$files" "$hashes" "$tools_of" | git hash-object --stdin
}

# once: NAME PATHSPEC... -- COMMAND
once() {
	local name=$1 reads=() mark
	shift
	while [[ $1 != -- ]]; do
		reads+=("$1")
		shift
	done
	shift
	mark=$passed/$name-$(fingerprint "${reads[@]}") || mark=
	if [[ -z ${COUNT:-} && -n $mark && -e $mark ]]; then
		echo "$name: passed (cached)"
		return
	fi
	("$@") || return
	[[ -n $mark ]] || return 0
	mkdir -p "$passed"
	find "$passed" -type f -mtime +30 -delete
	touch "$mark"
}
