"""Holds the tree-sitter grammar against the language server, on the corpus: every file without syntax errors is parsed without one, every file with
some has some, and what the highlight queries say of a word is what the server says.

usage: grammar.py LIBRARY QUERIES OTHER_QUERIES ESRC, with the files on standard input: `ok PATH` or `broken PATH` a line.
"""
import collections, ctypes, json, pathlib, subprocess, sys
from tree_sitter import Language, Parser, Query, QueryCursor

# What a highlight begins with where the server says a type of token. What has no more than a word for several things, such as a
# template and a constant, is one thing to the grammar; only the server knows what a name stands for.
EXPECTED = {
    "comment": ("comment",),
    "string": ("string", "punctuation.special"),
    "regexp": ("string.regexp",),
    "number": ("number",),
    "keyword": ("keyword", "boolean", "constant.builtin"),
    "function": ("function",),
    "class": ("type", "constant", "function", "module"),
    "property": ("property",),
    "type": ("type",),
    "operator": ("operator", "keyword.operator"),
    "variable": ("variable", "type", "function", "constant.builtin", "module"),
}
# Where the two may differ, once in a hundred words of a type: keys in quotes, expressions in quotes, verbs on the line below their
# dash, older spellings.
RARE = {
    ("function", "property"), ("property", "string"), ("property", "function"), ("property", "variable"), ("variable", "string"),
    ("variable", "property"), ("variable", None), ("type", "variable"),
}


class Server:
    def __init__(self, esrc):
        self.process = subprocess.Popen([esrc, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.requests = 0

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def request(self, method, params):
        self.requests += 1
        self.send(id=self.requests, method=method, params=params)
        while True:
            length = 0
            while (line := self.process.stdout.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            message = json.loads(self.process.stdout.read(length))
            if message.get("id") == self.requests and "method" not in message:
                return message["result"]


def errors(node):
    if node.type == "ERROR" or node.is_missing:
        yield node
    for child in node.children:
        yield from errors(child)


def main(library, queries, others, esrc):
    loaded = ctypes.CDLL(library).tree_sitter_scn
    loaded.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype, capsule.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    language = Language(capsule(loaded(), b"tree_sitter.Language", None))
    parser = Parser(language)
    highlights = Query(language, pathlib.Path(queries, "highlights.scm").read_text())
    for other in [*pathlib.Path(queries).glob("*.scm"), *pathlib.Path(others).glob("*.scm")]:
        Query(language, other.read_text())
    server = Server(esrc)
    answer = server.request("initialize", {"processId": None, "rootUri": None, "capabilities": {"general": {"positionEncodings": ["utf-8"]}}})
    legend = answer["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
    server.send(method="initialized", params={})
    wrong, seen, rare = [], collections.Counter(), collections.defaultdict(list)
    for line in sys.stdin.read().splitlines():
        state, path = line.split(" ", 1)
        text = pathlib.Path(path).read_bytes()
        tree = parser.parse(text)
        if (state == "ok") == tree.root_node.has_error:
            at = next((node.start_point for node in errors(tree.root_node)), None)
            wrong.append(f"{path}: {'an error at ' + str(at) if state == 'ok' else 'no error is seen'}")
        if state != "ok":
            continue
        # Of several patterns the last holds.
        said = {}
        captures = [
            (pattern, node, name)
            for pattern, found in QueryCursor(highlights).matches(tree.root_node)
            for name, nodes in found.items()
            for node in nodes
        ]
        for pattern, node, name in sorted(captures, key=lambda capture: (capture[1].start_byte - capture[1].end_byte, capture[0])):
            for byte in range(node.start_byte, node.end_byte):
                said[byte] = name
        starts = [0]
        for row in text.split(b"\n"):
            starts.append(starts[-1] + len(row) + 1)
        uri = pathlib.Path(path).resolve().as_uri()
        document = {"uri": uri, "languageId": "scn", "version": 1, "text": text.decode()}
        server.send(method="textDocument/didOpen", params={"textDocument": document})
        data = server.request("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})["data"]
        server.send(method="textDocument/didClose", params={"textDocument": {"uri": uri}})
        row, column = 0, 0
        for down, right, length, kind, _ in zip(*[iter(data)] * 5):
            row, column = (row + down, right) if down else (row, column + right)
            at = starts[row] + column
            word = text[at : at + length].decode()
            expected = EXPECTED.get(legend[kind])
            # Brackets around a number, and what comes before a word in a line, belong to it for the server.
            seen[legend[kind]] += 1
            if expected and not word[:1] in "( \t" and not word.endswith(")") and not said.get(at, "").startswith(expected):
                found = f"{path}:{row + 1}:{column + 1} `{word}` is a {legend[kind]}, not {said.get(at)}"
                (rare[legend[kind]] if (legend[kind], said.get(at)) in RARE else wrong).append(found)
    server.request("shutdown", None)
    server.send(method="exit", params=None)
    for kind, found in rare.items():
        wrong += found if 100 * len(found) > seen[kind] else []
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
