// What the browser says of a form that it does not submit.
const form = window[Symbol.for("esr")]?.nodes.get(arguments[0])?.deref();
if (!form || form.noValidate) return [];
return [...form.elements]
  .filter((element) => element.willValidate && !element.validity.valid)
  .map((element) => [element.name || element.id, element.validationMessage]);
