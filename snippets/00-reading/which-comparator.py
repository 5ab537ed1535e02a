import math

recorded, other_machine, other_model = 16.957, 16.951, 17.590

for name, value in (("other machine", other_machine), ("other model", other_model)):
    exact = f"{value:.3f}" == f"{recorded:.3f}"
    approximate = math.isclose(value, recorded, rel_tol=0.01)
    print(f"{name:14} exact: {exact!s:6} approx, rtol 0.01: {approximate}")
