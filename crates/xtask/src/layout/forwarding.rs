//! Small modules that only forward: a reader opens them, and has to go on elsewhere.

use crate::layout::source::{Crate, Module, attributes, is_test};
use syn::{Expr, FnArg, Item, ItemFn, Pat, Stmt};

/// A module with as many lines may be a front for others.
const SMALL: usize = 40;

/// What to say of every small module of a crate that only forwards. The root is where a crate is entered: it may.
pub(super) fn check(source: &Crate) -> Vec<String> {
    let found = source.modules.iter().skip(1).filter(|module| module.lines < SMALL && only_forwards(module));
    found
        .map(|module| {
            format!("{} only forwards, {} lines: {}", module.name, module.lines, module.file.display())
        })
        .collect()
}

/// Whether a module has nothing but imports and functions that hand on their arguments. One that declares children
/// and has no functions is the door to them, which Rust asks for.
fn only_forwards(module: &Module) -> bool {
    let mut items = module.items.iter().filter(|item| !is_test(attributes(item))).peekable();
    let is_door = module.has_children && items.clone().all(|item| !matches!(item, Item::Fn(_)));
    !is_door
        && items.peek().is_some()
        && items.all(|item| match item {
            Item::Use(_) => true,
            Item::Mod(item) => item.content.is_none(),
            Item::Fn(item) => hands_on(item),
            _ => false,
        })
}

/// Whether a function is one call with the function's own arguments.
fn hands_on(function: &ItemFn) -> bool {
    let call = match function.block.stmts.as_slice() {
        [Stmt::Expr(call, _)] => call,
        _ => return false,
    };
    let given: Vec<Option<String>> = function
        .sig
        .inputs
        .iter()
        .map(|argument| match argument {
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(name) => Some(name.ident.to_string()),
                _ => None,
            },
            FnArg::Receiver(_) => Some("self".to_owned()),
        })
        .collect();
    let named = |argument: &Expr| match argument {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    };
    let handed: Vec<Option<String>> = match call {
        Expr::Call(call) if matches!(&*call.func, Expr::Path(_)) => call.args.iter().map(named).collect(),
        Expr::MethodCall(call) => std::iter::once(&*call.receiver).chain(&call.args).map(named).collect(),
        _ => return false,
    };
    given.iter().all(Option::is_some) && given == handed
}
