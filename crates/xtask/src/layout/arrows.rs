//! Which module uses which: an arrow for each pair, with a place in the text that shows it.
//!
//! A `use`, and every path in code, is an arrow to the module that defines what it leads to. No arrows are: a `mod`
//! declaration, a re-export, a `use` of a module (what is used of it is), test code, and whatever stays within a file.

use crate::layout::source::{Crate, Import, Target, attributes, imports, is_public, is_test};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item};

/// Why there is an arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// Where it shows, in the file of the module that it comes from.
    pub(super) line: usize,
    /// The path that stands there.
    pub(super) path: String,
}

/// The arrows of a crate: from a module, to a module, and why.
pub(super) type Arrows = BTreeMap<(usize, usize), Reason>;

/// Every arrow, with the first place that shows it.
pub(super) fn arrows(source: &Crate) -> Arrows {
    let mut found = BTreeMap::new();
    for (index, module) in source.modules.iter().enumerate() {
        let mut reader = Reader { source, module: index, scope: module.scope, arrows: &mut found };
        module.items.iter().for_each(|item| reader.visit_item(item));
    }
    found
}

struct Reader<'a> {
    source: &'a Crate,
    /// Where the arrows come from.
    module: usize,
    /// Where names are looked up: the module, or an inline module of it.
    scope: usize,
    arrows: &'a mut Arrows,
}

impl Reader<'_> {
    fn add(&mut self, target: usize, path: &[String], line: usize) {
        if target == self.module {
            return;
        }
        let reason = Reason { line, path: path.join("::") };
        let known = self.arrows.entry((self.module, target)).or_insert_with(|| reason.clone());
        if known.line > line {
            *known = reason;
        }
    }

    /// An arrow to the definer of what a path leads to.
    fn follow(&mut self, path: &[String], line: usize) {
        for target in self.source.resolve(self.scope, path) {
            if let Target::Item(module) = target {
                self.add(module, path, line);
            }
        }
    }

    /// A private glob is an arrow if there is something to be had; what it brings in are arrows where it is used.
    fn import(&mut self, Import { mut path, alias, line }: Import) {
        if alias.is_some() {
            return self.follow(&path, line);
        }
        for target in self.source.resolve(self.scope, &path) {
            match target {
                Target::Item(module) => self.add(module, &path, line),
                Target::Scope(scope) if self.source.defines_items(scope) => {
                    path.push("*".to_owned());
                    self.add(self.source.module_of(scope), &path, line);
                    path.pop();
                }
                Target::Scope(_) => {}
            }
        }
    }

    /// The paths among the tokens of a macro, which only the macro itself could parse.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    // What follows two colons goes on with the path before them.
                    if colons != 2 {
                        self.end_of_tokens(&path, line);
                        path.clear();
                        line = word.span().start().line;
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    // `a::{b, c}` in a macro is a `use`, which macros of rules may have.
                    let is_group = colons == 2 && group.delimiter() == Delimiter::Brace;
                    if !is_group {
                        self.end_of_tokens(&path, line);
                    }
                    path.clear();
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.end_of_tokens(&path, line);
                    path.clear();
                    colons = 0;
                }
            }
        }
        self.end_of_tokens(&path, line);
    }

    /// A word alone may be a variable; a re-exported name of a type is meant.
    fn end_of_tokens(&mut self, path: &[String], line: usize) {
        let is_type = |word: &String| word.starts_with(|first: char| first.is_ascii_uppercase());
        match path {
            [] => {}
            [word] if !is_type(word) => {}
            _ => self.follow(path, line),
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(attributes(item)) {
            return;
        }
        match item {
            Item::Use(item) if is_public(&item.vis) => {}
            Item::Use(item) if item.leading_colon.is_some() => {}
            Item::Use(item) => imports(&item.tree).into_iter().for_each(|import| self.import(import)),
            Item::Mod(item) => {
                let (Some((_, items)), Some(scope)) =
                    (&item.content, self.source.child(self.scope, &item.ident.to_string()))
                else {
                    return;
                };
                let outer = std::mem::replace(&mut self.scope, scope);
                items.iter().for_each(|item| self.visit_item(item));
                self.scope = outer;
            }
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes: &[Attribute] = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !is_test(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_field_value(&mut self, value: &'ast syn::FieldValue) {
        if !is_test(&value.attrs) {
            visit::visit_field_value(self, value);
        }
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if !is_test(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !is_test(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    /// `pub(in crate::a)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// Derived and other macros are named in attributes; documentation only names things.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.follow(&words, path.span().start().line);
        }
        visit::visit_path(self, path);
    }
}
