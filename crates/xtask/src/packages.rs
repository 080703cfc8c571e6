//! The crates that can be published: each has what a registry asks for, and builds from its package alone, without what
//! stands around its folder here. Nothing is sent anywhere.
//!
//! Cargo verifies a package by building it, and takes what it depends on from a registry, where the other crates of this
//! project are not. The packages that were verified before take their place. (Cargo can put the packages of one call into
//! a registry of its own, but only of crates that are not `publish = false`, and in a second call it takes their sources
//! from the first: it keeps them by version.)

use crate::files::read;
use crate::process::{cargo, in_root, quiet, root, run, target_folder};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;

/// Each depends only on those before it.
const CRATES: [&str; 4] = ["cpc-core", "cpc-wire", "cpc-whatsapp", "cpc-http"];

/// The version of all crates.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What both licenses ask for: that their texts go with the program.
const LICENSES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// The step `package`.
pub(crate) fn check() -> Result<()> {
    described()?;
    // What is verified is resolved offline, so that it does not depend on what was released today. On a new machine
    // that needs everything to be there first.
    let host = quiet(in_root("rustc").args(["--print", "host-tuple"])).context("no rustc")?;
    run(cargo().args(["fetch", "--locked", "--quiet", "--target", &host]))?;
    let mut before = Vec::new();
    for name in CRATES {
        run(cargo()
            .args(["package", "--package", name, "--all-features", "--offline", "--locked", "--quiet"])
            // Changes that are not committed yet are checked as well.
            .arg("--allow-dirty")
            // What it asks for is checked here; the addresses among it the project does not have.
            .arg("--no-metadata")
            // A lock file would name the registry's packages of the other crates.
            .arg("--exclude-lockfile")
            .args(&before))
        .with_context(|| format!("{name} does not build from its package, see above"))?;
        let package = target_folder()?.join("package").join(format!("{name}-{VERSION}"));
        complete(&package).with_context(|| format!("the package of {name}"))?;
        before.push("--config".to_owned());
        before.push(format!("patch.crates-io.{name}.path='{}'", package.display()));
    }
    Ok(())
}

/// Checks what the manifests say to a registry.
fn described() -> Result<()> {
    let metadata = quiet(cargo().args(["metadata", "--no-deps", "--offline", "--format-version", "1"]))
        .context("`cargo metadata` fails")?;
    let metadata: Value = serde_json::from_str(&metadata).context("`cargo metadata` is not JSON")?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("no packages")?;
    let mut wrong = Vec::new();
    for name in CRATES {
        let package = packages.iter().find(|package| package.get("name").is_some_and(|found| found == name));
        let package = package.with_context(|| format!("the workspace has no {name}"))?;
        wrong.extend(lacking(package).into_iter().map(|what| format!("crates/{name}/Cargo.toml: {what}")));
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// What a package's manifest lacks.
fn lacking(package: &Value) -> Vec<String> {
    let mut lacking = Vec::new();
    for member in ["description", "license", "readme", "rust_version"] {
        if package.get(member).and_then(Value::as_str).is_none_or(str::is_empty) {
            lacking.push(format!("no {}", member.replace('_', "-")));
        }
    }
    // The registry takes five of each.
    for member in ["keywords", "categories"] {
        let count = package.get(member).and_then(Value::as_array).map_or(0, Vec::len);
        if !(1..=5).contains(&count) {
            lacking.push(format!("{count} {member}, instead of 1 to 5"));
        }
    }
    let has_features = package.get("features").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    let shown = package.pointer("/metadata/docs/rs/all-features").and_then(Value::as_bool);
    if has_features && shown != Some(true) {
        lacking
            .push("no [package.metadata.docs.rs] with all-features, so its documentation lacks them".into());
    }
    lacking
}

/// Checks what goes with the sources: the page of the crate, and the texts of the licenses.
fn complete(package: &Path) -> Result<()> {
    let page = read(&package.join("README.md"))?;
    ensure!(!page.contains("](../") && !page.contains("]: ../"), "a link of its README.md leaves it");
    for name in LICENSES {
        // In a crate they are links. Where git cannot make any, they are files that say where they lead.
        let text = read(&package.join(name))?;
        ensure!(text == read(&root().join(name))?, "{name} is not that of the project");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_registry_asks_for_is_missed() {
        let mut package = json!({
            "description": "Rules", "license": "MIT", "readme": "README.md", "rust_version": "1.90",
            "keywords": ["a"], "categories": ["b"], "features": {}, "metadata": null,
        });
        assert!(lacking(&package).is_empty());
        package["description"] = Value::Null;
        package["readme"] = json!("");
        package["keywords"] = json!(["a", "b", "c", "d", "e", "f"]);
        package["categories"] = json!([]);
        package["features"] = json!({"std": []});
        let said = lacking(&package).join("\n");
        for expected in ["no description", "no readme", "6 keywords", "0 categories", "docs.rs"] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
        package["metadata"] = json!({"docs": {"rs": {"all-features": true}}});
        assert!(!lacking(&package).join("\n").contains("docs.rs"));
    }
}
