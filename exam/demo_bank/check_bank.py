#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the demo item bank in this folder. Standard library only.

Prints the counts, then one line per problem; exits with 1 if there is any.
    python3 check_bank.py [folder]
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict

QTI = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
CP = "{http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1}"
USAGE = "{http://www.imsglobal.org/xsd/imsqti_usagedata_v3p0}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"

AREAS = ("storage", "queries", "replication", "security", "tls")
TYPES = ("single", "multiple", "order", "match", "text", "inline")
ITEMS_MIN, AREA_MIN, TYPE_MIN, TYPE_AREAS_MIN = 165, 32, 10, 3
RANGES = {"A-Parm": (0.5, 2.5), "B-Parm": (-3.0, 3.0), "C-Parm": (0.0, 0.35)}
RESPONSE_PROCESSING = {
    "qti-response-condition", "qti-response-if", "qti-response-else-if", "qti-response-else", "qti-and", "qti-match",
    "qti-equal", "qti-is-null", "qti-sum", "qti-variable", "qti-correct", "qti-base-value", "qti-map-response",
    "qti-set-outcome-value"}
HTML = {"p", "code", "pre", "em", "strong", "ul", "li"}
BODY = {
    "qti-choice-interaction", "qti-order-interaction", "qti-match-interaction", "qti-text-entry-interaction",
    "qti-inline-choice-interaction", "qti-prompt", "qti-simple-choice", "qti-simple-match-set",
    "qti-simple-associable-choice", "qti-inline-choice"}

problems = []


def problem(where, what):
    problems.append(f"{where}: {what}")


def parse(root, name):
    try:
        return ET.parse(root / name).getroot()
    except (ET.ParseError, OSError) as error:
        problem(name, f"cannot be read: {error}")
        return None


def words(element):
    return " ".join("".join(element.itertext()).split())


def interactions(body):
    return [e for e in body.iter() if e.tag.startswith(QTI) and e.tag.endswith("-interaction")]


def type_of(body):
    """The one interaction type of an item, or None."""
    kinds = set()
    for interaction in interactions(body):
        name = interaction.tag[len(QTI):]
        if name == "qti-choice-interaction":
            kinds.add("single" if interaction.get("max-choices") == "1" else "multiple")
        else:
            kinds.add({"qti-order-interaction": "order", "qti-match-interaction": "match",
                       "qti-text-entry-interaction": "text", "qti-inline-choice-interaction": "inline"}.get(name))
    return kinds.pop() if len(kinds) == 1 else None


def stem_of(body):
    """The question without its options."""
    def collect(element, out):
        if element.tag[len(QTI):] in ("qti-simple-choice", "qti-simple-match-set", "qti-inline-choice"):
            return
        out.append(element.text or "")
        for child in element:
            collect(child, out)
            out.append(child.tail or "")
    parts = []
    collect(body, parts)
    return " ".join("".join(parts).split()).lower()


