#!/usr/bin/env bash
# layers.sh ROOT: arrows between the folders point down only, and no file outgrows its reader.
cd "$1" || exit 1
status=0
refuse() { # refuse WHAT MATCHES
    [ -z "$2" ] && return
    printf '%s:\n%s\n' "$1" "$2"
    status=1
}
refuse "LibTorch under app/" "$(grep -rlE '#include *[<"](torch|ATen|c10)/' app)"
refuse "core headers that bring LibTorch into app/" "$(grep -rhoE '#include "core/[^"]+"' app | sed -E 's/.*"(.*)"/\1/' | sort -u | xargs grep -lE '#include *[<"](torch|ATen|c10)/|#include "core/(base/tensor|energy|sample|learn/(learner|contrastive|draws|optimizer))')"
# app/: draw < window < panels < the files of app/ itself (they put panels into the window) < cli < main.cpp.
sees_only() { # sees_only "FILES" "FOLDERS OR FILES OF app/ THAT THEY MAY INCLUDE"
    refuse "app/ upside down: $1 may include only $2 of app/" \
        "$(grep -oE '#include "app/[^"]+"' $(find $1 -name '*.cpp' -o -name '*.h') /dev/null | grep -vE "\"app/($2)")"
}
sees_only "app/draw" "draw/"
sees_only "app/window" "(draw|window)/"
sees_only "app/panels" "(draw|window|panels)/"
sees_only "app/program.cpp app/program.h app/render.cpp app/render.h app/run.cpp app/run.h" "(draw|window|panels)/|[a-z_]+\.h"
sees_only "app/cli" "cli/|[a-z_]+\.h"
sees_only "app/main.cpp" "cli/"
refuse "files of app/ that no rule above names" "$(find app -maxdepth 1 -name '*.cpp' -o -maxdepth 1 -name '*.h' | grep -vE '^app/((program|render|run)\.(cpp|h)|main\.cpp)$')"
refuse "all of LibTorch, where core/base/tensor.h would do and compile twice as fast" "$(grep -rlE '#include *<torch/torch\.h>' app core tests)"
refuse "window libraries under core/" "$(grep -rlE '#include *[<"](imgui|implot|GLFW|GL/)' core)"
refuse "networks that see more than core/base" "$(grep -rhoE '#include "core/[^"]+"' core/network | grep -vE 'core/(network|base)/' | sort -u)"
# core/: store, settings < data; network < kernels < energy < density, sample < measure < learn < lab.
core_sees_only() { # core_sees_only FOLDER "FOLDERS OF core/ THAT IT MAY INCLUDE" [HEADER]
    refuse "core/ upside down: core/$1 may include only $2" \
        "$(grep -roE '#include "core/[^"]+"' "core/$1" | grep -vE "\"core/(($2|$1)/|${3:-nothing else}\")")"
}
core_sees_only base nothing
core_sees_only store "base"
core_sees_only settings "base"
core_sees_only data "base|settings|store" "kernels/parallel[.]h" # which deals work to threads
core_sees_only energy "base|settings|data|network|kernels|cuda"
core_sees_only density "base|settings|network|kernels|energy"
core_sees_only sample "base|settings|kernels|energy"
core_sees_only measure "base|settings|store|network|energy|sample"
core_sees_only learn "base|settings|kernels|energy|density|sample|measure"
# Of core/lab, what the laboratory is made of does not see the laboratory, nor this the engine thread.
refuse "core/lab upside down: its parts may not include laboratory.h" \
    "$(grep -lE '#include "core/lab/(laboratory|parts)\.h"' core/lab/*.h | grep -vE 'core/lab/(parts|sample_judge)\.h')"
refuse "core/lab upside down: only these include the engine thread" \
    "$(grep -lE '#include "core/lab/session\.h"' core/lab/*.h | grep -vE 'core/lab/(laboratory|benchmark)\.h')"
refuse "kernels that see more than core/base and core/network" "$(grep -rhoE '#include "core/[^"]+"' core/kernels | grep -vE 'core/(kernels|network|base)/' | sort -u)"
refuse "GPU code that sees more than core/base, core/kernels and core/network" "$(grep -rhoE '#include "core/[^"]+"' core/cuda | grep -vE 'core/(cuda|kernels|network|base)/' | sort -u)"
refuse "networks by LibTorch that see more than the GPU code, core/kernels and below" "$(grep -rhoE '#include "core/[^"]+"' core/libtorch | grep -vE 'core/(libtorch|cuda|kernels|network|base)/' | sort -u)"
refuse "code that sees core/libtorch, which is loaded at run time" "$(grep -rlE '#include "core/libtorch/' app core --include=*.cpp --include=*.h | grep -v '^core/libtorch/')"
refuse "code that sees inside the GPU library, which is loaded at run time" "$(grep -rlE '#include "core/cuda/' app core --include=*.cpp --include=*.h | grep -vE '^core/(cuda|libtorch)/' | xargs grep -hoE '#include "core/cuda/[^"]+"' | grep -v 'library\.h' | sort -u)"
refuse "CUDA headers outside core/cuda" "$(grep -rlE '#include *<(cuda|nvrtc)\.h>' app core tests | grep -v '^core/cuda/')"
refuse "files above 600 lines" "$(find app core tests shaders -name '*.cpp' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' | xargs wc -l | awk '$1 > 600 && $2 != "total"')"
exit $status
