# One reader behind every door: what a file is shows in its content.
five="5.110013 0.57398 4.847257 4.000408 4"
printf 'x,y\n0.5,-1.25\n-2,0.75\n1.5,2\n2,-1.98\n0,0\n' >points.csv
python3 - <<'PYTHON'
import gzip, io, struct, zipfile
points = [(0.5, -1.25), (-2, 0.75), (1.5, 2), (2, -1.98), (0, 0)]
flat = [v for p in points for v in p]
columns = [p[0] for p in points] + [p[1] for p in points]
def npy(descr, shape, data, fortran=False, version=1):
    header = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)
    start = 10 if version == 1 else 12
    header += " " * (63 - (start + len(header)) % 64) + "\n"
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode() + data
def write(name, content):
    open(name, "wb").write(content if isinstance(content, bytes) else content.encode())
text = open("points.csv").read()
write("tabs.tsv", text.replace(",", "\t"))
write("packed.csv.gz", gzip.compress(text.encode()))
write("UPPER.CSV", text)
write("european.csv", text.replace(",", ";").replace(".", ","))
write("quoted.csv", text.replace("x,y", '"x","y"').replace("\n", "\r\n"))
write("marked.csv", "\ufeff" + text)
write("numbers_as_names.csv", text.replace("x,y", "0,1"))
write("blanks", text.replace(",", "   "))
write("c.npy", npy("<f4", "(5, 2)", struct.pack("<10f", *flat)))
write("fortran.npy", npy("<f4", "(5, 2)", struct.pack("<10f", *columns), True))
write("big.npy", npy(">f8", "(5, 2)", struct.pack(">10d", *flat), False, 2))
write("half.dat", npy("<f2", "(5, 2)", struct.pack("<10e", *flat), False, 3))
write("packed.npy.gz", gzip.compress(npy("<f8", "(5, 2)", struct.pack("<10d", *flat))))
for name, method in ("stored.npz", zipfile.ZIP_STORED), ("deflated.npz", zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name, "w", method) as archive:
        archive.writestr("other.npy", npy("|u1", "(3, 3)", bytes(9)))
        archive.writestr("x.npy", npy("<f8", "(5, 2)", struct.pack("<10d", *flat)))
with zipfile.ZipFile("sheet.xlsx", "w") as archive:
    archive.writestr("xl/workbook.xml", "<workbook/>")
write("complex.npy", npy("<c8", "(5, 2)", bytes(80)))
write("objects.npy", npy("|O", "(5, 2)", b"\x80\x04."))
write("long.npy", npy("<f16", "(5, 2)", bytes(160)))
write("sixteen.csv", "x,y\n".encode("utf-16") + b"")
write("document.csv", "%PDF-1.7 ...")
header = b'{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}  '
write("foreign.safetensors", struct.pack("<Q", len(header)) + header + bytes(4))
PYTHON
energy=(energy --scene double_well --threads 1 --out out.csv --in)
# energies FILE…: the five energies came out of out.csv.
energies() {
    awk -v right="$five" 'BEGIN { n = split(right, r, " ") } NR > 1 { d = $1 - r[NR - 1]; if (d < 0) d = -d; if (d > 2e-3) bad = 1; rows++ }
        END { exit bad || rows != n }' out.csv || fail "energies of $1: $(tr '\n' ' ' <out.csv)"
}
# half.dat holds −1.98 with three digits.
for file in points.csv tabs.tsv packed.csv.gz UPPER.CSV european.csv quoted.csv marked.csv numbers_as_names.csv blanks c.npy \
    fortran.npy big.npy half.dat packed.npy.gz stored.npz deflated.npz; do
    run 0 "${energy[@]}" "$file"
    [ "$file" = half.dat ] || energies "$file"
    [ "$(rows out.csv)" -eq 6 ] || fail "rows of $file"
done
run 0 "${energy[@]}" stored.npz:x && energies stored.npz:x
"$ebmlab" "${energy[@]}" - <packed.csv.gz >stdout 2>stderr || fail "standard input: $(cat stderr)"
energies "standard input"
HOME=$PWD run 0 "${energy[@]}" '~/points.csv' && energies "~"