def check_values(where, interaction, declaration, kind):
    """Each correct answer exists, and the declaration fits the interaction."""
    identifier = declaration.get("identifier")
    values = [words(v) for v in declaration.findall(f"{QTI}qti-correct-response/{QTI}qti-value")]
    expected = {"single": ("single", "identifier"), "multiple": ("multiple", "identifier"), "order": ("ordered", "identifier"),
                "match": ("multiple", "directedPair"), "text": ("single", "string"), "inline": ("single", "identifier")}[kind]
    found = (declaration.get("cardinality"), declaration.get("base-type"))
    if found != expected:
        problem(where, f"{identifier} is declared as {found}, a {kind} item needs {expected}")
    if not values:
        problem(where, f"{identifier} has no correct response")
    if len(set(values)) != len(values):
        problem(where, f"{identifier} repeats a correct value")

    entries = declaration.findall(f"{QTI}qti-mapping/{QTI}qti-map-entry")
    for mapping in declaration.findall(f"{QTI}qti-mapping"):
        if (mapping.get("lower-bound"), mapping.get("upper-bound"), mapping.get("default-value")) != ("0", "1", "0"):
            problem(where, f"mapping of {identifier} is not bounded by 0 and 1 with default 0")
    if any(e.get("mapped-value") != "1" for e in entries):
        problem(where, f"mapping of {identifier} has a value other than 1")

    if kind == "text":
        keys = [e.get("map-key").lower() for e in entries]
        if values and values[0].lower() not in keys:
            problem(where, "the correct response is not among the map entries")
        if len(set(keys)) != len(keys):
            problem(where, "a map entry is repeated")
        if any(e.get("case-sensitive") != "false" for e in entries):
            problem(where, "a map entry is case-sensitive")
        return

    if kind == "match":
        sets = interaction.findall(f"{QTI}qti-simple-match-set")
        if len(sets) != 2:
            problem(where, "a match needs two sets")
            return
        left, right = ([c.get("identifier") for c in s] for s in sets)
        for value in values:
            pair = value.split()
            if len(pair) != 2 or pair[0] not in left or pair[1] not in right:
                problem(where, f"correct pair '{value}' refers to a choice that does not exist")
        if sorted(v.split()[0] for v in values) != sorted(left) or len(values) != int(interaction.get("max-associations")):
            problem(where, "not every choice of the first set is used exactly once")
        choices = left + right
        texts = [words(c) for s in sets for c in s]
    else:
        options = [c for c in interaction if c.tag != QTI + "qti-prompt"]
        choices = [c.get("identifier") for c in options]
        texts = [words(c) for c in options]
        for value in values + [e.get("map-key") for e in entries]:
            if value not in choices:
                problem(where, f"correct answer '{value}' refers to a choice that does not exist")
    if len(set(choices)) != len(choices):
        problem(where, "a choice identifier is repeated")
    if len(set(texts)) != len(texts):
        problem(where, "two choices have the same text")

    if kind == "single" and len(choices) != 4:
        problem(where, f"has {len(choices)} options instead of 4")
    if kind == "multiple" and len(values) != int(interaction.get("max-choices")):
        problem(where, "max-choices differs from the number of keys")
    if kind == "order":
        if sorted(values) != sorted(choices):
            problem(where, "the correct order does not name each choice once")
        if values == choices:
            problem(where, "the choices are stored in the correct order")


def check_scoring(where, item, declarations, kind):
    scores = [o for o in item.findall(f"{QTI}qti-outcome-declaration") if o.get("identifier") == "SCORE"]
    if len(scores) != 1 or scores[0].get("normal-maximum") != "1" or scores[0].get("base-type") != "float":
        problem(where, "SCORE must be declared once, as float with normal-maximum 1")
    outcomes = {o.get("identifier") for o in item.findall(f"{QTI}qti-outcome-declaration")}
    processing = item.findall(f"{QTI}qti-response-processing")
    if len(processing) != 1:
        problem(where, "needs one response processing")
        return None
    template = processing[0].get("template")
    if template:
        if template not in (TEMPLATES + "match_correct.xml", TEMPLATES + "map_response.xml"):
            problem(where, f"unknown template {template}")
        if "RESPONSE" not in declarations or len(declarations) != 1:
            problem(where, "a template scores one response with the identifier RESPONSE")
        if template.endswith("map_response.xml") != (kind == "text"):
            problem(where, f"the template does not suit a {kind} item")
        return template.rsplit("/", 1)[1]
    if len(processing[0]) == 0:
        problem(where, "response processing is empty")
    for element in processing[0].iter():
        name = element.tag[len(QTI):]
        if element is not processing[0] and name not in RESPONSE_PROCESSING:
            problem(where, f"response processing uses {name}")
        reference = element.get("identifier")
        known = outcomes if name == "qti-set-outcome-value" else outcomes | set(declarations)
        if reference is not None and reference not in known:
            problem(where, f"response processing refers to the undeclared {reference}")
    if not any(e.get("identifier") == "SCORE" for e in processing[0].iter(f"{QTI}qti-set-outcome-value")):
        problem(where, "response processing never sets SCORE")
    return "inline rules"


