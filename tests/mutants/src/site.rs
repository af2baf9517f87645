//! Places of a source file where a small change can be tried.

use proc_macro2::Span;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ReturnType, Stmt, Type, UnOp};

/// One change that can be switched on while the program runs.
#[derive(Clone, Debug)]
pub struct Site {
    /// Bytes of the file that are rewritten; empty = an insertion.
    pub range: Range<usize>,
    /// 1-based line.
    pub line: usize,
    /// What is changed, for people.
    pub what: String,
    /// The new text. `@` stands for the condition that is true when the change is on.
    pub text: String,
}

/// All sites of a file.
pub fn sites(source: &str) -> anyhow::Result<Vec<Site>> {
    let file = syn::parse_file(source)?;
    let mut finder = Finder {
        source,
        sites: Vec::new(),
    };
    finder.visit_file(&file);
    Ok(finder.sites)
}

struct Finder<'s> {
    source: &'s str,
    sites: Vec<Site>,
}

impl Finder<'_> {
    fn text(&self, span: Span) -> &str {
        &self.source[span.byte_range()]
    }

    fn add(&mut self, span: Span, what: String, text: String) {
        self.sites.push(Site {
            range: span.byte_range(),
            line: span.start().line,
            what,
            text,
        });
    }

    /// Another expression in the place of one.
    fn replace(&mut self, span: Span, changed: &str) {
        let original = self.text(span).to_owned();
        let what = format!("`{}` for `{}`", one_line(changed), one_line(&original));
        self.add(
            span,
            what,
            format!("(if @ {{ {changed} }} else {{ {original} }})"),
        );
    }

    fn binary(&mut self, binary: &syn::ExprBinary) {
        let changed: &[&str] = match binary.op {
            BinOp::Eq(_) => &["!="],
            BinOp::Ne(_) => &["=="],
            BinOp::Lt(_) => &["<=", ">="],
            BinOp::Le(_) => &["<", ">"],
            BinOp::Gt(_) => &[">=", "<="],
            BinOp::Ge(_) => &[">", "<"],
            BinOp::And(_) => &["||"],
            BinOp::Or(_) => &["&&"],
            BinOp::Add(_) => &["-"],
            BinOp::Sub(_) => &["+"],
            BinOp::Mul(_) => &["/"],
            _ => &[],
        };
        if has_let(&binary.left) || has_let(&binary.right) {
            return;
        }
        let (left, right) = (
            self.text(binary.left.span()),
            self.text(binary.right.span()),
        );
        let texts: Vec<_> = changed
            .iter()
            .map(|op| format!("{left} {op} {right}"))
            .collect();
        for text in texts {
            self.replace(binary.span(), &text);
        }
    }

    fn method(&mut self, call: &syn::ExprMethodCall) {
        let other = match call.method.to_string().as_str() {
            "min" => "max",
            "max" => "min",
            "any" => "all",
            "all" => "any",
            "is_some" => "is_none",
            "is_none" => "is_some",
            "is_some_and" => "is_none_or",
            "is_none_or" => "is_some_and",
            "first" => "last",
            "last" => "first",
            "saturating_sub" => "saturating_add",
            "is_empty" | "contains" | "contains_key" | "starts_with" => {
                let negated = format!("!{}", self.text(call.span()));
                return self.replace(call.span(), &negated);
            }
            _ => return,
        };
        let (whole, method) = (call.span().byte_range(), call.method.span().byte_range());
        let before = &self.source[whole.start..method.start];
        let after = &self.source[method.end..whole.end];
        let changed = format!("{before}{other}{after}");
        self.replace(call.span(), &changed);
    }

    /// A condition without an operator of its own.
    fn condition(&mut self, condition: &Expr) {
        if matches!(
            condition,
            Expr::Call(_) | Expr::Path(_) | Expr::Field(_) | Expr::Macro(_)
        ) {
            let negated = format!("!{}", self.text(condition.span()));
            self.replace(condition.span(), &negated);
        }
    }

    fn body(&mut self, signature: &syn::Signature, block: &syn::Block) {
        if block.stmts.is_empty() {
            return;
        }
        let values: &[&str] = match &signature.output {
            ReturnType::Default => &[""],
            ReturnType::Type(_, kind) => values_of(kind),
        };
        for value in values {
            let at = block.brace_token.span.open().byte_range().end;
            self.sites.push(Site {
                range: at..at,
                line: signature.ident.span().start().line,
                what: format!("`{}` returns `{value}`", signature.ident),
                text: format!(" if @ {{ return {value}; }}"),
            });
        }
    }
}

/// What a function of that type could return without looking at anything.
fn values_of(kind: &Type) -> &'static [&'static str] {
    let Type::Path(path) = kind else {
        return match kind {
            Type::Reference(r) if matches!(&*r.elem, Type::Path(p) if p.path.is_ident("str")) => {
                &["\"\""]
            }
            _ => &[],
        };
    };
    let name = path.path.segments.last().map(|s| s.ident.to_string());
    match name.as_deref() {
        Some("bool") => &["true", "false"],
        Some("Option") => &["None"],
        Some("Vec") => &["Vec::new()"],
        Some("String") => &["String::new()"],
        Some("u8" | "u16" | "u32" | "u64" | "usize" | "i64") => &["0", "1"],
        Some("Confidence") => &[
            "crate::finding::Confidence::Possible",
            "crate::finding::Confidence::Certain",
        ],
        _ => &[],
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(b) => has_let(&b.left) || has_let(&b.right),
        _ => false,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Memory that is asked for in advance: whatever it is, nothing else is said.
fn is_reservation(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let last = path.path.segments.last();
                last.is_some_and(|s| s.ident == "with_capacity")
            }
            _ => false,
        },
        Expr::MethodCall(call) => call.method.to_string().starts_with("reserve"),
        _ => false,
    }
}

/// Code of the tests, and code that must be known when the program is compiled.
fn is_skipped(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("cfg"))
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_skipped(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if item.sig.constness.is_none() && !is_skipped(&item.attrs) {
            self.body(&item.sig, &item.block);
            visit::visit_block(self, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if item.sig.constness.is_none() && !is_skipped(&item.attrs) {
            self.body(&item.sig, &item.block);
            visit::visit_block(self, &item.block);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard
            && !has_let(guard)
        {
            for value in ["true", "false"] {
                self.replace(guard.span(), value);
            }
        }
        visit::visit_arm(self, arm);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(expr, Some(_)) = statement
            && !is_reservation(expr)
            && matches!(expr, Expr::Call(_) | Expr::MethodCall(_) | Expr::Assign(_))
        {
            let original = self.text(statement.span()).to_owned();
            let what = format!("without `{}`", one_line(&original));
            self.add(statement.span(), what, format!("if !@ {{ {original} }}"));
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            _ if is_reservation(expr) => return,
            Expr::Binary(binary) => self.binary(binary),
            Expr::MethodCall(call) => self.method(call),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let inner = self.text(unary.expr.span()).to_owned();
                self.replace(unary.span(), &inner);
            }
            Expr::Macro(call) if call.mac.path.is_ident("matches") => {
                let negated = format!("!{}", self.text(call.span()));
                self.replace(call.span(), &negated);
            }
            Expr::If(branch) => self.condition(&branch.cond),
            Expr::Repeat(repeat) => return self.visit_expr(&repeat.expr),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}
