(block) @indent
[(list) (record) (arguments)] @indent
["]" "}" ")"] @outdent
