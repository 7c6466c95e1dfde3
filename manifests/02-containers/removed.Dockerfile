# A file that a later layer removes can't be seen in a container, but is in the image: its bytes, and whatever password it holds.
FROM kuard-amd64:1
USER 0
COPY password.txt /
RUN head -c 20000000 /dev/urandom > /BigFile
RUN rm /password.txt /BigFile
USER 65534
