from edgedocs import quantizers
from edgedocs.precision import precision_class, saving

formats = sorted((quantizers.get(name) for name in quantizers.names()), key=lambda form: form.bits_per_weight)
print("format   bytes/weights     bits  of 16 bits  of 32 bits  class")
for form in formats:
    block = f"{form.block_bytes}/{form.block_size}"
    bits = form.bits_per_weight
    saved = f"{saving(bits, 16):9.2%}  {saving(bits, 32):9.2%}"
    print(f"{form.name:8} {block:>13}  {bits:7.4f}  {saved}   {precision_class(bits).name}")

lowest = formats[0].bits_per_weight
q4_0, q5_1, q8_0 = (quantizers.get(name).bits_per_weight for name in ("q4_0", "q5_1", "q8_0"))
q4_0_of_16, q5_1_of_16, q8_0_of_16 = (saving(bits, 16) for bits in (q4_0, q5_1, q8_0))
q4_0_of_32, q5_1_of_32, q8_0_of_32 = (saving(bits, 32) for bits in (q4_0, q5_1, q8_0))

# The baseline that would make each circulating claim true: bits / (1 - claimed saving).
baselines = [bits / (1 - claim) for bits, claim in ((q4_0, 0.75), (q5_1, 0.70), (q8_0, 0.50))]
q4_0_baseline, q5_1_baseline, q8_0_baseline = baselines
assert max(baselines) - min(baselines) > 1
