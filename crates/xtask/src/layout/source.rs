//! A crate as the modules it is made of: one for each file that `mod` declarations reach from its root, parsed.
//!
//! Names are looked up as the compiler does it, as far as the text alone allows: through `use`, re-exports and
//! globs, to the module that defines an item. What macros define is not in the text; a name that is not found where a
//! path leads counts as defined there.

use crate::files::read;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::{Attribute, Item, Meta, UseTree, Visibility};

/// A crate, or one of the programs of a package.
pub(super) struct Crate {
    /// One for each file; the root is the first.
    pub(super) modules: Vec<Module>,
    /// The places where names are defined: a module, or an inline module of one. The first is that of the root.
    scopes: Vec<Scope>,
}

/// A module that is a file.
pub(super) struct Module {
    /// Its path in the crate, `contacts::store`; of the root, the name of its file.
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) items: Vec<Item>,
    /// Its lines, those of test code not counted.
    pub(super) lines: usize,
    /// Whether it declares modules that are files.
    pub(super) has_children: bool,
    /// Where its names are.
    pub(super) scope: usize,
}

/// The names of a module.
struct Scope {
    /// The module, a file, that it is part of.
    module: usize,
    parent: Option<usize>,
    /// Its path in the crate; empty for that of the root.
    path: String,
    /// There may be a module, a function and a macro of one name.
    names: BTreeMap<String, Vec<Name>>,
    globs: Vec<Vec<String>>,
    /// Every word in macros that stand among the items: what they may define.
    perhaps: BTreeSet<String>,
    defines_items: bool,
}

enum Name {
    /// Defined here.
    Item,
    /// A child, by its scope.
    Module(usize),
    /// A child whose file another crate owns: it is checked there.
    Elsewhere,
    /// Brought in by `use`, by its path.
    Alias(Vec<String>),
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// An item, by the module that defines it.
    Item(usize),
    /// A module itself, by its scope.
    Scope(usize),
}

/// What one `use` brings in.
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// The name it has here; `None` for a glob.
    pub(super) alias: Option<String>,
    pub(super) line: usize,
}

impl Crate {
    /// Parses the crate with that root, and every module below it.
    pub(super) fn read(root: &Path) -> Result<Crate> {
        let name = root.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = root.parent().context("a crate's root is in no folder")?;
        let mut found = Crate { modules: Vec::new(), scopes: Vec::new() };
        let scope = found.add_scope(0, None, String::new());
        found.add_file(root, folder, name, scope)?;
        Ok(found)
    }

    /// Adds the module in that file, whose children are in `folder`, and them.
    fn add_file(&mut self, file: &Path, folder: &Path, name: String, scope: usize) -> Result<()> {
        let text = read(file)?;
        let parsed =
            syn::parse_file(&text).with_context(|| format!("{} cannot be parsed", file.display()))?;
        let tests: usize = parsed.items.iter().filter(|item| is_test(attributes(item))).map(lines_of).sum();
        let index = self.modules.len();
        self.modules.push(Module {
            name,
            file: file.to_path_buf(),
            items: Vec::new(),
            lines: text.lines().count().saturating_sub(tests),
            has_children: false,
            scope,
        });
        self.add_items(&parsed.items, scope, folder)?;
        if let Some(module) = self.modules.get_mut(index) {
            module.items = parsed.items;
        }
        Ok(())
    }

    fn add_scope(&mut self, module: usize, parent: Option<usize>, path: String) -> usize {
        self.scopes.push(Scope {
            module,
            parent,
            path,
            names: BTreeMap::new(),
            globs: Vec::new(),
            perhaps: BTreeSet::new(),
            defines_items: false,
        });
        self.scopes.len() - 1
    }

