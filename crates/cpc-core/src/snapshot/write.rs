//! Writing the sections of a snapshot, as they are at an instant.

use super::codec::Sink;
use super::policy;
use super::section::Section;
use crate::contacts::campaigns::Campaign;
use crate::contacts::packed::CycleId;
use crate::contacts::phone_record::{NO_CAMPAIGN, PhoneRecord};
use crate::contacts::sharded_table::Slot;
use crate::cycle::Phase;
use crate::engine::state::Engine;
use crate::senders::pool::Sender;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// An engine at an instant, with everything in its order.
pub(super) struct Writer<'a> {
    engine: &'a Engine,
    now: u64,
    retention: u64,
    /// Numbers of the engine, in the order of the snapshot.
    groups: Vec<u32>,
    senders: Vec<u32>,
    windows: Vec<u64>,
    campaigns: Vec<u32>,
    clients: Vec<Slot>,
    phones: Vec<(u64, Slot)>,
    /// Of the phones, those of which more is kept beside the table, and those that `expire` has listed.
    detoured: Vec<(u64, Slot)>,
    failed: Vec<(u64, Slot)>,
    listed: Vec<(u64, Slot)>,
    /// Places in the snapshot, by number of the engine.
    group_places: BTreeMap<u32, u32>,
    sender_places: BTreeMap<u32, u32>,
    campaign_places: BTreeMap<u32, u32>,
    /// Sorted by slot.
    client_places: Vec<(Slot, u32)>,
}

fn places(numbers: &[u32]) -> BTreeMap<u32, u32> {
    numbers.iter().copied().zip(0..).collect()
}

/// A place plus one, or 0 for none.
fn place(places: &BTreeMap<u32, u32>, number: Option<u32>) -> u32 {
    number.and_then(|number| places.get(&number)).map_or(0, |place| place + 1)
}

/// A set of few values that are met many times, mostly the same again.
#[derive(Default)]
struct Found<T> {
    all: BTreeSet<T>,
    last: Option<T>,
}

impl<T: Ord + Copy> Found<T> {
    fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        for value in values {
            if self.last != Some(value) {
                self.last = Some(value);
                self.all.insert(value);
            }
        }
    }
}

/// So many records are looked up together: their look-ups overlap.
const LOOKUP_BATCH: usize = 64;

