//! What the lines read is what the core says there is: a field that is written in one place only shows here.

use cpc_core::schema::{Field, Kind, Object};
use cpc_core::{Command, Policy, Query};
use cpc_wire::OPERATIONS;
use std::collections::{BTreeMap, BTreeSet};

/// The names of fields, those of flattened objects included.
fn names<'a>(fields: impl IntoIterator<Item = &'a Field>, into: &mut BTreeSet<&'static str>) {
    for field in fields {
        match field.kind {
            Kind::Flattened(object) => names(object.fields, into),
            Kind::Object(object) if field.name.is_empty() => names(object.fields, into),
            _ => {
                into.insert(field.name);
            }
        }
    }
}

#[test]
fn every_line_reads_the_fields_that_the_core_lists() {
    let mut expected: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for operation in Command::OPERATIONS.iter().chain(Query::OPERATIONS) {
        let fields = expected.entry(operation.name).or_insert_with(|| BTreeSet::from(["op", "at"]));
        names(operation.fields(), fields);
    }
    let mut read: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for operation in OPERATIONS {
        let fields = read.entry(operation.name).or_default();
        fields.extend(operation.fields.iter().map(|field| field.name));
    }
    assert_eq!(read, expected);
}

#[test]
fn required_is_what_the_core_requires() {
    for operation in OPERATIONS {
        let rows: Vec<_> = Command::OPERATIONS
            .iter()
            .chain(Query::OPERATIONS)
            .filter(|row| row.name == operation.name)
            .collect();
        // Where one `op` has several forms, what one of them requires another need not have.
        let [row] = rows.as_slice() else { continue };
        for field in row.fields().filter(|field| !field.name.is_empty()) {
            let line = operation.fields.iter().find(|line| line.name == field.name).unwrap();
            assert_eq!(line.required, field.required, "{}.{}", operation.name, field.name);
        }
    }
}

#[test]
fn a_policy_has_the_members_that_its_descriptor_lists() {
    let Object { fields, .. } = Policy::SCHEMA;
    assert!(fields.iter().all(|field| !field.doc().is_empty() && !field.name.is_empty()));
    assert_eq!(fields.iter().map(|field| field.name).collect::<BTreeSet<_>>().len(), fields.len());
}
