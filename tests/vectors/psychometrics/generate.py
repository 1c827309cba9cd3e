#!/usr/bin/env python3
"""Expected values for tests/exam/psychometrics: textbook definitions in 60-digit decimal arithmetic. Derivatives are central differences
of the probabilities themselves (error about 1e-30), so that no derivation is shared with the code under test.

    python3 tests/vectors/psychometrics/generate.py > tests/vectors/psychometrics/vectors.hpp

Models: Birnbaum in Lord & Novick (1968); Samejima (1969); Masters (1982); Muraki (1992); Bock (1972). Estimators: Warm (1989); Bock & Mislevy
(1982). Criteria: Chang & Ying (1996); Veerkamp & Berger (1997); van der Linden (1998); definitions as in exam/adaptive/criterion.hpp.
"""
from decimal import Decimal as D, getcontext

getcontext().prec = 60
H = D(10) ** -15


def sigma(x):
    return 1 / (1 + (-x).exp())


def parse(row):
    name, model, a, b, c, d = (row.split(",") + ["", ""])[:6]
    numbers = lambda s: [D(x) for x in s.split(";")]
    return name, model, numbers(a), numbers(b), D(c or 0), D(d or 1)


def probabilities(item, t):
    _, model, a, b, c, d = item
    if model in ("1PL", "2PL", "3PL", "4PL"):
        p = c + (d - c) * sigma(a[0] * (t - b[0]))
        return [1 - p, p]
    if model == "GRM":
        star = [D(1)] + [sigma(a[0] * (t - x)) for x in b] + [D(0)]
        return [star[k] - star[k + 1] for k in range(len(b) + 1)]
    if model == "NRM":
        z = [x * t + y for x, y in zip(a, b)]
    else:
        z = [D(0)]
        for x in b:
            z.append(z[-1] + a[0] * (t - x))
    top = max(z)
    e = [(x - top).exp() for x in z]
    return [x / sum(e) for x in e]


def log_p(item, k, t):
    return probabilities(item, t)[k].ln()


def first(item, k, t):
    return (log_p(item, k, t + H) - log_p(item, k, t - H)) / (2 * H)


def second(item, k, t):
    return (log_p(item, k, t + H) - 2 * log_p(item, k, t) + log_p(item, k, t - H)) / (H * H)


def info(item, t):
    lo, mid, hi = probabilities(item, t - H), probabilities(item, t), probabilities(item, t + H)
    return sum(((u - l) / (2 * H)) ** 2 / m for l, m, u in zip(lo, mid, hi))


def bias(item, t):
    lo, mid, hi = probabilities(item, t - H), probabilities(item, t), probabilities(item, t + H)
    return sum(((u - l) / (2 * H)) * ((u - 2 * m + l) / (H * H)) / m for l, m, u in zip(lo, mid, hi))


def d_info(item, t):
    h = D(10) ** -10
    return (info(item, t + h) - info(item, t - h)) / (2 * h)


ROWS = ["i1,2PL,1.2,-0.4", "i2,3PL,1.6,0.8,0.25", "i3,4PL,0.9,-1,0.15,0.95", "i4,1PL,1,0.3", "i5,GRM,1.3,-1;0.2;1.1", "i6,GPCM,0.8,0.5;-0.7;1.2",
        "i7,PCM,1,-0.5;0.5", "i8,NRM,0;0.7;1.4;-0.3,0;0.2;-0.5;0.4", "i9,2PL,4,1.5", "i10,3PL,0.2,0,0.5", "i11,2PL,2.5,-6", "i12,3PL,0.8,6,0.1"]
BANK = [parse(r) for r in ROWS]
NODES = [D(i - 60) / 10 for i in range(121)]


def f(x):
    return f"{x:.20e}"


def log_likelihood(row, t):
    return sum(log_p(BANK[i], k, t) for i, k in row)


def score_function(kind, row, t, mean, sd):
    s = sum(first(BANK[i], k, t) for i, k in row)
    if kind == "map":
        s -= (t - mean) / (sd * sd)
    if kind in ("wle", "jeffreys"):
        total = sum(info(BANK[i], t) for i, _ in row)
        extra = sum((bias if kind == "wle" else d_info)(BANK[i], t) for i, _ in row)
        s += extra / (2 * total)
    return s


