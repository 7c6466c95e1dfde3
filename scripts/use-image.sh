#!/bin/sh
# Has every manifest, and every command of the concepts, name another image of kuard: as server/features/manifests/image.ts does.
set -eu
cd "$(dirname "$0")/../manifests"

usage() {
  cat <<'END'
Has every file and command in manifests/ name another image in place of kuard; each keeps its tag:

  sh scripts/use-image.sh registry.example.com/me/kuard
  sh scripts/use-image.sh kuard                            puts it back
END
}

refuse() {
  printf '%s\n\n' "$1" >&2
  usage >&2
  exit 2
}

case ${1:-} in
  -h | --help)
    usage
    exit
    ;;
esac
[ $# -eq 1 ] || refuse 'One name has to be given.'
new=$1

label='[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?'
host="($label(\\.$label)*|\\[[A-Fa-f0-9:]+\\])(:[0-9]+)?"
component='[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*'
[ "$(printf '%s\n' "$new" | wc -l)" -eq 1 ] && printf '%s\n' "$new" | grep -Eqx "($host/)?$component(/$component)*" ||
  refuse "$new is not the name of an image without a tag; each file and command keeps its own tag."

# What they name now is what the first Pod of the book does.
old=$(sed -n 's/^  *- image: "*\([^"]*\):[^:]*$/\1/p' 05-pods/kuard-pod.yaml | head -n 1)
if [ -z "$old" ]; then
  echo 'manifests/05-pods/kuard-pod.yaml names no image.' >&2
  exit 1
fi

pattern=$(printf '%s\n' "$old" | sed 's/[].[]/\\&/g')
# Whatever begins with a letter is text to YAML, `12:30` may be a number, `[` a list.
case $new in [A-Za-z]*) quote= ;; *) quote='"' ;; esac
in_manifest="s,^([ -]*image: )\"?$pattern(:[A-Za-z0-9_][A-Za-z0-9_.-]*)\"?( *| * #.*)\$,\\1$quote$new\\2$quote\\3,"
in_command="s,([=\"])$pattern(:(blue|green|purple|[123]))([^A-Za-z0-9_.:/@-]|\$),\\1$new\\2\\4,g"

# Each sed takes its files in place, and leaves the old ones beside them: with a suffix so do those of GNU and of macOS.
trap 'find . -name "*.before-use-image" -exec rm {} +' EXIT
find . -name '*.yaml' ! -name concepts.yaml -exec sed -E -i.before-use-image "$in_manifest" {} +
sed -E -i.before-use-image "$in_command" README.md */concepts.yaml
echo "manifests/ names $new now, where it named $old."
