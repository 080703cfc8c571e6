//! The feature `serde`: outcomes and views with the ids of their senders.

use crate::engine::state::Engine;
use crate::outcome::SenderRef;
use crate::value::Fields;
use crate::value::serialize::{SenderIds, serialize_fields};
use serde::ser::{Serialize, Serializer};

/// Something with the fields of a table, and the engine that knows the ids of its senders.
pub struct WithSenderIds<'a> {
    fields: &'a dyn Fields,
    engine: &'a Engine,
}

impl Engine {
    /// An outcome or a view to serialize with the ids of senders. Without its engine a sender is its number, which after
    /// a restore may be another sender's.
    ///
    /// ```
    /// use cpc_core::{Command, Engine, ExplainRequest, Policy, SenderSetup, WalletSetup};
    ///
    /// let mut engine = Engine::new(Policy::default());
    /// let senders = [SenderSetup::new("5514990000001")];
    /// engine.apply_to_vec(1_795_436_400_000, &Command::Wallet(WalletSetup::new("emp1", &senders)))?;
    ///
    /// let phone = ExplainRequest { phone: "5511988876204", tag: "emp1", specialist_code: "ana", client_id: "" };
    /// let (_, explanation) = engine.explain(1_795_436_400_000, &phone)?;
    /// let json = serde_json::to_value(engine.with_sender_ids(&explanation))?;
    /// assert_eq!(json["senders"][0]["id"], "5514990000001");
    /// assert_eq!(json["outcome"]["status"], "accepted");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_sender_ids<'a>(&'a self, fields: &'a dyn Fields) -> WithSenderIds<'a> {
        WithSenderIds { fields, engine: self }
    }
}

impl Serialize for WithSenderIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_fields(self.fields, Some(self.engine), serializer)
    }
}

impl SenderIds for Engine {
    fn sender_id(&self, number: u32) -> &str {
        Engine::sender_id(self, SenderRef::from_number(number))
    }
}
