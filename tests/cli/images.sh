# Pictures from an IDX file, from training to numbers.
pictures train-images-idx3-ubyte 60
picture_scene scene.json "$PWD/train-images-idx3-ubyte"
run 0 train --scene scene.json --threads 1 --out run
[ "$(rows run/log.csv)" -eq 7 ] || fail "log.csv has $(rows run/log.csv) rows"
model=(--checkpoint run/last.safetensors --threads 1)
run 0 sample "${model[@]}" --count 6 --steps 2 --out grid.png
run 0 sample "${model[@]}" --count 6 --steps 2 --out samples.npy
head -c 128 samples.npy | grep -qaF '(6, 1, 28, 28)' || fail "shape of samples.npy"
run 0 sample "${model[@]}" --count 6 --steps 2 --init samples.npy --out more.csv
gzip -k train-images-idx3-ubyte
run 0 energy "${model[@]}" --in train-images-idx3-ubyte.gz --out packed.csv
[ "$(rows packed.csv)" -eq 61 ] || fail "packed.csv"
cp train-images-idx3-ubyte plain.idx
run 0 energy "${model[@]}" --in plain.idx --out plain.csv
same packed.csv plain.csv
run 0 energy "${model[@]}" --in samples.npy --gradient --out gradients.csv
[ "$(head -1 gradients.csv | tr , '\n' | wc -l)" -eq 785 ] || fail "columns of gradients.csv"
run 0 evaluate "${model[@]}" --json --ood digits=plain.idx
contains stdout '"kl": null'
contains stdout '"name": "digits"'
refused "28" energy --scene ring --in plain.idx --out no.csv

if [ -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]; then
    run 0 train --scene fashion_mnist --iterations 1 --set sampler.steps=1 --set train.batch=8 --set buffer.size=16 --out fashion
    exists fashion/last.safetensors
fi
