"""Writes a library of scenarios as a large organisation would keep one: agencies, each with its sandbox, shared constants,
persona templates and scenarios that import them. The same arguments write the same bytes."""
import pathlib, sys

SUBJECTS = "passport licence permit benefit pension tax visa registry".split()
FILES_OF_AN_AGENCY, LINES = 40, 200

def constants(agency):
    yield f"# What holds in all of {agency}."
    for at in range(1, 64):
        yield f"## How long step {at} of a case may take."
        yield f"const limit_{at} = {200 + 10 * at}ms"
        yield f"const fee_{at} = ${20 + at}.50"

def people(agency, part):
    yield "use std.people"
    yield 'use "./constants.scn" as limits'
    for at in range(18):
        yield ""
        yield f"## People who come for the {at + 1}. time, group {part}."
        yield f"persona Visitor{part}{chr(65 + at)} extends Citizen:"
        yield f'  case_id: pattern("[A-Z][0-9]{{8}}")'
        yield f"  age: int({18 + at}..90)"
        yield f"  photo: image({80 + at}KB..900KB)"
        yield f"  fee: choice(limits.fee_{at + 1} weight 9, $190 weight 1)"
        yield f"  born: date(19{40 + at}-01-31..2004-12-31)"
        yield "  guardian: maybe(10%, full_name())"

def sandbox(agency, subject):
    yield f"## {agency}: everything about a {subject}, online."
    yield f"sandbox {agency}:"
    yield "  entry: portal"
    yield ""
    yield "  frontend portal:"
    for at in range(8):
        following = f'"/case-{at + 1}"' if at < 7 else '"/done"'
        yield f'    page "/case-{at}" "Part {at + 1} of your {subject}":'
        yield f"      form part{at} -> {following}:"
        yield f'        case_id: Text label: "Number of your {subject}" pattern: /^[A-Z]\\d{{8}}$/ pii: true'
        yield f'        reason: Maybe[Text] label: "Why do you ask?"'
        yield f"      on submit:"
        yield f'        - post: office-{at} "/check" body: {{ case_id: form.case_id, step: {at} }} timeout: 5s as: check'
        yield f"        - if: check.status != 200"
        yield f"          then:"
        yield f'            - reply: 422 page: "/case-{at}" error: "We could not find your {subject}."'
        yield f"        - store: cases key: session.id value: {{ case_id: form.case_id }}"
    yield '    page "/done" "Thank you":'
    yield f'      text: "Your {subject} is on its way."'
    yield "    store cases: Record{ case_id: Text }"
    for at in range(8):
        yield ""
        yield f"  ## Checks part {at + 1} of a case."
        yield f"  service office-{at}:"
        yield f"    workers: {4 + at}"
        yield f"    latency: lognormal(p50: {20 + at}ms, p99: {120 + at}ms)"
        yield "    store cases: Record{ case_id: Text, step: Int }"
        yield '    route POST "/check" body: Record{ case_id: Text, step: Int }:'
        yield "      - find: cases key: body.case_id as: known"
        yield "      - if: known is none"
        yield "        then:"
        yield "          - store: cases key: body.case_id value: { case_id: body.case_id, step: body.step }"
        yield "      - reply: 200 body: { known: known is some }"

def scenarios(agency, subject, number):
    part = number % 4
    yield 'use "./constants.scn" as limits'
    yield f'use "./people-{part}.scn" as people'
    for case in range(5):
        first, second = chr(65 + (number + case) % 18), chr(65 + (number * 7 + case + 3) % 18)
        yield ""
        yield f"## A {subject} asked for in way {case + 1} of file {number}."
        yield f"scenario {agency}-{number}-{case}:"
        yield f"  tags: [nightly, {subject}]"
        yield f"  slo: limits.limit_{case + 40}"
        yield "  goals:"
        yield "    - success >= 99%"
        yield "    - p95 <= 2 * slo"
        yield f"    - p95(visit, during: slow_service) < {2 + case}s"
        yield "    - errors(status: 504) == 0"
        yield "  personas:"
        yield f"    - {40 + case} of people.Visitor{part}{first}"
        if first != second:
            yield f"    - 5 of people.Visitor{part}{second}"
        yield "  probes:"
        yield f"    - slow_service: office-{case} latency: {300 + number}ms from: 10s for: 20s"
        yield "  steps:"
        yield f'    - visit: "/case-{case}"'
        for at in range(case, min(case + 3 - case % 2, 8)):
            yield f'    - fill: "case_id" value: persona.case_id'
            yield f'    - fill: "reason" value: "{subject} of ${{persona.name}}, {at + 1}. part"  if: persona.age >= {20 + at}'
            yield f'    - submit: "part{at}"'
            yield f'    - expect: {{ page: "/case-{at + 1}", status: 200 }}'
        yield "    - think: 2s"
        yield f"    - if: persona.fee > limits.fee_{case + 30} and persona.age < 80"
        yield "      then:"
        yield f'        - set: note to: "expensive ${{persona.fee}}"'
        yield f'        - assert: note contains "$" "the {subject} has a price"'
        yield "      else:"
        yield "        - choose:"
        yield "            70%:"
        yield f'              - visit: "/case-{case}"'
        yield "            else:"
        yield f'              - stop: "no {subject} today"'
        yield "    - assert: last.status == 200"

def write(folder, files):
    """Writes `files` files of 200 lines below `folder`."""
    written = 0
    for agency in range(-(-files // FILES_OF_AN_AGENCY)):
        subject = SUBJECTS[agency % len(SUBJECTS)]
        name = f"{subject}-agency-{agency}"
        home = pathlib.Path(folder) / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "esr.toml").write_text(f'sandbox = "{name}"\nmodules = ["blueprint.scn"]\n')
        texts = {"blueprint.scn": sandbox(name, subject), "constants.scn": constants(name)}
        texts |= {f"people-{part}.scn": people(name, part) for part in range(4)}
        number = 0
        while len(texts) < FILES_OF_AN_AGENCY:
            texts[f"{subject}-{number:02}.scn"] = scenarios(name, subject, number)
            number += 1
        for file, lines in texts.items():
            if written == files:
                break
            lines = list(lines)
            assert len(lines) <= LINES, (file, len(lines))
            lines += [f"# {file}: nothing below." if at % 4 == 0 else "" for at in range(LINES - len(lines))]
            (home / file).write_text("\n".join(lines) + "\n")
            written += 1

if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
