// The element of this number.
return window[Symbol.for("esr")]?.nodes.get(arguments[0])?.deref() ?? null;
