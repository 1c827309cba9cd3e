#!/usr/bin/env python3
"""Expected values for tests/exam/calibration: 50-digit decimals, straight from the definitions and by brute force (every response pattern
is enumerated where the code uses a recursion or a formula), sharing nothing with the code under test.

    python3 tests/vectors/calibration/generate.py > tests/vectors/calibration/vectors.hpp

Sources: Bock & Aitkin (1981) for the marginal likelihood; Drasgow, Levine & Williams (1985), Snijders (2001), Sinharay (2016) for lz and
lz*; Orlando & Thissen (2000) and Kang & Chen (2008) for S-X2; Maydeu-Olivares & Joe (2006), Cai & Monroe (2014) for M2 and C2.
"""
from decimal import Decimal as D, getcontext
from itertools import product

getcontext().prec = 50


def exp(x): return D(x).exp()
def ln(x): return D(x).ln()


# ---- models: (kind, a, b, c, d) -> category probabilities at theta

def logistic(x): return 1 / (1 + exp(-x))


def probabilities(item, t):
    kind, a, b, c, d = item
    if kind in ("1PL", "2PL", "3PL", "4PL"):
        p = c + (d - c) * logistic(a[0] * (t - b[0]))
        return [1 - p, p]
    if kind == "GRM":
        above = [D(1)] + [logistic(a[0] * (t - x)) for x in b] + [D(0)]
        return [above[k] - above[k + 1] for k in range(len(b) + 1)]
    if kind in ("GPCM", "PCM"):
        z = [D(0)]
        for x in b:
            z.append(z[-1] + a[0] * (t - x))
    else:  # NRM
        z = [a[k] * t + b[k] for k in range(len(a))]
    e = [exp(x) for x in z]
    return [x / sum(e) for x in e]


def item(kind, a, b, c="0", d="1"):
    return (kind, [D(x) for x in a.split(";")], [D(x) for x in b.split(";")], D(c), D(d))


MIXED = [item("2PL", "1.3", "-0.4"), item("3PL", "0.9", "0.6", "0.18"), item("GRM", "1.1", "-1.2;0.1;0.9"), item("GPCM", "0.8", "0.5;-0.6"),
         item("NRM", "0;0.7;1.4", "0;0.5;-0.3"), item("4PL", "1.6", "0.2", "0.1", "0.93"), item("1PL", "1.05", "-0.8"), item("PCM", "1.05", "-0.5;0.7")]

# ---- marginal log likelihood of a few rows, missing included

ROWS = [[1, 0, 2, 1, 2, 1, 1, 2], [0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 3, 2, 2, 1, 1, 2], [None, 1, 1, None, 1, 0, None, 1], [1, None, None, None, None, None, None, None],
        [0, 1, 3, 0, 1, 1, 0, 0], [1, 0, 2, 1, 2, 1, 1, 2]]


def marginal(items, rows, mean, sd):
    nodes = [D(-6) + D(12) * q / 60 for q in range(61)]
    w = [exp(-((t - mean) / sd) ** 2 / 2) for t in nodes]
    total = sum(w)
    table = [[probabilities(i, t) for i in items] for t in nodes]
    result = D(0)
    for row in rows:
        s = D(0)
        for q in range(61):
            l = w[q] / total
            for i, x in enumerate(row):
                if x is not None:
                    l *= table[q][i][x]
            s += l
        result += ln(s)
    return result


# ---- person fit at a given theta

def derivative(f, t, h=D("1e-12")):
    """Central difference: with 50 digits its error is about 1e-24."""
    return (f(t + h) - f(t - h)) / (2 * h)


def second(f, t, h=D("1e-9")):
    return (f(t + h) - 2 * f(t) + f(t - h)) / (h * h)


def information(items, t):
    s = D(0)
    for i in items:
        p = probabilities(i, t)
        for k in range(len(p)):
            s += derivative(lambda u: probabilities(i, u)[k], t) ** 2 / p[k]
    return s


