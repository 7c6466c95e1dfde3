#!/bin/sh
# Has the image's own Node.js compile the server, since V8 takes compiled code only from its own like: version and architecture.
# Of another architecture it runs where the building machine can emulate it; elsewhere the image goes without, and starts slower.
set -eu
kuard=/layers/kuard/usr/lib/kuard
rm -f $kuard/server.cache
mkdir /all
cp -al /layers/*/. /all/
mkdir -p /all/scripts
cp /scripts/keep-compiled-code.cjs /all/scripts/
if chroot /all /usr/bin/node --version; then
  node /scripts/compiled-code.ts chroot /all /usr/bin/node --require /scripts/keep-compiled-code.cjs /usr/lib/kuard/kuard.cjs
  cp /all/usr/lib/kuard/server.cache $kuard/
else
  echo 'The image goes without compiled code: its Node.js does not run on this machine.'
fi
rm -r /all