def check_item(root, path):
    item = parse(root, path)
    if item is None:
        return None
    where, area = path, pathlib.PurePosixPath(path).parent.name
    identifier = item.get("identifier")
    if item.tag != QTI + "qti-assessment-item":
        problem(where, f"root element is {item.tag}")
        return None
    if identifier != pathlib.PurePosixPath(path).stem or not (identifier or "").startswith(area + "-"):
        problem(where, f"identifier '{identifier}' differs from the file name or the area")
    if item.get(XML_LANG) != "en" or not item.get("title") or item.get("time-dependent") is None:
        problem(where, "xml:lang, title or time-dependent is missing")
    body = item.find(f"{QTI}qti-item-body")
    kind = type_of(body) if body is not None else None
    if kind is None:
        problem(where, "has no item body with interactions of exactly one known type")
        return None
    for element in body.iter():
        if element is not body and element.tag[len(QTI):] not in HTML | BODY:
            problem(where, f"the body uses the element {element.tag}")
    shown = words(body)
    if any(trace in shown for trace in ("{", "}", "`", "**")):
        problem(where, "a trace of the markup of the source is left in the text")
    if "all of the above" in shown.lower() or "none of the above" in shown.lower():
        problem(where, "uses 'all/none of the above'")

    declarations = {d.get("identifier"): d for d in item.findall(f"{QTI}qti-response-declaration")}
    used = [i.get("response-identifier") for i in interactions(body)]
    if sorted(used) != sorted(declarations):
        problem(where, f"declared responses {sorted(declarations)} differ from those used {sorted(used)}")
        return None
    for interaction in interactions(body):
        check_values(where, interaction, declarations[interaction.get("response-identifier")], kind)
    scoring = check_scoring(where, item, declarations, kind)

    found = {"id": identifier, "area": area, "type": kind, "stem": stem_of(body), "title": item.get("title"), "scoring": scoring,
             "path": path}
    if kind == "single":
        options = interactions(body)[0].findall(f"{QTI}qti-simple-choice")
        key = words(declarations["RESPONSE"].find(f"{QTI}qti-correct-response/{QTI}qti-value"))
        lengths = {o.get("identifier"): len(words(o)) for o in options}
        others = [n for o, n in lengths.items() if o != key]
        found["position"] = [o.get("identifier") for o in options].index(key) if key in lengths else None
        found["longest"] = lengths.get(key, 0) > max(others, default=0)
        found["shortest"] = lengths.get(key, 0) < min(others, default=0)
    return found


def check_manifest(root):
    """Every file of the package is in the manifest, and the manifest names no other."""
    manifest = parse(root, "imsmanifest.xml")
    if manifest is None:
        return {}
    if manifest.tag != CP + "manifest":
        problem("imsmanifest.xml", f"root element is {manifest.tag}")
    schema = (manifest.findtext(f"{CP}metadata/{CP}schema"), manifest.findtext(f"{CP}metadata/{CP}schemaversion"))
    if schema != ("QTI Package", "3.0.0"):
        problem("imsmanifest.xml", f"schema and version are {schema}")
    resources = manifest.findall(f"{CP}resources/{CP}resource")
    identifiers = Counter(r.get("identifier") for r in resources)
    listed, types = Counter(), {}
    for resource in resources:
        files = [f.get("href") for f in resource.findall(f"{CP}file")]
        listed.update(files)
        types[resource.get("href")] = resource.get("type")
        if resource.get("href") not in files:
            problem("imsmanifest.xml", f"resource {resource.get('identifier')} does not list its own file")
        for dependency in resource.findall(f"{CP}dependency"):
            if dependency.get("identifierref") not in identifiers:
                problem("imsmanifest.xml", f"dependency on the unknown resource {dependency.get('identifierref')}")
    for identifier, count in identifiers.items():
        if count > 1:
            problem("imsmanifest.xml", f"resource identifier {identifier} is repeated")
    for name, count in listed.items():
        if count > 1:
            problem("imsmanifest.xml", f"{name} is listed {count} times")
    here = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    here -= {"imsmanifest.xml", "README.md", "check_bank.py"}
    for name in sorted(here - set(listed)):
        problem("imsmanifest.xml", f"does not list {name}")
    for name in sorted(set(listed) - here):
        problem("imsmanifest.xml", f"lists {name}, which does not exist")
    return types


