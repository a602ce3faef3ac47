# scenes and params.
run 0 scenes
for scene in eight_gaussians two_moons two_spirals swiss_roll checkerboard rings pinwheel grid_gaussians \
    two_moons_published two_moons_classes two_moons_flow two_moons_vae two_moons_scores fashion_mnist_scores fashion_mnist_flow fashion_mnist_vae \
    fashion_mnist_pixelcnn fashion_mnist_classes fashion_mnist_classes_new sprites sprites_trained cifar10 \
    cifar10_classes imagenet32_classes imagenet128_classes points gaussian_mixture double_well banana funnel \
    ring muller_brown ring_and_wells ring_or_banana ring_not_left sprites_colour sprites_position sprites_composed fashion_mnist fashion_mnist_classifier fashion_mnist_classifier_new \
    fashion_mnist_flow_trained fashion_mnist_vae_trained \
    fashion_mnist_pixelcnn_trained fashion_mnist_autoencoder fashion_mnist_trained fashion_mnist_convnet; do
    grep -qE "^  $scene +[A-Z0-9]" stdout || fail "scene $scene is not listed"
done
[ ! -s stderr ] || fail "scenes: $(cat stderr)"

run 0 params
cp stdout plain
for key in data.set sampler.step_size sampler.kind train.seed train.checkpoint_every view.field; do
    contains plain "$key"
done
contains plain "langevin, mala"
run 0 params --markdown
[ "$(grep -c '^| `' stdout)" -ge 40 ] || fail "few settings in the Markdown tables"
[ "$(grep '^| `' stdout | grep -o '[^\\]|' | wc -l)" -eq $((8 * $(grep -c '^| `' stdout))) ] || fail "ragged Markdown"
run 0 params --json
contains stdout '"key": "sampler.step_size"'
[ "$(grep -c '"key":' stdout)" -eq "$(grep -cE '^  [a-z]+\.[a-z0-9_]+  \(' plain)" ] || fail "JSON and text differ"

run 0 lessons
for lesson in tour density force langevin temperature modes metropolis partition digging buffer divergence pictures outliers classes composition; do
    grep -qE "^$lesson +[A-Z]" stdout || fail "lesson $lesson is not listed"
done
[ ! -s stderr ] || fail "lessons: $(cat stderr)"
cp stdout lessons.txt
run 0 lesson --help
for example in $(sed -nE 's/^  ebmlab (lesson )?([a-z]+)$/\2/p' stdout); do
    grep -qE "^$example +[A-Z]" lessons.txt || fail "lesson --help has the example $example, which is no lesson"
done
refused "There is no lesson 'densty'. Did you mean density?" lesson densty
# A lecturer's own: listed below the others, a broken one said in the log.
export XDG_CONFIG_HOME=$PWD/config
mkdir -p config/ebmlab/lessons
lesson() { # lesson TITLE SCENE PANEL
    printf -- '---\ntitle: %s\nabout: Mine.\nminutes: 3\nscene: %s\nlayout: %s\n---\n## Look\nThere.\n' "$@"
}
lesson "My own" ring landscape >config/ebmlab/lessons/mine.md
lesson "Broken" rnig landscape >config/ebmlab/lessons/broken.md
run 0 lessons
grep -A1 -x "Your own lessons" stdout | grep -q "^mine  .*My own (3 min). Mine." || fail "an own lesson is not listed"
grep -q "^broken " stdout && fail "a broken lesson is listed"
contains stderr "There is no scene 'rnig' ($PWD/config/ebmlab/lessons/broken.md, line 5). Did you mean ring?"
rm config/ebmlab/lessons/broken.md
refused "Did you mean mine?" lesson mien
lesson "Elsewhere" ring landscap >elsewhere.md
refused "There is no panel 'landscap' (elsewhere.md, line 6). Did you mean landscape?" elsewhere.md
refused "There is no panel 'landscap'" lesson elsewhere.md
lesson "Taken" ring landscape >density.md
refused "A built-in lesson is called 'density', too" density.md
echo "No header" >notes.md
refused "The header is missing (notes.md, line 1)" notes.md
refused "text of the scene is damaged" ebmlab-scene-1:AAAA
refused "another version" ebmlab-scene-9:AAAA