def person(items, row, t, estimator, prior=(D(0), D(1))):
    l = e = var = num = den = D(0)
    residual = variance = outfit = D(0)
    parts = []
    for i, x in zip(items, row):
        p = probabilities(i, t)
        slope = [derivative(lambda u: probabilities(i, u)[k], t) for k in range(len(p))]
        w = [ln(v) for v in p]
        l += w[x]
        e += sum(a * b for a, b in zip(p, w))
        var += sum(a * b * b for a, b in zip(p, w)) - sum(a * b for a, b in zip(p, w)) ** 2
        num += sum(s * v for s, v in zip(slope, w))
        den += sum(s * s / v for s, v in zip(slope, p))
        parts.append((p, w, [s / v for s, v in zip(slope, p)]))
        m = sum(k * v for k, v in enumerate(p))
        v = sum((k - m) ** 2 * q for k, q in enumerate(p))
        residual += (x - m) ** 2
        variance += v
        outfit += (x - m) ** 2 / v
    c = num / den
    corrected = D(0)
    for p, w, r in parts:
        v = [a - c * b for a, b in zip(w, r)]
        corrected += sum(a * b * b for a, b in zip(p, v)) - sum(a * b for a, b in zip(p, v)) ** 2
    if estimator == "mle":
        r0 = D(0)
    elif estimator == "map":
        r0 = -(t - prior[0]) / prior[1] ** 2
    elif estimator == "wle":
        j = D(0)
        for i in items:
            p = probabilities(i, t)
            for k in range(len(p)):
                f = lambda u: probabilities(i, u)[k]
                j += derivative(f, t) * second(f, t) / p[k]
        r0 = j / (2 * den)
    else:
        r0 = derivative(lambda u: information(items, u), t, D("1e-8")) / (2 * den)
    return dict(l=l, lz=(l - e) / var.sqrt(), lz_star=(l - e + c * r0) / corrected.sqrt(), infit=residual / variance, outfit=outfit / len(items))


# ---- S-X2 by enumeration

def population(nodes=121, mean=D(0), sd=D(1)):
    t = [D(-6) + D(12) * q / (nodes - 1) for q in range(nodes)]
    w = [exp(-((x - mean) / sd) ** 2 / 2) for x in t]
    s = sum(w)
    return t, [x / s for x in w]


def pattern_probabilities(items):
    nodes, weights = population()
    table = [[probabilities(i, t) for i in items] for t in nodes]
    result = {}
    for pattern in product(*[range(len(table[0][i])) for i in range(len(items))]):
        s = D(0)
        for q in range(len(nodes)):
            l = weights[q]
            for i, x in enumerate(pattern):
                l *= table[q][i][x]
            s += l
        result[pattern] = s
    return result


def s_x2(items, counts, target, own):
    """Two categories: groups joined from the ends, alternating; more: categories of a group joined."""
    p = pattern_probabilities(items)
    top = sum(len(probabilities(i, D(0))) - 1 for i in items)
    k = len(probabilities(items[target], D(0)))
    groups = []
    for s in range(1, top):
        n = sum(c for x, c in counts.items() if sum(x) == s)
        if n == 0:
            continue
        total = sum(v for x, v in p.items() if sum(x) == s)
        groups.append(([sum(c for x, c in counts.items() if sum(x) == s and x[target] == u) for u in range(k)],
                       [n * sum(v for x, v in p.items() if sum(x) == s and x[target] == u) / total for u in range(k)]))
    add = lambda a, b: ([x + y for x, y in zip(a[0], b[0])], [x + y for x, y in zip(a[1], b[1])])
    sparse = lambda g: min(g[1]) < 1
    if k == 2:
        low = True
        while len(groups) > 1:
            if sparse(groups[0]) and (low or not sparse(groups[-1])):
                groups = [add(groups[0], groups[1])] + groups[2:]
            elif sparse(groups[-1]):
                groups = groups[:-2] + [add(groups[-2], groups[-1])]
            else:
                break
            low = not low
    else:
        for o, e in groups:
            while len(e) > 1 and min(e) < 1:
                j = e.index(min(e))
                n = 1 if j == 0 else j - 1 if j == len(e) - 1 or e[j - 1] < e[j + 1] else j + 1
                o[n] += o[j]
                e[n] += e[j]
                del o[j], e[j]
    statistic = sum((o - e) ** 2 / e for g in groups for o, e in zip(*g))
    return statistic, sum(len(g[1]) - 1 for g in groups) - own


# ---- M2, C2 from all patterns

def solve(a, b):
    """Gaussian elimination with pivoting; b a list of columns."""
    n = len(a)
    m = [list(a[i]) + [c[i] for c in b] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(m[r][i]))
        m[i], m[pivot] = m[pivot], m[i]
        for r in range(n):
            if r != i and m[r][i] != 0:
                f = m[r][i] / m[i][i]
                m[r] = [x - f * y for x, y in zip(m[r], m[i])]
    return [[m[i][n + c] / m[i][i] for i in range(n)] for c in range(len(b))]


