#!/usr/bin/env python3
"""Expected values for tests/exam/irt_test.cpp and posterior_test.cpp: 50-digit decimal arithmetic, straight from the textbook
formulas (Birnbaum in Lord & Novick 1968; Bock & Mislevy 1982), sharing nothing with the code under test.

    python3 tests/vectors/irt/generate.py > tests/vectors/irt/vectors.hpp
"""
from decimal import Decimal as D, getcontext

getcontext().prec = 50


def p3(a, b, c, t):
    return c + (1 - c) / (1 + (-a * (t - b)).exp())


def information(a, b, c, t):
    p = p3(a, b, c, t)
    return a * a * (1 - p) / p * ((p - c) / (1 - c)) ** 2


def eap(mean, sd, answers):
    nodes = [D(i - 60) / 10 for i in range(121)]
    w = []
    for t in nodes:
        v = (-(t - mean) ** 2 / (2 * sd * sd)).exp()
        for (a, b, c), right in answers:
            p = p3(a, b, c, t)
            v *= p if right else 1 - p
        w.append(v)
    total = sum(w)
    m = sum(x * t for x, t in zip(w, nodes)) / total
    return m, (sum(x * (t - m) ** 2 for x, t in zip(w, nodes)) / total).sqrt()


ITEMS = [("1", "0", "0"), ("1.2", "-0.4", "0.2"), ("0.2", "0", "0.25"), ("4", "1.5", "0"), ("2.5", "-6", "0.5"), ("0.8", "6", "0.1"),
         ("1.7", "0.3", "0.17")]
THETAS = ["-6", "-2.35", "-0.4", "0", "1.1", "6"]


def f(x):
    return f"{x:.20e}"


print("// Made by tests/vectors/irt/generate.py; python3's decimal module, 50 digits.")
print("#pragma once\n")
print("struct IrtVector { double a, b, c, theta, probability, information; };")
print("inline constexpr IrtVector irt_vectors[] = {")
for a, b, c in ITEMS:
    for t in THETAS:
        args = [D(x) for x in (a, b, c, t)]
        print(f"    {{{a}, {b}, {c}, {t}, {f(p3(*args))}, {f(information(*args))}}},")
print("};\n")

BANK = [(D(x), D(y), D(z)) for x, y, z in
        [("1.1", "0", "0.2"), ("0.9", "-1", "0.15"), ("1.6", "0.8", "0.25"), ("2.1", "1.3", "0.2"), ("0.7", "-2.2", "0"), ("1.4", "0.4", "0.1")]]
PATTERNS = ["", "1", "0", "111111", "000000", "101010", "110100", "001011"]
print("struct EapVector { double prior_mean, prior_sd; char const* answers; double theta, standard_error; };")
print("// The items of bank[] in their order: a, b, c.")
print("inline constexpr double eap_bank[][3] = {" + ", ".join("{%s, %s, %s}" % x for x in BANK) + "};")
print("inline constexpr EapVector eap_vectors[] = {")
for mean, sd in (("0", "1"), ("-0.5", "0.8")):
    for pattern in PATTERNS:
        m, s = eap(D(mean), D(sd), [(BANK[i], ch == "1") for i, ch in enumerate(pattern)])
        print(f'    {{{mean}, {sd}, "{pattern}", {f(m)}, {f(s)}}},')
# A long test: the same six items twenty times, all right and alternating, where raw likelihoods underflow in places.
for name, pattern in (("all right", "1" * 120), ("alternating", "10" * 60)):
    m, s = eap(D(0), D(1), [(BANK[i % 6], ch == "1") for i, ch in enumerate(pattern)])
    print(f'    {{0, 1, "{pattern}", {f(m)}, {f(s)}}}, // {name}')
print("};")
