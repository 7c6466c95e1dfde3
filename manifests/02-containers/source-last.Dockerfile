# The order that is cheap: what changes most often, server.js, comes last, and is all that has to be made and pushed anew.
FROM kuard-amd64:1
USER 0
RUN mkdir /srv && head -c 5000000 /dev/urandom > /srv/packages
COPY server.js /srv/
USER 65534