printf '1e-400,-1.25\n-2,0.75\n1.5,2\n' >tiny.csv
run 0 "${energy[@]}" tiny.csv
[ "$(rows out.csv)" -eq 4 ] || fail "1e-400 was taken for a header"
printf 'NA,-1.25\n-2,0.75\n' >missing.csv
printf 'x,y\n0.5,-1.25\n-2,nan\n' >nan.csv
refused "ine 1" "${energy[@]}" missing.csv
refused "ine 3" "${energy[@]}" nan.csv
refused "ine 3" train --scene points --set data.path=nan.csv --out run

# What cannot be read is named.
refused "complex numbers" "${energy[@]}" complex.npy
refused "Python objects" "${energy[@]}" objects.npy
refused "longdouble" "${energy[@]}" long.npy
refused "UTF-16" "${energy[@]}" sixteen.csv
refused "a PDF document" "${energy[@]}" document.csv
refused "safetensors of another program" "${energy[@]}" foreign.safetensors
refused "an Excel workbook" "${energy[@]}" sheet.xlsx
refused "no array nothing" "${energy[@]}" stored.npz:nothing

# A huge file of another kind is refused for its first bytes, not for its size.
truncate -s 8G huge.csv
refused "a kind that is not known" "${energy[@]}" huge.csv

# Columns by name and by number.
printf 'name;y;x\nAnn;-1,25;0,5\nBob;0,75;-2\nCed;2;1,5\nDan;-1,98;2\nEve;0;0\n' >named.csv
run 0 "${energy[@]}" named.csv --columns x,y && energies "columns by name"
run 0 "${energy[@]}" named.csv --columns 3,2 && energies "columns by number"
run 0 "${energy[@]}" named.csv && energies "columns that have the names of the model's"
sed '1s/x/a/' named.csv >other.csv
refused "Ann" "${energy[@]}" other.csv

# Every row counts, those with infinite energies too, and no name takes the place of another.
printf 'x,y\n3e30,1e30\n-2e30,5e30\n0.5,1\n' >far.csv
run 0 evaluate --scene double_well --threads 1 --json --ood far=far.csv
python3 - stdout <<'PYTHON' || fail "rows were lost: $(cat stdout)"
import json, sys
far = [s for s in json.load(open(sys.argv[1]))["ood"] if s["name"] == "far"]
assert far[0]["n"] == 3 and far[0]["not_finite"] == 2
PYTHON
refused "named far" evaluate --scene double_well --threads 1 --ood far=far.csv --ood far=points.csv

# Pictures from every kind of file.
pictures pictures.idx 20
picture_scene scene.json "$PWD/pictures.idx"
run 0 train --scene scene.json --iterations 1 --threads 1 --out run
python3 - <<'PYTHON'
import struct, zlib
pixels = open("pictures.idx", "rb").read()[16:]
def npy(descr, shape, data):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data
open("bytes.npy", "wb").write(npy("|u1", "(20, 28, 28)", pixels))
open("signed.npy", "wb").write(npy("<f4", "(20, 1, 28, 28)", struct.pack("<15680f", *[p / 127.5 - 1 for p in pixels])))
open("unit.npy", "wb").write(npy("<f4", "(20, 28, 28)", struct.pack("<15680f", *[p / 255 for p in pixels])))
def png(name, colour, rows):
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, colour, 0, 0, 0)) +
        chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b""))
import os
os.makedirs("folder/one"), os.makedirs("folder/two")
for i in range(20):
    rows = [pixels[784 * i + 28 * r:784 * i + 28 * r + 28] for r in range(28)]
    place = "folder/%s/%d.png" % ("one" if i < 12 else "two", i)
    if i % 2: png(place, 0, rows)
    else: png(place, 2, [bytes(v for v in r for _ in range(3)) for r in rows])
PYTHON
energy=(energy --checkpoint run/last.safetensors --threads 1)
run 0 "${energy[@]}" --in pictures.idx --out right.csv
for file in bytes.npy signed.npy unit.npy folder; do
    run 0 "${energy[@]}" --in "$file" --out out.csv
    paste -d, right.csv out.csv | awk -F, 'NR > 1 { d = $1 - $2; if (d < 0) d = -d; if (d > 1e-4) bad = 1 } END { exit bad || NR != 21 }' ||
        fail "energies of $file"
done
run 0 train --scene scene.json --iterations 1 --threads 1 --set data.set=pictures --set data.path=folder --out folder_run
run 0 sample --checkpoint run/last.safetensors --threads 1 --count 3 --steps 0 --init folder --out three.png
