# A run that was stopped and resumed equals one that was never stopped, bit for bit.
run 0 train --scene eight_gaussians --iterations 60 "${small[@]}" --out whole
# Stops after the first iteration.
run 0 train --scene eight_gaussians --set train.iterations=60 --seconds 0.000001 "${small[@]}" --out parts
contains stdout "iteration 1 of 60"
contains stdout "ebmlab train --resume parts/last.safetensors"
cp -r parts elsewhere
run 0 train --resume parts/last.safetensors --iterations 60 --threads 1 --out parts
tensors whole/last.safetensors >a && tensors parts/last.safetensors >b && same a b
cut -d, -f1,3- whole/log.csv >a && cut -d, -f1,3- parts/log.csv >b && same a b
ls parts | grep -q earlier && fail "resuming in place renamed the run"

# Rows of the log beyond the checkpoint and a torn line are dropped.
tail -1 whole/log.csv >>elsewhere/log.csv
printf '61,0.5,tor' >>elsewhere/log.csv
run 0 train --scene eight_gaussians --resume elsewhere/last.safetensors "${small[@]}" --iterations 60 --out elsewhere
cut -d, -f1,3- elsewhere/log.csv >b && same a b

# Nothing left to do is not an error.
run 0 train --resume whole/last.safetensors --out whole
contains stdout "iteration 60 of 60"

refused "model.width = 8" train --scene eight_gaussians --resume whole/last.safetensors --out whole
refused "model.width" train --resume whole/last.safetensors --set model.width=16 --out whole
refused "train.seed" train --resume whole/last.safetensors --seed 7 --out whole
tensors whole/last.safetensors >c && tensors parts/last.safetensors >b && same c b

# Fewer iterations than are done are refused: there is nothing to train.
run 1 train --resume whole/last.safetensors --iterations 1 --threads 1 --out fewer
contains stderr "Nothing is left to train"
