#!/bin/sh
# Puts the themes and folders that Ghost comes with into a content folder that has none yet, and runs it.
set -eu
cp -rn "$GHOST_INSTALL/content.orig/." "$GHOST_CONTENT"
exec "$@"