def limited(items, counts, functions, parameters):
    """functions: of a pattern; parameters: (item, field, position) perturbed one at a time."""
    base = pattern_probabilities(items)
    patterns = list(base)
    f = {x: [g(x) for g in functions] for x in patterns}
    m = len(functions)
    mean = lambda p: [sum(p[x] * f[x][r] for x in patterns) for r in range(m)]
    mu = mean(base)
    xi = [[sum(base[x] * f[x][r] * f[x][c] for x in patterns) - mu[r] * mu[c] for c in range(m)] for r in range(m)]
    delta = []
    h = D("1e-15")
    for i, field, position in parameters:
        def moved(sign):
            changed = list(items)
            new = [list(v) if isinstance(v, list) else v for v in changed[i]]
            new[field][position] += sign * h
            changed[i] = tuple(new)
            return mean(pattern_probabilities(changed))
        up, down = moved(1), moved(-1)
        delta.append([(a - b) / (2 * h) for a, b in zip(up, down)])
    n = sum(counts.values())
    observed = [sum(D(c) * f[x][r] for x, c in counts.items()) / n for r in range(m)]
    e = [a - b for a, b in zip(observed, mu)]
    columns = solve(xi, [e] + delta)
    xe, xd = columns[0], columns[1:]
    dot = lambda a, b: sum(x * y for x, y in zip(a, b))
    gram = [[dot(a, b) for b in xd] for a in delta]
    projected = [dot(d, xe) for d in delta]
    weights = solve(gram, [projected])[0]
    return n * (dot(e, xe) - dot(projected, weights)), m - len(parameters)


FIT = [item("2PL", "1.2", "-0.5"), item("2PL", "0.8", "0.3"), item("2PL", "1.6", "0.9"), item("2PL", "1.0", "-1.1"), item("2PL", "1.4", "0.1")]
POLY = [item("GRM", "1.1", "-0.8;0.6"), item("GPCM", "0.9", "-0.3;0.4"), item("2PL", "1.3", "0.2"), item("GRM", "0.7", "-0.5;1.0")]


def sample(items, n, seed):
    """Counts from a small generator of our own, so that the table can be rebuilt anywhere."""
    state = seed
    def uniform():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return D(state >> 11) / D(2 ** 53)
    counts = {}
    for _ in range(n):
        t = sum(uniform() for _ in range(12)) - 6
        row = []
        for i in items:
            u, x = uniform(), 0
            for p in probabilities(i, t)[:-1]:
                if u < p:
                    break
                u -= p
                x += 1
            row.append(x)
        counts[tuple(row)] = counts.get(tuple(row), 0) + 1
    return counts


def number(x): return f"{x:.20e}"


def emit():
    print("// Made by tests/vectors/calibration/generate.py; python3's decimal module, 50 digits.")
    print("#pragma once\n")
    print("#include <vector>\n")
    print("namespace calibration_vectors {\n")
    print(f"inline constexpr double marginal_standard = {number(marginal(MIXED, ROWS, D(0), D(1)))};")
    print(f"inline constexpr double marginal_moved = {number(marginal(MIXED, ROWS, D('0.4'), D('0.8')))};\n")
    print("struct Person { int row; double theta; char const* estimator; double log_likelihood, lz, lz_star, infit, outfit; };")
    print("inline constexpr Person persons[] = {")
    for r, t, est in [(0, "0.3", "mle"), (0, "0.3", "map"), (2, "1.4", "wle"), (5, "-0.2", "wle"), (5, "-0.2", "jeffreys"), (1, "-2.1", "map")]:
        v = person(MIXED, ROWS[r], D(t), est)
        print(f'    {{{r}, {t}, "{est}", ' + ", ".join(number(v[k]) for k in ("l", "lz", "lz_star", "infit", "outfit")) + "},")
    print("};\n")
    for name, items, seed in (("fit", FIT, 11), ("poly", POLY, 12)):
        counts = sample(items, 400, seed)
        print(f"/// Rows of answers with their number.")
        print(f"inline std::vector<std::vector<int>> const {name}_rows = {{")
        for x in sorted(counts):
            print("    {" + ", ".join(map(str, x)) + f", {counts[x]}}},")
        print("};")
        own = [2] * 5 if name == "fit" else [3, 3, 2, 3]
        print(f"struct {name}_s_x2_entry {{ double statistic; int df; }};")
        print(f"inline constexpr {name}_s_x2_entry {name}_s_x2[] = {{")
        for i in range(len(items)):
            s, df = s_x2(items, counts, i, own[i])
            print(f"    {{{number(s)}, {df}}},")
        print("};")
        n = len(items)
        parameters = [(i, f, k) for i in range(n) for f in (1, 2) for k in range(len(items[i][f]))]
        functions = []
        for i in range(n):
            categories = len(probabilities(items[i], D(0)))
            functions += [lambda x, i=i, k=k: D(1 if x[i] == k else 0) for k in range(1, categories)]
        for i in range(n):
            functions += [lambda x, i=i, j=j: D(x[i] * x[j]) for j in range(i + 1, n)]
        s, df = limited(items, counts, functions, parameters)
        print(f"inline constexpr {name}_s_x2_entry {name}_limited = {{{number(s)}, {df}}};\n")
    print("} // namespace calibration_vectors")


emit()
