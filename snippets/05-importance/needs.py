import edgedocs
from edgedocs import quantizers
from edgedocs.converters.gguf import plan
from edgedocs.quantizers import recipes

formats = [quantizers.get(name) for name in quantizers.names()]
uses = [form.name for form in formats if form.uses_importance]
needs = [form.name for form in formats if form.needs_importance]
iq = [form.name for form in formats if form.name.startswith("IQ")]

checkpoint = edgedocs.Checkpoint.open("tiny")
refused = []
for name in recipes.names():
    try:
        plan(checkpoint, name)  # chooses a format for each tensor, and writes nothing
    except edgedocs.BadInput:
        refused.append(name)

print("formats that use importance  ", *uses)
print("formats that do not          ", *(form.name for form in formats if form.name not in uses))
print("IQ formats that do without it", *(name for name in iq if name not in needs))
print("recipes refused without it   ", *refused)

used, of_iq, needed = len(uses), len(iq), len(needs)
assert set(needs) < set(iq) < set(uses)
