//! A tree as text: one line a node, expressions in prefix form. For tests, and for people who look into a parse.

use std::fmt::{self, Write};

use crate::ast::{Decl, Expr, ExprKind, Head, Name, Node, Param, Quote, TextPart, Tree, TypeExpr, TypeExprKind};

/// The tree as text. A node's bytes in the source stand at the end of its line.
pub fn outline(tree: &Tree) -> String {
    let mut out = String::new();
    for node in &tree.nodes {
        // Writing to a String cannot fail.
        let _ = write_node(&mut out, node, 0);
    }
    out
}

fn write_node(out: &mut String, node: &Node, depth: usize) -> fmt::Result {
    write_head(out, node, depth)?;
    for attr in &node.attrs {
        write_attr(out, &attr.key, &attr.values, if attr.equals { "=" } else { ":" })?;
    }
    writeln!(out, "  @{}..{}", node.span.start, node.span.end)?;
    node.children.iter().try_for_each(|child| write_node(out, child, depth + 1))
}

/// A node's documentation and what its line says before its attributes.
pub(crate) fn write_head(out: &mut String, node: &Node, depth: usize) -> fmt::Result {
    let indent = "  ".repeat(depth);
    for line in node.doc.iter().flat_map(|doc| doc.lines()) {
        writeln!(out, "{indent}## {line}")?;
    }
    out.push_str(&indent);
    if node.dash {
        out.push_str("- ");
    }
    match &node.head {
        Head::Entry { key, values } => {
            write!(out, "{}:", key.text)?;
            spaced(out, values)?;
        }
        Head::Expr { expr, colon } => {
            write_expr(out, expr)?;
            out.push_str(if *colon { " :" } else { "" });
        }
        Head::Decl(decl) => write_decl(out, decl)?,
        Head::Error => out.push_str("ERROR"),
    }
    Ok(())
}

/// An attribute, with `sign` after its name.
pub(crate) fn write_attr(out: &mut String, key: &Name, values: &[Expr], sign: &str) -> fmt::Result {
    write!(out, " [{}{sign}", key.text)?;
    spaced(out, values)?;
    out.push(']');
    Ok(())
}

fn spaced(out: &mut String, exprs: &[Expr]) -> fmt::Result {
    exprs.iter().try_for_each(|expr| {
        out.push(' ');
        write_expr(out, expr)
    })
}

fn write_decl(out: &mut String, decl: &Decl) -> fmt::Result {
    write!(out, "{:?}", decl.keyword)?;
    if let Some(name) = &decl.name {
        write!(out, " {}", name.text)?;
    }
    spaced(out, &decl.operands)?;
    if !decl.params.is_empty() {
        out.push('(');
        list(out, &decl.params, write_param)?;
        out.push(')');
    }
    if let Some(result) = &decl.result {
        out.push_str(" -> ");
        write_type(out, result)?;
    }
    if let Some(arrow) = &decl.arrow {
        out.push_str(" -> ");
        write_expr(out, arrow)?;
    }
    if let Some(base) = &decl.extends {
        write!(out, " extends {}", base.text)?;
    }
    if let Some(alias) = &decl.alias {
        write!(out, " as {}", alias.text)?;
    }
    if let Some(value) = &decl.value {
        out.push_str(" = ");
        write_expr(out, value)?;
    }
    if let Some(ty) = &decl.ty {
        out.push_str(" : ");
        write_type(out, ty)?;
    }
    Ok(())
}

fn write_param(out: &mut String, param: &Param) -> fmt::Result {
    write!(out, "{}: ", param.name.text)?;
    write_type(out, &param.ty)?;
    if param.variadic {
        out.push_str("...");
    }
    if let Some(default) = &param.default {
        out.push_str(" = ");
        write_expr(out, default)?;
    }
    Ok(())
}

fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T) -> fmt::Result) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write(out, item)?;
    }
    Ok(())
}

fn write_type(out: &mut String, ty: &TypeExpr) -> fmt::Result {
    match &ty.kind {
        TypeExprKind::Name(name) => out.write_str(name),
        TypeExprKind::Apply(name, args) => {
            write!(out, "{name}[")?;
            list(out, args, write_type)?;
            out.write_char(']')
        }
        TypeExprKind::Record(fields) => {
            out.push_str("Record{");
            list(out, fields, |out, (name, ty)| {
                write!(out, "{}: ", name.text)?;
                write_type(out, ty)
            })?;
            out.write_char('}')
        }
        TypeExprKind::Choice(names) => {
            out.push_str("Choice{");
            list(out, names, |out, name| out.write_str(&name.text))?;
            out.write_char('}')
        }
        TypeExprKind::Range(low, high) => {
            write_expr(out, low)?;
            out.push_str("..");
            write_expr(out, high)
        }
    }
}

fn prefix(out: &mut String, head: &str, operands: &[&Expr]) -> fmt::Result {
    write!(out, "({head}")?;
    for operand in operands {
        out.push(' ');
        write_expr(out, operand)?;
    }
    out.write_char(')')
}

fn write_expr(out: &mut String, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Bool(value) => write!(out, "{value}"),
        ExprKind::None => out.write_str("none"),
        ExprKind::Number { text, unit } => write!(out, "{text}·{unit:?}"),
        ExprKind::Date(date) => write!(out, "date<{date}>"),
        ExprKind::Text { parts, quote } => write_text(out, parts, *quote),
        ExprKind::Regex(regex) => write!(out, "regex<{regex}>"),
        ExprKind::Path(path) => write!(out, "path<{path}>"),
        ExprKind::Name(name) => out.write_str(name),
        ExprKind::Field(base, name) => {
            write_expr(out, base)?;
            write!(out, ".{}", name.text)
        }
        ExprKind::Index(base, index) => prefix(out, "index", &[base, index]),
        ExprKind::Call(callee, args) => {
            write_expr(out, callee)?;
            out.push('(');
            list(out, args, |out, arg| {
                if let Some(name) = &arg.name {
                    write!(out, "{}: ", name.text)?;
                }
                write_expr(out, &arg.value)
            })?;
            out.write_char(')')
        }
        ExprKind::Unary(operator, operand) => prefix(out, &format!("{:?}", operator.kind), &[operand]),
        ExprKind::Binary(operator, left, right) => prefix(out, &format!("{:?}", operator.kind), &[left, right]),
        ExprKind::List(members) => {
            out.push('[');
            list(out, members, write_expr)?;
            out.write_char(']')
        }
        ExprKind::Record(fields) => {
            out.push('{');
            list(out, fields, |out, (name, value)| {
                write!(out, "{}: ", name.text)?;
                write_expr(out, value)
            })?;
            out.write_char('}')
        }
        ExprKind::Range(low, high) => prefix(out, "Range", &[low, high]),
        ExprKind::Phrase(phrase, left, right) => prefix(out, &format!("{phrase:?}"), &[left, right]),
        ExprKind::Type(ty) => {
            out.push_str("type<");
            write_type(out, ty)?;
            out.write_char('>')
        }
        ExprKind::Error => out.write_str("ERROR"),
    }
}

fn write_text(out: &mut String, parts: &[TextPart], quote: Quote) -> fmt::Result {
    out.push_str(match quote {
        Quote::Double => "\"",
        Quote::Single => "'",
        Quote::Block => "|\"",
    });
    for part in parts {
        match part {
            TextPart::Literal(text, _) => write!(out, "{}", text.escape_debug())?,
            TextPart::Value(value) => {
                out.push_str("${");
                write_expr(out, value)?;
                out.push('}');
            }
        }
    }
    out.write_char(if quote == Quote::Single { '\'' } else { '"' })
}
