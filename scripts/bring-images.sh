#!/bin/sh
# Builds the image in its three colours, and brings it to a cluster under every name that the manifests and the book have for it.
set -eu
cd "$(dirname "$0")/.."

usage() {
  cat <<'END'
Builds the image and brings it where a cluster finds it, as kuard:blue, green and purple, and as kuard:1, 2 and 3:

  sh scripts/bring-images.sh kind [CLUSTER]        into the nodes of a kind cluster, by default of the one called kind
  sh scripts/bring-images.sh minikube [PROFILE]    into minikube's, by default of the one called minikube
  sh scripts/bring-images.sh k3d [CLUSTER]         into the nodes of a k3d cluster, by default of k3s-default
  sh scripts/bring-images.sh docker                nowhere else: for `docker run`
  sh scripts/bring-images.sh registry NAME         to a registry, as NAME/kuard:blue and so on: registry.example.com/me

All but the registry have it as gcr.io/kuar-demo/kuard-amd64:blue and so on too, so that the book's own files find it unchanged.
It is built by docker, or by podman where no docker answers; DOCKER=podman names one of them.
END
}

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

refuse() {
  printf '%s\n\n' "$1" >&2
  usage >&2
  exit 2
}

need() {
  command -v "$1" >/dev/null 2>&1 || fail "$1 is not installed, or not on PATH."
}

# Sets docker to a program that answers.
choose_docker() {
  refused=
  for docker in ${DOCKER:-docker podman}; do
    command -v "$docker" >/dev/null 2>&1 || continue
    answer=$("$docker" info 2>&1) && return
    refused="$refused
$docker does not answer:
$answer"
  done
  [ -n "$refused" ] || fail "The image is built by ${DOCKER:-docker or podman}, which is not installed, or not on PATH."
  fail "Nothing is there that builds the image.$refused"
}

check_kind() {
  need kind
  cluster=${1:-${KIND_CLUSTER_NAME:-kind}}
  clusters=$(kind get clusters 2>&1) || fail 'kind can not say which clusters there are:' "$clusters"
  printf '%s\n' "$clusters" | grep -Fqx -e "$cluster" || fail "kind has no cluster called $cluster. This makes it:" \
    "  kind create cluster --name=$cluster --config=manifests/03-cluster/kind.yaml"
}

check_minikube() {
  need minikube
  cluster=${1:-minikube}
  state=$(minikube status --profile="$cluster" 2>&1) || fail "minikube's cluster $cluster does not run:" "$state" \
    'This starts it:' "  minikube start --profile=$cluster"
}

check_k3d() {
  need k3d
  cluster=${1:-k3s-default}
  state=$(k3d cluster list "$cluster" 2>&1) || fail "k3d has no cluster called $cluster:" "$state" \
    'This makes it:' "  k3d cluster create $cluster"
}

check_registry() {
  registry=${1%/}
  printf '%s\n' "$registry" | grep -Eqx '[][A-Za-z0-9._:/-]+' ||
    refuse 'A registry needs its name, with the path that you may push to.'
}

# @param colour, and how docker is told its names
build() {
  colour=$1
  shift
  if is_podman; then
    # Older ones leave BUILDPLATFORM empty unless they are told.
    platform=linux/$("$docker" info --format '{{.Host.Arch}}')
    set -- --platform "$platform" --build-arg "BUILDPLATFORM=$platform" "$@"
  fi
  echo "Building the image, $colour"
  DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1 "$docker" build --target "$colour" "$@" .
}

is_podman() {
  case $("$docker" --version) in *podman*) ;; *) return 1 ;; esac
}

# @param the names, without tags, that each image gets
build_all() {
  names=
  # On 3, since what builds may read standard input.
  while read -r colour number <&3; do
    flags=
    for repository; do
      for tag in "$colour" "$number"; do
        flags="$flags --tag $repository:$tag"
        names="$names $repository:$tag"
      done
    done
    # shellcheck disable=SC2086 -- names of images have no spaces
    build "$colour" $flags
  done 3<scripts/image-tags.txt
}

# @param the command that takes an archive as its last argument
load() {
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 1' HUP INT TERM
  several=
  if is_podman; then several=--multi-image-archive; fi
  # shellcheck disable=SC2086
  "$docker" save $several --output "$folder/kuard.tar" $names
  "$@" "$folder/kuard.tar"
}

place=${1:-}
case $place in
  -h | --help | help)
    usage
    exit
    ;;
  kind | minikube | k3d | registry)
    [ $# -le 2 ] || refuse 'That is one word too many.'
    "check_$place" "${2:-}"
    ;;
  docker) [ $# -eq 1 ] || refuse 'docker takes no name.' ;;
  '') refuse 'Where the image is to be brought has to be said.' ;;
  *) refuse "$place is nothing that this knows a way to." ;;
esac
choose_docker

book=gcr.io/kuar-demo/kuard-amd64
case $place in
  registry) build_all "$registry/kuard" ;;
  # podman calls what has no registry localhost/kuard, which no node looks for.
  docker) build_all kuard $book ;;
  *) if is_podman; then build_all docker.io/library/kuard $book; else build_all kuard $book; fi ;;
esac

case $place in
  kind) load kind load image-archive --name="$cluster" ;;
  minikube) load minikube image load --profile="$cluster" ;;
  k3d) load k3d image import --cluster="$cluster" ;;
  registry)
    for name in $names; do "$docker" push "$name"; done
    echo 'This has every file and command of manifests/ name it:'
    echo "  sh scripts/use-image.sh $registry/kuard"
    ;;
esac
printf '%s is ready as:\n' "${cluster:-$docker}"
# shellcheck disable=SC2086
printf '  %s\n' $names
