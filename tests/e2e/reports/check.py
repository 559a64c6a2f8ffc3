"""The JSON and the JUnit report of a run, by a validator of schemas and by junitparser; both must tell the same."""

import json
import sys
from pathlib import Path

import jsonschema
from junitparser import Error, Failure, JUnitXml

docs, name = Path(sys.argv[1]), sys.argv[2]


def schema(of: str) -> jsonschema.Draft202012Validator:
    text = json.loads((docs / f"{of}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(text)
    return jsonschema.Draft202012Validator(text)


report = json.loads(Path(f"{name}.json").read_text())
problems = [error.message[:300] for error in schema("test-report").iter_errors(report)]
explain = schema("explain")
explained = 0
for file in report["files"]:
    for case in file["cases"]:
        if "explanation" in case:
            explained += 1
            problems += [error.message[:300] for error in explain.iter_errors(case["explanation"])]
assert not problems, problems
print(f"ok      {name}: JSON, {explained} explanations")

xml = JUnitXml.fromfile(f"{name}.xml")
cases = [case for suite in xml for case in suite]
failed = [case for case in cases if any(isinstance(one, Failure) for one in case.result)]
refused = [case for case in cases if any(isinstance(one, Error) for one in case.result)]
names = [case["name"] for file in report["files"] for case in file["cases"]]
assert xml.tests == len(cases), (xml.tests, len(cases))
assert xml.failures == len(failed) == report["failed"], (xml.failures, len(failed), report["failed"])
assert xml.errors == len(refused) == len(report.get("refused", [])), (xml.errors, len(refused))
assert len(cases) == len(names) + len(refused), (len(cases), len(names))
print(f"ok      {name}: JUnit, {len(cases)} cases, {len(failed)} failures, {len(refused)} errors")
