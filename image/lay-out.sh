#!/bin/sh
# Lays out /layers/system and /layers/node for an architecture as Docker names it, by default this machine's: Node.js from the base
# image in /node, stripped, and of that image the libraries that it needs; busybox for a shell and small tools; tini and a ping
# that needs no privilege from Debian, which the base image is too. None of these is run.
set -eu
case ${1:-} in
  '') debian=$(dpkg --print-architecture) ;;
  ppc64le) debian=ppc64el ;;
  *) debian=$1 ;;
esac
system=/layers/system

# usr/ holds everything, as on Debian; the C library finds its own below lib/.
mkdir -p /layers/node/usr/bin $system/usr/bin $system/usr/lib $system/usr/lib64 $system/etc $system/dev $system/proc $system/sys
install -d -m 1777 $system/tmp
ln -s usr/bin usr/lib usr/lib64 $system/

dpkg --add-architecture "$debian"
apt-get update -q
cd /tmp
apt-get download -q "tini:$debian" "inetutils-ping:$debian"
for package in *.deb; do dpkg-deb -x "$package" debian; done
install debian/usr/bin/tini debian/usr/bin/ping $system/usr/bin/
cd /

eu-strip -o /layers/node/usr/bin/node /node/usr/local/bin/node
chmod 755 /layers/node/usr/bin/node

# Every library that one of these programs or its libraries names, and the loader.
needed() {
  eu-readelf -d "$1" | sed -n 's/.*Shared library: \[\(.*\)\]/\1/p'
}
copy_libraries() {
  for name in $(needed "$1"); do
    path=$(find /node/usr/lib /node/lib /node/lib64 -name "$name" | head -n 1)
    [ -n "$path" ] || { echo "$name, which $1 needs, is nowhere in the base image" >&2; exit 1; }
    to=$system/usr/lib/${path#/node/*lib/}
    [ ! -e "$to" ] || continue
    mkdir -p "${to%/*}"
    cp -L "$path" "$to"
    copy_libraries "$to"
  done
}
copy_libraries /layers/node/usr/bin/node
copy_libraries $system/usr/bin/tini
copy_libraries $system/usr/bin/ping
loader=$(eu-readelf -l /layers/node/usr/bin/node | sed -n 's/.*Requesting program interpreter: \(.*\)\]/\1/p')
mkdir -p "$system/usr${loader%/*}"
cp -L "/node$loader" "$system/usr$loader"
node /image/fewer-symbols.ts /layers/node/usr/bin/node $(find $system/usr/lib -type f) ||
  echo 'Node.js keeps all its symbols.'

install /busybox/bin/busybox $system/usr/bin/busybox
for tool in ash sh \
  cat cp cut date df du echo env false find free grep head hostname id ip kill ln ls mkdir more mv nc netstat nslookup printf \
  ps pwd rm route sed sleep sort stat tail tar test top touch tr traceroute true uname vi wc wget which whoami xargs; do
  ln -s busybox "$system/usr/bin/$tool"
done
install /image/bash $system/usr/bin/
install /image/kuard $system/
ln -s usr/lib/kuard/manifests $system/
install -m 644 /image/etc/* $system/etc/
