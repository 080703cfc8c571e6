//! The checks on small trees.

use super::*;

/// A tree of files, gone when the test is over.
struct Tree(PathBuf);

impl Tree {
    /// A project whose one crate has these modules.
    fn new(test: &str, files: &[(&str, &str)]) -> Tree {
        let tree = Tree(std::env::temp_dir().join(format!("layout-{test}-{}", std::process::id())));
        let _ = fs::remove_dir_all(&tree.0);
        tree.write("ARCHITECTURE.md", "# Architecture\n");
        for (name, text) in files {
            tree.write(&format!("crates/one/src/{name}"), text);
        }
        tree
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.0.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// What the check says; nothing if it passes.
    fn said(&self) -> String {
        check_tree(&self.0).map_or_else(|error| format!("{error:#}"), |()| String::new())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn said(test: &str, files: &[(&str, &str)]) -> String {
    Tree::new(test, files).said()
}

#[test]
fn a_circle_is_named_with_the_place_of_each_arrow() {
    let said = said(
        "circle",
        &[
            ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("a.rs", "use crate::b::B;\npub struct A(B);\n"),
            ("b.rs", "//! B.\n\npub struct B(crate::c::C);\n"),
            ("c.rs", "pub struct C;\nfn c() { let _ = super::a::A; }\n"),
        ],
    );
    let expected = "circle in crates/one: a → b → c → a\n    crates/one/src/a.rs:1: crate::b::B\n    \
                    crates/one/src/b.rs:3: crate::c::C\n    crates/one/src/c.rs:2: super::a::A";
    assert!(said.starts_with("1 faults"), "{said}");
    assert!(said.contains(expected), "{said}");
}

#[test]
fn every_arrow_of_a_circle_is_in_one_that_is_named() {
    let said = said(
        "circles",
        &[
            ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("a.rs", "use crate::b::B;\npub struct A(B);\n"),
            ("b.rs", "use crate::a::A;\nuse crate::c::C;\npub struct B(A, C);\n"),
            ("c.rs", "use crate::a::A;\npub struct C(A);\n"),
        ],
    );
    assert!(said.contains("a → b → a\n") && said.contains("a → b → c → a\n"), "{said}");
}

#[test]
fn a_re_exported_item_is_that_of_the_module_that_defines_it() {
    let files = |b: &'static str| {
        [
            ("lib.rs", "mod a;\nmod b;\npub use a::*;\npub use b::{B, Other as Renamed};\n"),
            ("a.rs", "use crate::B;\npub struct A(B);\n"),
            ("b.rs", b),
        ]
    };
    assert_eq!(said("re-export", &files("pub struct B;\npub struct Other;\n")), "");
    let circle = said("re-export-circle", &files("pub struct B;\npub struct Other(crate::A);\n"));
    assert!(circle.contains("a → b → a"), "{circle}");
}

#[test]
fn the_root_is_a_module_where_it_defines_something() {
    let said = said(
        "root",
        &[
            ("main.rs", "mod a;\nstruct Root;\nfn main() { a::run(); }\n"),
            ("a.rs", "pub fn run() { let _ = crate::Root; }\n"),
        ],
    );
    assert!(said.contains("main → a → main"), "{said}");
}

#[test]
fn test_code_makes_no_circle() {
    let b = "pub struct B;\n#[cfg(test)]\nuse crate::a::A;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n\
             #[cfg(all(test, unix))]\nfn f() { crate::a::f() }\n\
             impl B {\n    #[cfg(test)]\n    fn g() { crate::a::f() }\n}\n";
    let files = |b: &'static str| {
        [
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a.rs", "use crate::b::B;\npub struct A(B);\npub fn f() {}\n"),
            ("b.rs", b),
        ]
    };
    assert_eq!(said("tests", &files(b)), "");
    let other = said("not-tests", &files("pub struct B;\n#[cfg(not(test))]\nfn f() { crate::a::f() }\n"));
    assert!(other.contains("a → b → a"), "{other}");
}

#[test]
fn a_parent_that_declares_and_re_exports_uses_nothing() {
    let files = |parent: &'static str| {
        [
            ("lib.rs", "mod room;\npub use room::child::Child;\n"),
            ("room/mod.rs", parent),
            ("room/child.rs", "use super::Own;\nuse super::other::Other;\npub struct Child(Own, Other);\n"),
            ("room/other.rs", "pub struct Other;\n"),
        ]
    };
    let door = "pub mod child;\nmod other;\npub(crate) use child::Child;\nstruct Own;\n";
    assert_eq!(said("door", &files(door)), "");
    let user = "pub mod child;\nmod other;\npub(crate) use child::Child;\nstruct Own;\nfn f(_: Child) {}\n";
    let circle = said("parent", &files(user));
    assert!(
        circle.contains("room → room::child → room\n    crates/one/src/room/mod.rs:5: Child"),
        "{circle}"
    );
}