def objective(kind, row, t, mean, sd):
    value = log_likelihood(row, t)
    if kind == "map":
        value -= (t - mean) ** 2 / (2 * sd * sd)
    if kind == "jeffreys":
        value += sum(info(BANK[i], t) for i, _ in row).ln() / 2
    return value


def estimate(kind, row, mean, sd):
    """theta, se, se_observed ('nan' where there is none), status."""
    if kind == "eap":
        w = [(log_likelihood(row, t) - (t - mean) ** 2 / (2 * sd * sd)).exp() for t in NODES]
        total = sum(w)
        m = sum(x * t for x, t in zip(w, NODES)) / total
        se = (sum(x * (t - m) ** 2 for x, t in zip(w, NODES)) / total).sqrt()
        observed = 1 / (sd * sd) - sum(second(BANK[i], k, m) for i, k in row)
        return m, se, 1 / observed.sqrt(), "ok"
    getcontext().prec = 50
    grid = [D(i) / 10 for i in range(-60, 61)]
    values = [score_function(kind, row, t, mean, sd) for t in grid]
    candidates = []
    if values[0] <= 0:
        candidates.append((grid[0], "at_bound"))
    for i in range(len(grid) - 1):
        if values[i] > 0 >= values[i + 1]:
            lo, hi = grid[i], grid[i + 1]
            for _ in range(60):
                mid = (lo + hi) / 2
                if score_function(kind, row, mid, mean, sd) > 0:
                    lo = mid
                else:
                    hi = mid
            candidates.append(((lo + hi) / 2, "ok"))
    if values[-1] > 0:
        candidates.append((grid[-1], "at_bound"))
    getcontext().prec = 60
    if len(candidates) > 1 and kind == "wle":
        return None  # several roots: which counts is a convention, not a definition
    best = max(candidates, key=lambda c: objective(kind, row, c[0], mean, sd))
    extra = 1 / (sd * sd) if kind == "map" else D(0)
    expected = extra + sum(info(BANK[i], best[0]) for i, _ in row)
    observed = extra - sum(second(BANK[i], k, best[0]) for i, k in row)
    return best[0], 1 / expected.sqrt(), (1 / observed.sqrt() if observed > 0 else D("NaN")), best[1]


print("// Made by tests/vectors/psychometrics/generate.py; python3's decimal module, 60 digits.")
print("#pragma once\n")
print('inline constexpr char const* psychometric_bank = R"csv(item,model,a,b,c,d')
for r in ROWS:
    print(r + "," * (5 - r.count(",")))
print(')csv";\n')

print("struct CategoryVector { int item; double theta; int category; double probability, log_probability, first, second; };")
print("inline constexpr CategoryVector category_vectors[] = {")
THETAS = [D(x) for x in ("-6", "-2.35", "-0.4", "0", "1.1", "6")]
for n, item in enumerate(BANK):
    for t in THETAS:
        for k, p in enumerate(probabilities(item, t)):
            print(f"    {{{n}, {t}, {k}, {f(p)}, {f(p.ln())}, {f(first(item, k, t))}, {f(second(item, k, t))}}},")
print("};\n")
print("struct InformationVector { int item; double theta, information, derivative, bias; };")
print("inline constexpr InformationVector information_vectors[] = {")
for n, item in enumerate(BANK):
    for t in THETAS:
        print(f"    {{{n}, {t}, {f(info(item, t))}, {f(d_info(item, t))}, {f(bias(item, t))}}},")
print("};\n")

