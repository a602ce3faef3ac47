# data list, get and check. A server on this machine stands in for those of the sets' makers.
command -v python3 >/dev/null || skip "there is no python3 to be the server"
package=/usr/share/datasets/fashion-mnist
[ -r "$package/train-images-idx3-ubyte.gz" ] || skip "the package dataset-fashion-mnist is not installed"

# The files as their makers publish them: the package's, with name and time in the header of gzip.
mkdir server
python3 - "$package" server <<'PYTHON'
import struct, sys
times = {"train-images-idx3-ubyte": 1504176606, "train-labels-idx1-ubyte": 1504176606,
         "t10k-images-idx3-ubyte": 1504176627, "t10k-labels-idx1-ubyte": 1504176627}
for name, time in times.items():
    content = open(f"{sys.argv[1]}/{name}.gz", "rb").read()
    header = b"\x1f\x8b\x08\x08" + struct.pack("<I", time) + b"\0\x03" + name.encode() + b"\0"
    open(f"{sys.argv[2]}/{name}.gz", "wb").write(header + content[10:])
PYTHON
python3 "$here/file_server.py" server &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    [ -s server/port ] && break
    sleep 0.1
done
exists server/port
export EBMLAB_DATA_MIRROR="http://127.0.0.1:$(cat server/port)/" EBMLAB_DATA=$PWD/home no_proxy=127.0.0.1
behave() { echo "$*" >server/behaviour; }
images=train-images-idx3-ubyte.gz labels=t10k-labels-idx1-ubyte.gz

# list
run 0 data list
contains stdout "fashion_mnist: "
contains stdout "present in $package"
contains stdout "missing; expected in $PWD/home/cifar10"
contains stdout "170.1 MB from https://www.cs.toronto.edu"
contains stdout "by hand from https://image-net.org"
run 0 data list --json
python3 - <<'PYTHON' || fail "data list --json"
import json
sets = {row["name"]: row for row in json.load(open("stdout"))}
assert sets["cifar10"]["bytes"] == 170052171 and not sets["cifar10"]["present"] and sets["fashion_mnist"]["present"]
assert sets["sprites"]["generated"] and sets["imagenet32"]["by_hand"] and all(row["licence"] for row in sets.values())
PYTHON
[ ! -e home ] || fail "list made a folder"

# What is there is not downloaded, and what is not a name is refused.
run 0 data get fashion_mnist
contains stdout "is there already, in $package"
[ ! -e server/requests ] || fail "downloaded again"
run 0 data get sprites
refused "Did you mean cifar10?" data get cifar_10
refused "Known names: sprites, fashion_mnist" data get xyzzyqwerty
(unset EBMLAB_DATA_MIRROR && refused "https://image-net.org/download-images.php" data get imagenet32) || exit 1
(unset EBMLAB_DATA_MIRROR && refused "$PWD/home/imagenet32" data get imagenet32) || exit 1
(unset EBMLAB_DATA_MIRROR && refused "a folder for each class" data get imagenet) || exit 1
(unset EBMLAB_DATA EBMLAB_DATA_MIRROR HOME XDG_DATA_HOME && refused "EBMLAB_DATA" data get cifar10) || exit 1
code=0
"$ebmlab" data gett cifar10 2>stderr || code=$?
[ $code -eq 2 ] || fail "an unknown word of data ended with $code"
contains stderr "did you mean get?"

