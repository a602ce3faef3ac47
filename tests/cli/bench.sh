# The measurements run and name what was measured.
run 0 bench --seconds 0 --threads 1
contains stdout "Threads: 1"
contains stdout "one step of 16,384 chains"
contains stdout "landscape of 256"
run 0 bench --seconds 0 --threads 1 --json
contains stdout '"milliseconds"'