#[test]
fn an_inline_module_is_part_of_its_file() {
    let a = "pub mod inner {\n    use super::A;\n    pub struct Inner(A);\n}\npub struct A;\n\
             fn f(_: inner::Inner, _: crate::b::B) {}\n";
    let files = |b: &'static str| [("lib.rs", "mod a;\nmod b;\n"), ("a.rs", a), ("b.rs", b)];
    assert_eq!(said("inline", &files("pub struct B;\n")), "");
    let circle = said("inline-circle", &files("pub struct B(crate::a::inner::Inner);\n"));
    assert!(circle.contains("a → b → a"), "{circle}");
}

#[test]
fn a_module_brought_in_is_no_arrow_but_what_is_used_of_it_is() {
    let files = |a: &'static str| {
        [
            ("lib.rs", "mod a;\nmod room;\n"),
            ("a.rs", a),
            ("room/mod.rs", "pub mod child;\npub struct Own;\npub fn f() { crate::a::f() }\n"),
            ("room/child.rs", "pub fn g() {}\n"),
        ]
    };
    assert_eq!(
        said("module", &files("use crate::room;\npub struct Own;\npub fn f() { room::child::g() }\n")),
        ""
    );
    let circle =
        said("module-circle", &files("use crate::room;\npub struct Own;\npub fn f() { room::f() }\n"));
    assert!(circle.contains("a → room → a\n    crates/one/src/a.rs:3: room::f"), "{circle}");
}

#[test]
fn macros_and_attributes_hide_nothing() {
    let files = |b: &'static str| {
        [
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a.rs", "macro_rules! table { ($a:expr) => { $crate::b::take($a) }; }\npub fn a() {}\n"),
            ("b.rs", b),
        ]
    };
    assert_eq!(said("macros", &files("/// Of [`crate::a::a`].\npub fn take(_: u8) {}\n")), "");
    for b in [
        "pub fn take(_: u8) {}\nfn f() { assert!(true, \"{:?}\", crate::a::a()) }\n",
        "#[derive(super::a::Derive)]\npub struct B;\n",
    ] {
        let circle = said("macros-circle", &files(b));
        assert!(circle.contains("a → b → a"), "{circle}");
    }
}

#[test]
fn rooms_use_only_what_stands_below() {
    let tree = Tree::new(
        "rooms",
        &[
            ("lib.rs", "mod engine;\nmod status;\nmod time;\npub use engine::Engine;\nfn f() {}\n"),
            ("engine/mod.rs", "mod state;\npub use state::Engine;\n"),
            ("engine/state.rs", "use crate::status::Status;\npub struct Engine(Status);\n"),
            ("status.rs", "use crate::time::Time;\npub struct Status(Time);\n"),
            ("time.rs", "pub struct Time;\n"),
        ],
    );
    let plan = |rows: &str| {
        tree.write("ARCHITECTURE.md", &format!("# A\n```rooms crates/one\n{rows}\n```\nmore\n"));
    };
    plan("engine\nstatus time");
    assert_eq!(tree.said(), "");
    plan("status time\nengine");
    let said = tree.said();
    let expected = "room in crates/one: engine::state may not use status, which stands above it\n    \
                    crates/one/src/engine/state.rs:1: crate::status::Status";
    assert!(said.contains(expected), "{said}");
    plan("engine\nstatus text");
    let said = tree.said();
    assert!(said.contains("time is not in the plan") && said.contains("text is in the plan, but"), "{said}");
    plan("engine\nstatus time");
    tree.write("crates/one/src/time.rs", "pub struct Time;\nfn g() { crate::f() }\n");
    assert!(tree.said().contains("time may not use lib, which stands above it"), "{}", tree.said());
}