# The whole, and again.
run 0 data get fashion_mnist --to whole
for file in server/*.gz; do same "$file" "whole/$(basename "$file")"; done
[ "$(ls -A whole | wc -l)" -eq 4 ] || fail "left over: $(ls -A whole)"
requests=$(rows server/requests)
run 0 data get fashion_mnist --to whole
[ "$(rows server/requests)" -eq "$requests" ] || fail "downloaded again"

# Cut: it goes on within one call, from where it was.
rm server/requests
behave cut 7000000
run 0 data get fashion_mnist --to cut
same server/$images cut/$images
contains server/requests "$images bytes=7000000-"
contains server/requests "$images bytes=21000000-"

# Interrupted, then cut before anything came, then whole. A server without ranges sends all of it again.
rm server/requests
behave slow
"$ebmlab" data get fashion_mnist --to later >stdout 2>stderr &
program=$!
for _ in $(seq 200); do
    [ -s later/$images.part ] && break
    sleep 0.05
done
kill -INT $program
code=0
wait $program || code=$?
[ $code -eq 130 ] || fail "interrupted, but ended with $code: $(cat stderr)"
contains stderr "What has come is kept"
exists later/$images.part
[ ! -e later/$images ] || fail "a part is in the place of the whole"
run 0 data list
cp later/$images.part part
behave cut 0
refused "connection was cut" data get fashion_mnist --to later
same part later/$images.part
behave error 503
refused "error 503" data get fashion_mnist --to later
same part later/$images.part
behave no_ranges
run 0 data get fashion_mnist --to later
same server/$images later/$images
contains server/requests "$images bytes=$(stat -c %s part)-"
behave nothing

# A part that is wrong is not made into a whole, and is gone.
mkdir wrong && head -c 1000 /dev/zero >wrong/$images.part
refused "SHA-256" data get fashion_mnist --to wrong
[ ! -e wrong/$images ] && [ ! -e wrong/$images.part ] || fail "the wrong file was kept"
run 0 data get fashion_mnist --to wrong
mkdir long && head -c 26421890 /dev/zero >long/$images.part
run 0 data get fashion_mnist --to long
same server/$images long/$images

# A wrong file on the server: another size, another content.
mv server/$labels labels && (cat labels && echo more) >server/$labels
rm wrong/$labels
refused "the published one has 5148" data get fashion_mnist --to wrong
[ ! -e wrong/$labels ] || fail "another file is in place"
(head -c 5140 labels && echo 1234567) >server/$labels
refused "SHA-256" data get fashion_mnist --to wrong
[ ! -e wrong/$labels ] && [ ! -e wrong/$labels.part ] || fail "another file is in place"
rm server/$labels
refused "error 404" data get fashion_mnist --to wrong
mv labels server/$labels
# What a person put in the place of an archive is not replaced.
mkdir mine && echo mine >mine/cifar-10-binary.tar.gz
refused "a file of that name" data get cifar10 --to mine
[ "$(cat mine/cifar-10-binary.tar.gz)" = mine ] || fail "a file was replaced"

# An archive that a person fetched is checked; a wrong one stays where it is.
mkdir faces && echo "no archive" >faces/img_align_celeba.zip
(unset EBMLAB_DATA_MIRROR && refused "the published one has 1443490838" data get celeba --to faces) || exit 1
exists faces/img_align_celeba.zip

# The disk is full, or as good as: what has come stays, and the next call goes on.
rm server/requests
(
    trap '' XFSZ
    ulimit -f 2000
    refused "full/$images.part" data get fashion_mnist --to full
) || exit 1
[ "$(stat -c %s full/$images.part)" -ge 1000000 ] || fail "what had come was lost"
run 0 data get fashion_mnist --to full
same server/$images full/$images
contains server/requests "$images bytes=$((2000 * 1024))-"
# Two at a time: the second is told so.
behave slow
"$ebmlab" data get fashion_mnist --to both >/dev/null 2>&1 &
program=$!
for _ in $(seq 200); do
    [ -s both/$images.part ] && break
    sleep 0.05
done
refused "Another program" data get fashion_mnist --to both
kill -INT $program
wait $program
behave nothing

# The program runs without libcurl, and says what it needs.
mkdir lib && for name in libcurl.so.4 libcurl-gnutls.so.4; do echo "no library" >lib/$name; done
(export LD_LIBRARY_PATH=$PWD/lib && refused "Install the package libcurl4" data get cifar10 && run 0 data list) || exit 1

# check: what is in it, and what is wrong.
run 0 data check "$package/train-images-idx3-ubyte.gz"
contains stdout "60,000 grey pictures of 28 × 28 pixels"
contains stdout "values: 0 to 255, mean 72.94"
printf 'height,weight\n150,50\n160,61\n171,70\n' >people.csv
run 0 data check people.csv
contains stdout "3 rows of 2 numbers"
contains stdout "columns: height, weight"
contains stdout "height = 160.3"
run 0 data check people.csv --json
python3 - <<'PYTHON' || fail "data check --json: $(cat stdout)"
import json
found = json.load(open("stdout"))
assert found["ok"] and found["count"] == 3 and found["shape"] == [2] and found["low"] == 50 and found["high"] == 171
PYTHON
echo '160,heavy' >>people.csv
refused "Line 5" data check people.csv
run 1 data check people.csv --json
python3 - <<'PYTHON' || fail "data check --json: $(cat stdout)"
import json
found = json.load(open("stdout"))
assert not found["ok"] and "Line 5" in found["problems"][0]
PYTHON
refused "no such file" data check nowhere.csv
# A folder with classes.
mkdir -p zoo/cats zoo/dogs
run 0 data --scene fashion_mnist --count 1 --out zoo/cats/1.png
for i in 2 3; do cp zoo/cats/1.png zoo/cats/$i.png; done
cp zoo/cats/1.png zoo/dogs/1.png
run 0 data check zoo
contains stdout "zoo: 4 grey pictures of "
grep -qE '^    cats +3$' stdout && grep -qE '^    dogs +1$' stdout || fail "classes: $(cat stdout)"
head -c 100 zoo/cats/1.png >zoo/dogs/2.png
refused "dogs/2.png" data check zoo