def check_test(root, items):
    """Each area is a section, and each item is referenced once, from the section of its area."""
    test = parse(root, "test.xml")
    if test is None:
        return
    sections = {s.get("identifier"): s for s in test.iter(f"{QTI}qti-assessment-section")}
    if sorted(sections) != sorted(AREAS):
        problem("test.xml", f"sections are {sorted(sections)}")
    referenced = Counter()
    for name, section in sections.items():
        selection = section.find(f"{QTI}qti-adaptive-selection")
        if selection is None:
            problem("test.xml", f"section {name} is not adaptive")
        else:
            for reference in selection:
                href = reference.get("href", "")
                if ":" not in href and not (root / href).is_file():
                    problem("test.xml", f"section {name} refers to {href}, which does not exist")
        for reference in section.findall(f"{QTI}qti-assessment-item-ref"):
            identifier = reference.get("identifier")
            referenced[identifier] += 1
            if identifier not in items:
                problem("test.xml", f"refers to the unknown item {identifier}")
            elif items[identifier]["area"] != name or items[identifier]["path"] != reference.get("href"):
                problem("test.xml", f"{identifier} is in the wrong section or has a wrong address")
    for identifier in items:
        if referenced[identifier] != 1:
            problem("test.xml", f"refers to {identifier} {referenced[identifier]} times")
    try:
        settings = json.loads((root / "adaptive-settings.json").read_text(encoding="utf-8"))
        low = sum(s["items_min"] for s in settings["sections"].values())
        high = sum(s["items_max"] for s in settings["sections"].values())
        if sorted(settings["sections"]) != sorted(AREAS):
            problem("adaptive-settings.json", "its sections are not the content areas")
        if not low <= settings["items_max"] or not settings["items_min"] <= high:
            problem("adaptive-settings.json", "the sections cannot fill a test of the given length")
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem("adaptive-settings.json", f"cannot be read: {error!r}")


def check_usage(root, items):
    usage = parse(root, "usage-data.xml")
    parameters = defaultdict(dict)
    if usage is None:
        return parameters
    if usage.tag != USAGE + "usageData":
        problem("usage-data.xml", f"root element is {usage.tag}")
    for statistic in usage:
        name = statistic.get("name")
        targets = [t.get("identifier") for t in statistic.findall(f"{USAGE}targetObject")]
        try:
            value = float(statistic.findtext(f"{USAGE}value"))
        except (TypeError, ValueError):
            problem("usage-data.xml", f"{name} of {targets} is not a number")
            continue
        if "provisional" not in (statistic.get("context") or "") or statistic.get("caseCount") != "0":
            problem("usage-data.xml", f"{name} of {targets} is not marked as provisional")
        if name not in RANGES:
            problem("usage-data.xml", f"unknown statistic {name}")
            continue
        low, high = RANGES[name]
        for target in targets:
            if target not in items:
                problem("usage-data.xml", f"{name} of the unknown item {target}")
            if name in parameters[target]:
                problem("usage-data.xml", f"{name} of {target} is given twice")
            if not low <= value <= high:
                problem("usage-data.xml", f"{name} of {target} is {value}, outside {low} to {high}")
            parameters[target][name] = value
    for identifier in items:
        for name in RANGES:
            if name not in parameters[identifier]:
                problem("usage-data.xml", f"{name} of {identifier} is missing")
    return parameters


