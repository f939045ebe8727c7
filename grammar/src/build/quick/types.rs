//! Signatures and types.

use super::{Quick, is_digit, is_letter};
use crate::ast::{Decl, Name, Param, TypeExpr, TypeExprKind};

impl Quick<'_, '_> {
    /// `NAME(params) -> Type`
    pub(super) fn signature(&mut self, decl: &mut Decl) -> Option<()> {
        decl.name = Some(self.dotted()?);
        self.spaces();
        if self.byte(0) == Some(b'(') {
            decl.params = self.members(b')', Self::param)?;
            self.spaces();
        }
        if self.byte(0) == Some(b'-') && self.byte(1) == Some(b'>') {
            self.at += 2;
            self.spaces();
            decl.result = Some(self.type_expr()?);
        }
        Some(())
    }

    fn param(&mut self) -> Option<Param> {
        let end = self.key_end(self.at)?;
        let name = self.name(self.at, end);
        self.colon(end)?;
        let ty = self.type_expr()?;
        self.spaces();
        let variadic = self.mask.get(self.at..).is_some_and(|rest| rest.starts_with(b"..."));
        if variadic {
            self.at += 3;
            self.spaces();
        }
        let default = match self.equals() {
            true => Some(self.expr()?),
            false => None,
        };
        Some(Param { name, ty, variadic, default })
    }

    /// A type, unless it has a negative bound.
    pub(super) fn type_expr(&mut self) -> Option<TypeExpr> {
        let start = self.at;
        if !is_letter(self.byte(0)) {
            return self.range();
        }
        let name = self.dotted()?.text;
        let kind = match self.composite(&name)? {
            Some(kind) => kind,
            None => TypeExprKind::Name(name),
        };
        Some(TypeExpr { kind, span: self.span(start, self.at) })
    }

    /// What stands in the brackets behind the name of a composite type; none within if there are none of those.
    pub(super) fn composite(&mut self, name: &str) -> Option<Option<TypeExprKind>> {
        let behind = self.at;
        self.spaces();
        let kind = match (name, self.byte(0)) {
            ("Record", Some(b'{')) => TypeExprKind::Record(self.members(b'}', Self::field)?),
            ("Choice", Some(b'{')) => TypeExprKind::Choice(self.members(b'}', Self::plain_name)?),
            ("Maybe" | "List" | "Range", Some(b'[')) if self.at == behind => {
                TypeExprKind::Apply(name.into(), self.members(b']', Self::type_expr)?)
            }
            _ => {
                self.at = behind;
                return Some(None);
            }
        };
        Some(Some(kind))
    }

    fn field(&mut self) -> Option<(Name, TypeExpr)> {
        let end = self.key_end(self.at)?;
        let name = self.name(self.at, end);
        self.colon(end)?;
        Some((name, self.type_expr()?))
    }

    /// `18..90`
    fn range(&mut self) -> Option<TypeExpr> {
        let is_bound = |quick: &Self| is_digit(quick.byte(0)) || quick.byte(0) == Some(b'$');
        let low = is_bound(self).then(|| self.primary())??;
        self.spaces();
        if self.byte(0) != Some(b'.') || self.byte(1) != Some(b'.') {
            return None;
        }
        self.at += 2;
        self.spaces();
        let high = is_bound(self).then(|| self.primary())??;
        let span = low.span.to(high.span);
        Some(TypeExpr { kind: TypeExprKind::Range(Box::new(low), Box::new(high)), span })
    }

    fn plain_name(&mut self) -> Option<Name> {
        let start = self.at;
        let end = self.name_end(start)?;
        self.at = end;
        Some(self.name(start, end))
    }
}