impl<'a> Writer<'a> {
    pub(super) fn new(engine: &'a Engine, now: u64) -> Writer<'a> {
        let mut writer = Writer {
            engine,
            now,
            retention: engine.policy.retention_ms,
            groups: Vec::new(),
            senders: Vec::new(),
            windows: Vec::new(),
            campaigns: Vec::new(),
            clients: Vec::new(),
            phones: Vec::new(),
            detoured: Vec::new(),
            failed: Vec::new(),
            listed: Vec::new(),
            group_places: BTreeMap::new(),
            sender_places: BTreeMap::new(),
            campaign_places: BTreeMap::new(),
            client_places: Vec::new(),
        };
        writer.order_contacts();
        writer.order_fleet();
        writer
    }

    fn phone(&self, slot: Slot) -> PhoneRecord {
        self.engine.contacts.phones.at(slot).as_of(self.now, self.retention)
    }

    /// Collects what is remembered of contacts, and what that refers to.
    fn order_contacts(&mut self) {
        let contacts = &self.engine.contacts;
        let (now, retention) = (self.now, self.retention);
        let mut campaigns = Found::default();
        let mut windows = Found::default();
        let mut senders = alloc::vec![false; self.engine.pool.senders.len()];
        let mut meet = |sender: u32| {
            if let Some(met) = senders.get_mut(sender as usize) {
                *met = true;
            }
        };
        let mut clients = Vec::new();
        for (slot, record) in contacts.phones.iter() {
            let record = record.as_of(now, retention);
            if !record.is_known() && !record.opted_out() && !record.undeliverable() {
                continue;
            }
            let phone = (record.key(), slot);
            self.phones.push(phone);
            self.detoured.extend(record.has_override().then_some(phone));
            self.failed.extend(record.has_failures().then_some(phone));
            self.listed.extend(record.listed().then_some(phone));
            campaigns.extend(Some(record.campaign_ref).filter(|campaign| *campaign != NO_CAMPAIGN));
            windows.extend(record.cycle(&contacts.windows).map(|cycle| cycle.window));
            record.sender().into_iter().for_each(&mut meet);
            self.failures(&record).into_iter().flatten().for_each(&mut meet);
            clients.extend(record.client().filter(|client| !contacts.clients.at(*client).forgotten()));
        }
        for phones in [&mut self.phones, &mut self.detoured, &mut self.failed, &mut self.listed] {
            phones.sort_unstable();
        }
        for (slot, record) in contacts.clients.iter() {
            let record = record.as_of(now, retention);
            windows.extend(record.cycle(&contacts.windows).map(|cycle| cycle.window));
            record.sender().into_iter().for_each(&mut meet);
            if !record.forgotten() && (record.is_known() || record.opted_out()) {
                clients.push(slot);
            }
        }
        clients.sort_unstable();
        clients.dedup();
        self.clients = clients;
        self.clients.sort_unstable_by_key(|slot| contacts.id_of(contacts.clients.at(*slot)));
        self.client_places = self.clients.iter().copied().zip(0..).collect();
        self.client_places.sort_unstable();
        self.windows = windows.all.into_iter().collect();
        let mut campaigns: Vec<u32> = campaigns.all.into_iter().collect();
        campaigns.sort_unstable_by_key(|campaign| self.campaign_texts(*campaign));
        self.campaigns = campaigns;
        self.campaign_places = places(&self.campaigns);
        self.senders = (0..).zip(senders).filter(|(_, met)| *met).map(|(sender, _)| sender).collect();
    }

    fn campaign_texts(&self, campaign: u32) -> Option<(&'a str, &'a str, &'a str, &'a str)> {
        let (Campaign { id_account, name, tag, .. }, operator) =
            self.engine.contacts.campaigns.get(campaign)?;
        Some((id_account, name, tag, operator))
    }

    /// Adds the senders that are in use to those that contacts know.
    fn order_fleet(&mut self) {
        let pool = &self.engine.pool;
        let in_use = |sender: &Sender| {
            sender.wallet.is_some()
                || sender.usage_window.usage(self.now) > 0
                || sender.arrival > self.now * 1_000
        };
        let known: BTreeSet<u32> = self.senders.iter().copied().collect();
        let all = (0..).zip(&pool.senders);
        let kept = all.filter(|(number, sender)| in_use(sender) || known.contains(number));
        self.senders = kept.map(|(number, _)| number).collect();
        self.senders.sort_unstable_by_key(|number| &pool.sender(*number).id);
        self.sender_places = places(&self.senders);
        self.groups = pool.group_by_name.values().copied().collect();
        self.group_places = places(&self.groups);
    }

    pub(super) fn section(&self, section: Section, out: &mut Sink) {
        match section {
            Section::Policy => policy::write(&self.engine.policy, out),
            Section::Counters => {
                out.option(self.engine.clock.map(|_| self.now));
                out.u64(self.engine.dispatches);
                out.u64(self.engine.imports);
            }
            Section::Groups => self.write_groups(out),
            Section::Senders => self.write_senders(out),
            Section::Wallets => self.write_wallets(out),
            Section::Windows => {
                out.count(self.windows.len());
                self.windows.iter().for_each(|window| out.u64(*window));
            }
            Section::Campaigns => self.write_campaigns(out),
            Section::Clients => self.write_clients(out),
            Section::Phones => self.write_phones(out),
            Section::FollowUpOverrides => self.write_detours(out),
            Section::Failures => self.write_failures(out),
            Section::Forgotten => {
                out.count(self.engine.contacts.forgotten.len());
                self.engine.contacts.forgotten.iter().for_each(|hash| out.u128(*hash));
            }
            Section::History => self.write_history(out),
        }
    }

    fn write_groups(&self, out: &mut Sink) {
        out.count(self.groups.len());
        for group in self.groups.iter().map(|number| self.engine.pool.group(*number)) {
            out.text(group.name.as_bytes());
            out.option(group.daily_limit.map(u64::from));
        }
    }

    fn write_senders(&self, out: &mut Sink) {
        out.count(self.senders.len());
        for sender in self.senders.iter().map(|number| self.engine.pool.sender(*number)) {
            out.text(sender.id.as_bytes());
            let settings = &sender.settings;
            out.u32(settings.weight);
            out.option(settings.daily_limit.map(u64::from));
            let pace = settings.pace.map(|pace| u64::from(pace.per_second) << 32 | u64::from(pace.burst));
            out.option(pace);
            out.count(settings.operators.len());
            settings.operators.iter().for_each(|operator| out.text(operator.as_bytes()));
            out.u32(place(&self.group_places, settings.group));
            let (state, until) = sender.state_at(self.now);
            out.u8(state as u8);
            out.option(until);
            // An arrival time that is over is as good as none.
            out.u64(if sender.arrival > self.now * 1_000 { sender.arrival } else { 0 });
            self.write_ring(sender, out);
        }
    }

    /// Dispatches of one millisecond are written as one, however they are kept.
    fn write_ring(&self, sender: &Sender, out: &mut Sink) {
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (t0, count) in sender.usage_window.entries(self.now) {
            match merged.last_mut() {
                Some(last) if last.0 == t0 => last.1 += count,
                _ => merged.push((t0, count)),
            }
        }
        out.count(merged.len());
        for (t0, count) in merged {
            out.u64(t0);
            out.u64(count);
        }
    }

    fn write_wallets(&self, out: &mut Sink) {
        let pool = &self.engine.pool;
        out.count(pool.by_tag.len());
        for wallet in pool.by_tag.values().map(|number| pool.wallet(*number)) {
            out.text(wallet.tag.as_bytes());
            out.option(wallet.window);
            out.count(wallet.operators.len());
            wallet.operators.iter().for_each(|operator| out.text(operator.as_bytes()));
            out.count(wallet.senders.len());
            wallet.senders.iter().for_each(|sender| out.u32(place(&self.sender_places, Some(*sender))));
        }
    }

    fn write_campaigns(&self, out: &mut Sink) {
        out.count(self.campaigns.len());
        for campaign in &self.campaigns {
            let (id_account, name, tag, operator) = self.campaign_texts(*campaign).unwrap_or_default();
            [id_account, name, tag, operator].into_iter().for_each(|text| out.text(text.as_bytes()));
        }
    }

    fn window_place(&self, window: u64) -> u32 {
        self.windows.binary_search(&window).map_or(0, |place| place as u32)
    }

    fn write_clients(&self, out: &mut Sink) {
        let contacts = &self.engine.contacts;
        out.count(self.clients.len());
        for slot in &self.clients {
            let record = contacts.clients.at(*slot).as_of(self.now, self.retention);
            out.text(contacts.id_of(&record));
            out.bool(record.opted_out());
            let cycle = record.cycle(&contacts.windows);
            out.u8(phase_number(cycle.map(|cycle| cycle.phase)));
            out.u8(record.stage());
            out.u64(cycle.map_or(0, |cycle| cycle.t0));
            out.u32(cycle.map_or(0, |cycle| self.window_place(cycle.window)));
            out.u64(record.cycle_id().map_or(0, CycleId::to_u64));
            out.option(record.last_reply());
            out.u32(place(&self.sender_places, record.sender()));
        }
    }

    /// A phone is 58 bytes, whatever is known of it, so that reading is quick.
    fn write_phones(&self, out: &mut Sink) {
        let contacts = &self.engine.contacts;
        out.count(self.phones.len());
        for phones in self.phones.chunks(LOOKUP_BATCH) {
            for (_, slot) in phones {
                contacts.phones.touch_record(*slot);
            }
            self.write_some_phones(phones, out);
        }
    }

    fn write_some_phones(&self, phones: &[(u64, Slot)], out: &mut Sink) {
        let contacts = &self.engine.contacts;
        for (key, slot) in phones {
            let record = self.phone(*slot);
            let cycle = record.cycle(&contacts.windows);
            let [first, last] = contacts.pending(&record);
            let flags = [
                record.opted_out(),
                record.undeliverable(),
                record.delivered(),
                record.posted_with_ninth_digit(),
                record.id_message().is_some(),
                first,
                last,
                record.last_reply().is_some(),
            ];
            let flags = flags.into_iter().rev().fold(0_u8, |bits, flag| bits << 1 | u8::from(flag));
            let client = record.client().and_then(|client| {
                let at = self.client_places.binary_search_by_key(&client, |known| known.0).ok()?;
                self.client_places.get(at)
            });
            out.u64(*key);
            out.u8(flags);
            out.u8(phase_number(cycle.map(|cycle| cycle.phase))
                | record.stage() << 2
                | (record.inbound() as u8) << 4);
            // A cycle that was dropped still counts for when the contact is forgotten.
            out.u64(record.last_start().unwrap_or(0));
            out.u32(cycle.map_or(0, |cycle| self.window_place(cycle.window)));
            out.u64(record.cycle_id().map_or(0, CycleId::to_u64));
            out.u64(record.last_reply().unwrap_or(0));
            out.u32(place(&self.sender_places, record.sender()));
            out.u64(record.id_message().unwrap_or(0));
            out.u32(place(&self.campaign_places, Some(record.campaign_ref)));
            out.u32(client.map_or(0, |(_, place)| place + 1));
        }
    }

    fn write_detours(&self, out: &mut Sink) {
        let contacts = &self.engine.contacts;
        let pending = self.detoured.iter().map(|(key, slot)| (*key, self.phone(*slot)));
        let pending = pending.filter(|(_, record)| contacts.pending(record) != [false, false]);
        let overrides =
            pending.filter_map(|(key, record)| Some((key, contacts.follow_up_override(&record)?)));
        let overrides: Vec<_> = overrides.collect();
        out.count(overrides.len());
        for (key, follow_up_override) in overrides {
            out.u64(key);
            out.u64(follow_up_override.due);
            out.u64(follow_up_override.origin);
        }
    }

    /// The senders that failed a phone's dispatch, as long as it can fail again.
    fn failures(&self, record: &PhoneRecord) -> Option<Vec<u32>> {
        let open = record.has_failures() && record.phase() == Some(Phase::Open);
        let failed = open.then(|| self.engine.contacts.failures.get(&record.cycle_id()?))?;
        failed.cloned()
    }

    fn write_failures(&self, out: &mut Sink) {
        let phones = self.failed.iter().map(|(key, slot)| (*key, self.phone(*slot)));
        let failures: Vec<_> =
            phones.filter_map(|(key, record)| Some((key, self.failures(&record)?))).collect();
        out.count(failures.len());
        for (key, failed) in failures {
            out.u64(key);
            out.count(failed.len());
            failed.iter().for_each(|sender| out.u32(place(&self.sender_places, Some(*sender))));
        }
    }

    fn write_history(&self, out: &mut Sink) {
        out.u64(self.engine.seq);
        out.count(self.listed.len());
        self.listed.iter().for_each(|(key, _)| out.u64(*key));
    }
}

const fn phase_number(phase: Option<Phase>) -> u8 {
    match phase {
        None => 0,
        Some(Phase::Open) => 1,
        Some(Phase::Replied) => 2,
        Some(Phase::Released) => 3,
    }
}