    fn add_items(&mut self, items: &[Item], scope: usize, folder: &Path) -> Result<()> {
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                Item::Use(item) => {
                    for import in imports(&item.tree) {
                        match import.alias {
                            Some(alias) => {
                                self.add_name(scope, alias, Name::Alias(import.path));
                            }
                            None => self.edit(scope, |scope| scope.globs.push(import.path)),
                        }
                    }
                }
                Item::Mod(item) => self.add_module(item, scope, folder)?,
                Item::Macro(item) => {
                    if let Some(name) = &item.ident {
                        self.add_name(scope, name.to_string(), Name::Item);
                    }
                    let mut words = BTreeSet::new();
                    collect_words(item.mac.tokens.clone(), &mut words);
                    self.edit(scope, |scope| scope.perhaps.append(&mut words));
                }
                item => {
                    if let Some(name) = name_of(item) {
                        self.add_name(scope, name, Name::Item);
                        self.edit(scope, |scope| scope.defines_items = true);
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds a declared module: inline, or a file below `folder`.
    fn add_module(&mut self, item: &syn::ItemMod, parent: usize, folder: &Path) -> Result<()> {
        let name = item.ident.to_string();
        let known = self.child(parent, &name);
        let inner = folder.join(&name);
        let mut path = self.scopes.get(parent).map_or(String::new(), |scope| scope.path.clone());
        path = if path.is_empty() { name.clone() } else { format!("{path}::{name}") };
        if let Some((_, items)) = &item.content {
            // Of two that exclude each other by `cfg`, the names of both.
            let scope = known.unwrap_or_else(|| self.add_scope(self.module_of(parent), Some(parent), path));
            self.add_name(parent, name, Name::Module(scope));
            return self.add_items(items, scope, &inner);
        }
        if known.is_some() {
            return Ok(());
        }
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
            self.add_name(parent, name, Name::Elsewhere);
            return Ok(());
        }
        let scope = self.add_scope(self.modules.len(), Some(parent), path.clone());
        self.add_name(parent, name.clone(), Name::Module(scope));
        let owner = self.module_of(parent);
        if let Some(module) = self.modules.get_mut(owner) {
            module.has_children = true;
        }
        let flat = folder.join(format!("{name}.rs"));
        let file = if flat.exists() { flat } else { inner.join("mod.rs") };
        self.add_file(&file, &inner, path, scope)
    }

    fn add_name(&mut self, scope: usize, name: String, what: Name) {
        self.edit(scope, |scope| scope.names.entry(name).or_default().push(what));
    }

    fn edit(&mut self, scope: usize, change: impl FnOnce(&mut Scope)) {
        if let Some(scope) = self.scopes.get_mut(scope) {
            change(scope);
        }
    }

    /// Names files from that folder on.
    pub(super) fn shorten_files(&mut self, top: &Path) {
        for module in &mut self.modules {
            if let Ok(short) = module.file.strip_prefix(top) {
                module.file = short.to_path_buf();
            }
        }
    }

    /// The module, a file, that a scope is part of.
    pub(super) fn module_of(&self, scope: usize) -> usize {
        self.scopes.get(scope).map_or(0, |scope| scope.module)
    }

    /// The child module of that name, inline or not.
    pub(super) fn child(&self, scope: usize, name: &str) -> Option<usize> {
        self.scopes.get(scope)?.names.get(name)?.iter().find_map(|what| match what {
            Name::Module(child) => Some(*child),
            _ => None,
        })
    }

    /// Whether a scope has items of its own, and not only children and re-exports.
    pub(super) fn defines_items(&self, scope: usize) -> bool {
        self.scopes.get(scope).is_some_and(|scope| scope.defines_items)
    }

    /// What a path that stands in a scope leads to; nothing if it leads out of the crate.
    pub(super) fn resolve(&self, scope: usize, path: &[String]) -> BTreeSet<Target> {
        self.resolve_from(scope, path, &mut BTreeSet::new())
    }

    /// `seen` are the names that led here: two globs may name each other.
    fn resolve_from(
        &self,
        scope: usize,
        path: &[String],
        seen: &mut BTreeSet<(usize, String)>,
    ) -> BTreeSet<Target> {
        match path.split_first() {
            Some((first, rest)) if first == "crate" => self.walk(0, rest, seen),
            Some((first, _)) if first == "self" || first == "super" => self.walk(scope, path, seen),
            Some((first, rest)) => self.find(scope, first, rest, seen).unwrap_or_default(),
            None => BTreeSet::new(),
        }
    }

    /// What a path within a module leads to. The module itself defines what is not found.
    fn walk(&self, scope: usize, path: &[String], seen: &mut BTreeSet<(usize, String)>) -> BTreeSet<Target> {
        match path.split_first() {
            None => BTreeSet::from([Target::Scope(scope)]),
            Some((first, rest)) if first == "self" => self.walk(scope, rest, seen),
            Some((first, rest)) if first == "super" => {
                let parent = self.scopes.get(scope).and_then(|scope| scope.parent);
                parent.map(|parent| self.walk(parent, rest, seen)).unwrap_or_default()
            }
            Some((first, rest)) => self
                .find(scope, first, rest, seen)
                .unwrap_or_else(|| BTreeSet::from([Target::Item(self.module_of(scope))])),
        }
    }

    /// What a name of a scope leads to, with what follows it; `None` if the scope has no such name.
    fn find(
        &self,
        scope: usize,
        name: &str,
        rest: &[String],
        seen: &mut BTreeSet<(usize, String)>,
    ) -> Option<BTreeSet<Target>> {
        if !seen.insert((scope, name.to_owned())) {
            return None;
        }
        let names = &self.scopes.get(scope)?.names;
        let result = match (names.get(name), self.child(scope, name)) {
            // Nothing but a module, or a type, has anything inside.
            (Some(_), Some(child)) if !rest.is_empty() => Some(self.walk(child, rest, seen)),
            (Some(found), _) => {
                let mut targets = BTreeSet::new();
                for what in found {
                    match what {
                        Name::Item => {
                            targets.insert(Target::Item(self.module_of(scope)));
                        }
                        Name::Elsewhere => {}
                        Name::Module(child) => targets.append(&mut self.walk(*child, rest, seen)),
                        Name::Alias(path) => {
                            let path: Vec<String> = path.iter().chain(rest).cloned().collect();
                            let own_name = path.first().is_some_and(|first| first == name);
                            let mut found = match (own_name, self.child(scope, name)) {
                                (false, _) => self.resolve_from(scope, &path, seen),
                                // `use reason::reason` is of the child, or else of another crate.
                                (true, Some(child)) => {
                                    self.walk(child, path.get(1..).unwrap_or_default(), seen)
                                }
                                (true, None) => BTreeSet::new(),
                            };
                            targets.append(&mut found);
                        }
                    }
                }
                Some(targets)
            }
            (None, _) => self.find_unnamed(scope, name, rest, seen),
        };
        seen.remove(&(scope, name.to_owned()));
        result
    }

    /// What a name leads to that a glob brings in or a macro defines.
    fn find_unnamed(
        &self,
        scope: usize,
        name: &str,
        rest: &[String],
        seen: &mut BTreeSet<(usize, String)>,
    ) -> Option<BTreeSet<Target>> {
        let here = self.scopes.get(scope)?;
        let mut opened = Vec::new();
        for glob in &here.globs {
            for target in self.resolve_from(scope, glob, seen) {
                if let Target::Scope(other) = target {
                    opened.push(other);
                }
            }
        }
        for other in &opened {
            if let Some(found) = self.find(*other, name, rest, seen) {
                return Some(found);
            }
        }
        let named =
            |scope: &&usize| self.scopes.get(**scope).is_some_and(|scope| scope.perhaps.contains(name));
        let definer = Some(&scope).filter(named).or_else(|| opened.iter().find(named));
        definer.map(|scope| BTreeSet::from([Target::Item(self.module_of(*scope))]))
    }
}

/// What one `use` brings in, name by name.
pub(super) fn imports(tree: &UseTree) -> Vec<Import> {
    fn add(tree: &UseTree, path: &[String], found: &mut Vec<Import>) {
        let below = |name: &syn::Ident| -> Vec<String> {
            let last = (name != "self" || path.is_empty()).then(|| name.to_string());
            path.iter().cloned().chain(last).collect()
        };
        let line = tree.span().start().line;
        match tree {
            UseTree::Path(inner) => {
                let path: Vec<String> = path.iter().cloned().chain([inner.ident.to_string()]).collect();
                add(&inner.tree, &path, found);
            }
            UseTree::Name(name) => {
                let path = below(&name.ident);
                let alias = path.last().cloned();
                found.push(Import { path, alias, line });
            }
            UseTree::Rename(rename) => {
                let alias = Some(rename.rename.to_string());
                found.push(Import { path: below(&rename.ident), alias, line });
            }
            UseTree::Glob(_) => found.push(Import { path: path.to_vec(), alias: None, line }),
            UseTree::Group(group) => group.items.iter().for_each(|tree| add(tree, path, found)),
        }
    }
    let mut found = Vec::new();
    add(tree, &[], &mut found);
    found
}

/// Whether `use` brings in for others as well.
pub(super) fn is_public(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

/// Whether what has these attributes is compiled for tests alone.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<Meta>().is_ok_and(|condition| needs_test(&condition))
        }
        _ => false,
    })
}

/// Whether a condition of `cfg` holds in no build but that of tests.
fn needs_test(condition: &Meta) -> bool {
    let parts = |list: &syn::MetaList| {
        list.parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated)
    };
    match condition {
        Meta::Path(path) => path.is_ident("test") || path.is_ident("doctest"),
        Meta::List(list) if list.path.is_ident("all") => {
            parts(list).is_ok_and(|parts| parts.iter().any(needs_test))
        }
        Meta::List(list) if list.path.is_ident("any") => {
            parts(list).is_ok_and(|parts| !parts.is_empty() && parts.iter().all(needs_test))
        }
        _ => false,
    }
}

/// The attributes of an item.
pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn lines_of(item: &Item) -> usize {
    let span = item.span();
    span.end().line - span.start().line + 1
}

fn collect_words(tokens: proc_macro2::TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Ident(word) => {
                words.insert(word.to_string());
            }
            proc_macro2::TokenTree::Group(group) => collect_words(group.stream(), words),
            _ => {}
        }
    }
}