#[test]
fn a_plan_of_a_crate_that_is_not_there_is_a_fault() {
    let tree = Tree::new("plan", &[("lib.rs", "fn f() {}\n")]);
    tree.write("ARCHITECTURE.md", "```rooms crates/two\na\n```\n");
    assert!(tree.said().contains("plans rooms of crates/two"), "{}", tree.said());
}

#[test]
fn a_small_module_that_only_forwards_is_named() {
    let root = ("lib.rs", "mod a;\nmod b;\n");
    let b = ("b.rs", "pub fn b(x: u8, y: u8) -> u8 { x + y }\npub fn c() -> u8 { 0 }\n");
    let a =
        "//! A.\nuse crate::b;\npub use crate::b::c;\npub fn a(x: u8, y: u8) -> u8 {\n    b::b(x, y)\n}\n";
    let forwarding = said("forwards", &[root, ("a.rs", a), b]);
    assert!(
        forwarding.contains("module in crates/one: a only forwards, 6 lines: crates/one/src/a.rs"),
        "{forwarding}"
    );
    for does_more in ["b::b(y, x)", "b::b(x, 1)", "b::b(x, y) + 1", "u8::from(x == y)"] {
        assert_eq!(
            said("works", &[root, ("a.rs", &a.replace("b::b(x, y)", does_more)), b]),
            "",
            "{does_more}"
        );
    }
    let long = format!("{a}{}", "// A line.\n".repeat(SMALL_ENOUGH));
    assert_eq!(said("long", &[root, ("a.rs", &long), b]), "");
    let door = [("lib.rs", "mod a;\n"), ("a/mod.rs", "mod b;\npub use b::c;\n"), ("a/b.rs", b.1)];
    assert_eq!(said("room-door", &door), "");
}

/// More lines than a small module has.
const SMALL_ENOUGH: usize = 40;

#[test]
fn names_that_macros_define_are_found() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\npub use a::*;\nfn own() { b::b() }\n"),
        ("a.rs", "policy! { pub struct Policy { window } }\npub fn a() {}\n"),
        ("b.rs", "use crate::Policy;\npub fn b() { let _: Policy; }\n"),
    ];
    assert_eq!(said("defined", &files), "");
}

#[test]
fn globs_that_name_each_other_end() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\npub use a::*;\n"),
        ("a.rs", "pub use crate::b::*;\npub use external::*;\npub struct A;\nfn f() { Unknown::new() }\n"),
        (
            "b.rs",
            "pub use crate::a::*;\npub use super::missing::*;\npub struct B;\nfn g() { Other::new() }\n",
        ),
    ];
    assert_eq!(said("globs", &files), "");
}

#[test]
fn a_function_of_its_modules_name_is_found() {
    let files = |reason: &'static str| {
        [
            ("lib.rs", "mod reason;\nmod user;\npub use reason::reason;\npub use serde::serde;\n"),
            ("reason.rs", reason),
            (
                "user.rs",
                "use crate::reason;\nuse crate::serde;\npub struct User;\nfn f() { reason(1); serde() }\n",
            ),
        ]
    };
    assert_eq!(said("own-name", &files("pub fn reason(_: u8) {}\npub struct Own;\n")), "");
    let circle =
        said("own-name-circle", &files("pub fn reason(_: u8) {}\npub struct Own(crate::user::User);\n"));
    assert!(circle.contains("reason → user → reason"), "{circle}");
}