# Rows of answers to i1 … i12: '.' not administered.
PATTERNS = ["101121130101", "011120200...", "1.0.3.2.1...", "000000000000", "1111332311.1", "0100.1.2....", "........10..", ".1.......0..", "1...........", "....2......."]
print("struct ScoreVector { char const* row; char const* estimator; double prior_mean, prior_sd, theta, se, se_observed; char const* status; };")
print("// NaN: there is none.")
print("inline constexpr double none = __builtin_nan(\"\");")
print("inline constexpr ScoreVector score_vectors[] = {")
for pattern in PATTERNS:
    row = [(i, int(ch)) for i, ch in enumerate(pattern) if ch != "."]
    for kind in ("mle", "map", "eap", "wle", "jeffreys"):
        for mean, sd in ((D(0), D(1)),) + (((D("-0.5"), D("0.8")),) if kind in ("map", "eap") else ()):
            result = estimate(kind, row, mean, sd)
            if result is None:
                continue
            theta, se, observed, status = result
            print(f'    {{"{pattern}", "{kind}", {mean}, {sd}, {f(theta)}, {f(se)}, {"none" if observed.is_nan() else f(observed)}, "{status}"}},')
print("};\n")

# Selection: i1, i5 and i9 were answered; theta^ is the EAP on the 121 nodes.
ANSWERED = [(0, 1), (4, 1), (8, 0)]
FREE = [1, 2, 3, 5, 6, 7, 9, 11]


def normalised(weights):
    total = sum(weights)
    return [w / total for w in weights]


LIKELIHOOD = normalised([log_likelihood(ANSWERED, t).exp() for t in NODES])
POSTERIOR = normalised([(log_likelihood(ANSWERED, t) - t * t / 2).exp() for t in NODES])
THETA = sum(w * t for w, t in zip(POSTERIOR, NODES))


def kl(item, t):
    return sum(p * (p.ln() - q.ln()) for p, q in zip(probabilities(item, THETA), probabilities(item, t)))


def after(item, k):
    w = normalised([u * probabilities(item, t)[k] for u, t in zip(POSTERIOR, NODES)])
    m = sum(x * t for x, t in zip(w, NODES))
    return m, sum(x * (t - m) ** 2 for x, t in zip(w, NODES))


def interval(item):
    delta = 3 / D(len(ANSWERED)).sqrt()
    lo, hi = max(THETA - delta, NODES[0]), min(THETA + delta, NODES[-1])
    total = D(0)
    for i, t in enumerate(NODES):
        left = t if i == 0 else (NODES[i - 1] + t) / 2
        right = t if i == 120 else (t + NODES[i + 1]) / 2
        total += max(D(0), min(right, hi) - max(left, lo)) * kl(item, t)
    return total


def mei(item, predictive, expected):
    total = D(0)
    for k in range(len(probabilities(item, THETA))):
        p = sum(u * probabilities(item, t)[k] for u, t in zip(POSTERIOR, NODES)) if predictive else probabilities(item, THETA)[k]
        m, _ = after(item, k)
        total += p * (info(item, m) if expected else -second(item, k, m))
    return total


def mepv(item, predictive):
    total = D(0)
    for k in range(len(probabilities(item, THETA))):
        p = sum(u * probabilities(item, t)[k] for u, t in zip(POSTERIOR, NODES)) if predictive else probabilities(item, THETA)[k]
        total += p * after(item, k)[1]
    return total


CRITERIA = {
    "mfi": lambda j: info(j, THETA),
    "cut": lambda j: info(j, D("0.7")),
    "kl": lambda j: sum(w * kl(j, t) for w, t in zip(LIKELIHOOD, NODES)),
    "klp": lambda j: sum(w * kl(j, t) for w, t in zip(POSTERIOR, NODES)),
    "kl-interval": interval,
    "mlwi": lambda j: sum(w * info(j, t) for w, t in zip(LIKELIHOOD, NODES)),
    "mpwi": lambda j: sum(w * info(j, t) for w, t in zip(POSTERIOR, NODES)),
    "mei": lambda j: mei(j, False, False),
    "mei expected": lambda j: mei(j, False, True),
    "mei posterior": lambda j: mei(j, True, False),
    "mepv": lambda j: mepv(j, False),
    "mepv posterior": lambda j: mepv(j, True),
}
print(f"inline constexpr double selection_theta = {f(THETA)};")
print("struct SelectionVector { char const* criterion; int item; double value; };")
print("inline constexpr SelectionVector selection_vectors[] = {")
for name, value in CRITERIA.items():
    for n in FREE:
        print(f'    {{"{name}", {n}, {f(value(BANK[n]))}}},')
print("};")