def check_whole(items, parameters):
    """What only the bank as a whole can get wrong; prints the counts."""
    table = Counter((i["area"], i["type"]) for i in items.values())
    print(f"{'area':<12}" + "".join(f"{t:>9}" for t in TYPES) + f"{'items':>9}   b: lowest to highest, per band of width 1 from -2.5")
    for area in AREAS:
        b = [parameters[i]["B-Parm"] for i in items if items[i]["area"] == area and "B-Parm" in parameters[i]]
        bands = Counter(min(4, max(0, int(x + 2.5))) for x in b)
        total = sum(table[area, t] for t in TYPES)
        spread = f"{min(b):+.2f} to {max(b):+.2f}, {[bands[n] for n in range(5)]}" if b else ""
        print(f"{area:<12}" + "".join(f"{table[area, t]:>9}" for t in TYPES) + f"{total:>9}   {spread}")
        if total < AREA_MIN:
            problem(area, f"has {total} items, fewer than {AREA_MIN}")
        if any(bands[n] < 5 for n in range(5)):
            problem(area, f"the difficulties are not spread evenly: {[bands[n] for n in range(5)]}")
    print(f"{'all':<12}" + "".join(f"{sum(table[a, t] for a in AREAS):>9}" for t in TYPES) + f"{len(items):>9}")
    print("scoring:", dict(sorted(Counter(i["scoring"] for i in items.values()).items(), key=str)))
    if len(items) < ITEMS_MIN:
        problem("bank", f"has {len(items)} items, fewer than {ITEMS_MIN}")
    if {i["type"] for i in items.values()} != set(TYPES):
        problem("bank", f"the types are {sorted({i['type'] for i in items.values()})}")
    for kind in TYPES:
        count, areas = sum(table[a, kind] for a in AREAS), sum(table[a, kind] > 0 for a in AREAS)
        if count < TYPE_MIN or areas < TYPE_AREAS_MIN:
            problem("bank", f"type {kind} has {count} items in {areas} areas")

    for field in ("stem", "title"):
        same = defaultdict(list)
        for item in items.values():
            same[item[field]].append(item["id"])
        for identifiers in same.values():
            if len(identifiers) > 1:
                problem("bank", f"the same {field} in {', '.join(identifiers)}")

    singles = [i for i in items.values() if i["type"] == "single"]
    positions = Counter(i["position"] for i in singles)
    longest, shortest = (sum(i[n] for i in singles) for n in ("longest", "shortest"))
    print("key positions:", {"ABCD"[p]: positions[p] for p in range(4)},
          f"key is the longest option in {longest}, the shortest in {shortest} of {len(singles)}")
    if any(abs(positions[p] - len(singles) / 4) > 0.05 * len(singles) for p in range(4)):
        problem("bank", "the key positions are not spread evenly")
    if max(longest, shortest) > 0.35 * len(singles):
        problem("bank", "the length of the options gives away the key too often")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent).resolve()
    types = check_manifest(root)
    items = {}
    for file in sorted((root / "items").glob("*/*.xml")):
        path = file.relative_to(root).as_posix()
        found = check_item(root, path)
        if types.get(path) != "imsqti_item_xmlv3p0":
            problem("imsmanifest.xml", f"{path} is not listed as an item")
        if found is None:
            continue
        if found["id"] in items:
            problem(path, f"the identifier {found['id']} is used twice")
        if found["area"] not in AREAS:
            problem(path, f"unknown area {found['area']}")
        items[found["id"]] = found
    check_test(root, items)
    parameters = check_usage(root, items)
    check_whole(items, parameters)
    for line in problems:
        print("PROBLEM", line)
    print(f"{len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
