//! Reading a snapshot. Nothing in it is trusted: every number is checked before it is used, whatever its
//! checksums say.

use super::codec::{Invalid, Source, ensure};
use super::policy;
use super::section::Section;
use crate::command::{Pace, SenderState};
use crate::contacts::campaigns::CampaignName;
use crate::contacts::packed::{CycleId, NewCycle};
use crate::contacts::phone_record::{Inbound, PhoneRecord};
use crate::contacts::sharded_table::Slot;
use crate::contacts::store::FollowUpOverride;
use crate::cycle::{Cycle, Phase};
use crate::engine::state::Engine;
use crate::hours::ContactHours;
use crate::phone::{ContactKey, Countries, Phone};
use crate::policy::MAX_WINDOW;
use crate::senders::pool::{Sender, Settings};
use crate::text::{MAX_CAMPAIGN, MAX_ID, is_name};
use crate::time::{DAY, Timestamp};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// No instant that an engine computes is later: the last that can be named, and every window and delay after it.
const LATEST: u64 = Timestamp::MAX.as_millis() + 8_000 * DAY;
/// But for the next opening of a queue that closes every day there is to close.
const LATEST_DUE: u64 = LATEST + 7 * (ContactHours::MAX_CLOSED_DATES as u64 + 3) * DAY;
/// So many dispatches are never made; numbers below fit a cycle's identity.
const MOST_DISPATCHES: u64 = 1 << 46;

/// A phone, whatever is known of it.
const PHONE_BYTES: usize = 58;
/// So many phones are looked up together.
const LOOKUP_BATCH: usize = 64;
/// So many commands are never applied.
const MOST_COMMANDS: u64 = 1 << 62;

/// More dispatches of one sender in one millisecond are not believed.
const MOST_AT_ONCE: u64 = 1 << 26;

/// An engine that is being read, and what its parts are called in the snapshot.
#[derive(Default)]
pub(super) struct Reader {
    engine: Option<Engine>,
    now: u64,
    groups: Vec<Box<str>>,
    windows: Vec<u32>,
    window_lengths: Vec<u64>,
    campaigns: Vec<[Box<str>; 4]>,
    /// What the engine calls those that a phone has named.
    campaign_numbers: Vec<Option<u32>>,
    clients: Vec<Slot>,
}

impl Reader {
    fn engine(&mut self) -> Result<&mut Engine, Invalid> {
        self.engine.as_mut().ok_or(Invalid)
    }

    pub(super) fn section(&mut self, section: Section, mut source: Source<'_>) -> Result<(), Invalid> {
        let source = &mut source;
        match section {
            Section::Policy => self.engine = Some(Engine::new(policy::read(source)?)),
            Section::Counters => self.read_counters(source)?,
            Section::Groups => self.read_groups(source)?,
            Section::Senders => self.read_senders(source)?,
            Section::Wallets => self.read_wallets(source)?,
            Section::Windows => self.read_windows(source)?,
            Section::Campaigns => self.read_campaigns(source)?,
            Section::Clients => self.read_clients(source)?,
            Section::Phones => self.read_phones(source)?,
            Section::FollowUpOverrides => self.read_detours(source)?,
            Section::Failures => self.read_failures(source)?,
            Section::Forgotten => self.read_forgotten(source)?,
            Section::History => self.read_history(source)?,
        }
        source.end()
    }

    pub(super) fn finish(mut self) -> Result<Engine, Invalid> {
        let now = self.now;
        let mut engine = self.engine.take().ok_or(Invalid)?;
        // A sender that is in no wallet has nothing left but what it used.
        let is_fit = |sender: &Sender| {
            let state = sender.state_at(now);
            sender.wallet.is_some()
                || sender.settings == Settings::default() && state == (SenderState::Ready, None)
        };
        ensure(engine.pool.senders.iter().all(is_fit))?;
        for group in 0..self.groups.len() {
            engine.pool.drop_empty_group(group as u32);
        }
        engine.pool.advance(now);
        engine.rebuild(now);
        engine.timers.settle(&engine.contacts, now, engine.policy.retention_ms);
        Ok(engine)
    }

    fn read_counters(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let clock = match source.option()? {
            None => None,
            Some(ms) => Some(i64::try_from(ms).ok().and_then(Timestamp::new).ok_or(Invalid)?),
        };
        self.now = clock.map_or(0, Timestamp::as_millis);
        let engine = self.engine()?;
        engine.clock = clock;
        engine.dispatches = source.u64()?;
        engine.imports = source.u64()?;
        ensure(engine.dispatches < MOST_DISPATCHES && engine.imports < MOST_DISPATCHES)
    }

    fn read_groups(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        for _ in 0..source.count(5)? {
            let name = source.text()?;
            ensure(self.groups.last().is_none_or(|last| **last < *name))?;
            let limit = read_u32(source.option()?)?;
            ensure(is_name(name, MAX_ID))?;
            let pool = &mut self.engine()?.pool;
            // Names are unique, so the first group is number 0, and so on.
            let number = pool.intern_group(name);
            pool.group_mut(number).daily_limit = limit;
            self.groups.push(name.into());
        }
        Ok(())
    }

    fn read_senders(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        for place in 0..source.count(40)? {
            let id = source.text()?;
            ensure(is_name(id, MAX_ID))?;
            let settings = self.read_settings(source)?;
            let state = *SenderState::ALL.get(usize::from(source.u8()?)).ok_or(Invalid)?;
            let until = source.option()?;
            ensure(until.is_none_or(|until| until <= LATEST && state != SenderState::Ready))?;
            let arrival = source.u64()?;
            ensure(arrival <= LATEST * 1_000)?;
            let now = self.now;
            let pool = &mut self.engine()?.pool;
            ensure(pool.can_intern(id))?;
            let number = pool.intern_sender(id);
            // Ids are unique, so the first sender is number 0, and so on.
            ensure(number as usize == place)?;
            pool.set_group(number, settings.group);
            let sender = pool.sender_mut(number);
            sender.settings = settings;
            sender.set_state(state, until);
            sender.arrival = arrival;
            let mut last = 0;
            for _ in 0..source.count(16)? {
                let (t0, count) = (source.u64()?, source.u64()?);
                ensure(
                    t0 > last && t0 <= LATEST && t0 >= Timestamp::MIN.as_millis() && count <= MOST_AT_ONCE,
                )?;
                last = t0;
                pool.count_many(number, t0, count);
            }
            pool.refresh(number, now);
        }
        Ok(())
    }

    fn read_settings(&self, source: &mut Source<'_>) -> Result<Settings, Invalid> {
        let weight = source.u32()?;
        let daily_limit = read_u32(source.option()?)?;
        let pace =
            source.option()?.map(|packed| Pace { per_second: (packed >> 32) as u32, burst: packed as u32 });
        let rate = |value: u32| (1..=1_000_000).contains(&value);
        ensure(rate(weight) && pace.is_none_or(|pace| rate(pace.per_second) && rate(pace.burst)))?;
        let operators = read_names(source)?;
        let group = match source.u32()?.checked_sub(1) {
            None => None,
            Some(group) => Some(self.groups.get(group as usize).map(|_| group).ok_or(Invalid)?),
        };
        Ok(Settings { weight, daily_limit, pace, operators, group })
    }

    fn read_wallets(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let mut last: Option<&str> = None;
        for _ in 0..source.count(21)? {
            let tag = source.text()?;
            ensure(is_name(tag, MAX_ID) && last.is_none_or(|last| last < tag))?;
            last = Some(tag);
            let window = source.option()?;
            let operators = read_names(source)?;
            let members = source.count(4)?;
            let now = self.now;
            let engine = self.engine()?;
            let fits =
                |window: u64| (1..=MAX_WINDOW).contains(&window) && engine.policy.allows_window(window);
            ensure(window.is_none_or(fits))?;
            let wallet = engine.pool.add_wallet(tag);
            for _ in 0..members {
                let number = source.u32()?.checked_sub(1).ok_or(Invalid)?;
                let sender = engine.pool.senders.get_mut(number as usize).ok_or(Invalid)?;
                ensure(sender.wallet.is_none())?;
                sender.wallet = Some(wallet);
                engine.pool.wallet_mut(wallet).senders.push(number);
            }
            let restored = engine.pool.wallet_mut(wallet);
            restored.window = window;
            restored.operators = operators;
            engine.pool.rebuild_ranking(wallet, now);
        }
        Ok(())
    }

    fn read_windows(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        for _ in 0..source.count(8)? {
            let window = source.u64()?;
            ensure((1..=MAX_WINDOW).contains(&window))?;
            ensure(self.window_lengths.last().is_none_or(|last| *last < window))?;
            let number = self.engine()?.contacts.windows.append(window).ok_or(Invalid)?;
            self.windows.push(number);
            self.window_lengths.push(window);
        }
        Ok(())
    }

    fn read_campaigns(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        for _ in 0..source.count(16)? {
            let [account, name, tag, operator] =
                [source.text()?, source.text()?, source.text()?, source.text()?];
            ensure(account.len() <= MAX_ID && is_name(name, MAX_CAMPAIGN))?;
            ensure(is_name(tag, MAX_ID) && is_name(operator, MAX_ID))?;
            let origin = [account, name, tag, operator].map(Box::from);
            ensure(self.campaigns.last().is_none_or(|last| *last < origin))?;
            self.campaigns.push(origin);
        }
        self.campaign_numbers = alloc::vec![None; self.campaigns.len()];
        Ok(())
    }

    /// A cycle: phase, stage, `t0`, window and id, all of them 0 when there is none.
    fn cycle(
        &self,
        phase: u8,
        stage: u8,
        t0: u64,
        window: u32,
        id: u64,
    ) -> Result<Option<(NewCycle, Cycle)>, Invalid> {
        let phase = match phase {
            0 => return ensure(stage == 0 && t0 == 0 && window == 0 && id == 0).map(|()| None),
            1 => Phase::Open,
            2 => Phase::Replied,
            3 => Phase::Released,
            _ => return Err(Invalid),
        };
        let engine = self.engine.as_ref().ok_or(Invalid)?;
        let window_number = *self.windows.get(window as usize).ok_or(Invalid)?;
        let length = *self.window_lengths.get(window as usize).ok_or(Invalid)?;
        let cycle_id = CycleId::from_u64(id);
        let made = match cycle_id.dispatch() {
            Some(number) => (1..=engine.dispatches).contains(&number),
            None => (CycleId::of_import(1)..=CycleId::of_import(engine.imports)).contains(&cycle_id),
        };
        ensure(made && cycle_id.to_u64() == id && stage <= 2 && is_instant(t0))?;
        Ok(Some((NewCycle { id: cycle_id, t0, window_number, stage }, Cycle { t0, window: length, phase })))
    }

    fn sender(&self, place: u32) -> Result<Option<u32>, Invalid> {
        let Some(number) = place.checked_sub(1) else { return Ok(None) };
        let engine = self.engine.as_ref().ok_or(Invalid)?;
        ensure((number as usize) < engine.pool.senders.len()).map(|()| Some(number))
    }

    fn read_clients(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let mut last: Option<&str> = None;
        for _ in 0..source.count(32)? {
            let id = source.text()?;
            ensure(!id.is_empty() && id.len() <= MAX_ID && last.is_none_or(|last| last < id))?;
            last = Some(id);
            let opted_out = source.bool()?;
            let (phase, stage, t0) = (source.u8()?, source.u8()?, source.u64()?);
            let cycle = self.cycle(phase, stage, t0, source.u32()?, source.u64()?)?;
            let last_reply = source.option()?;
            ensure(last_reply.is_none_or(is_named_instant))?;
            let sender = self.sender(source.u32()?)?;
            let contacts = &mut self.engine()?.contacts;
            // It is new, so it cannot have lapsed.
            let slot = contacts.get_or_insert_client(id, 0, 0);
            contacts.edit_client(slot, |record| {
                if let Some((new, cycle)) = cycle {
                    record.open(new, sender);
                    record.set_cycle(cycle);
                }
                if let Some(at) = last_reply {
                    record.set_last_reply(at);
                }
                record.set_opted_out(opted_out);
            });
            self.clients.push(slot);
        }
        Ok(())
    }

    fn read_phones(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let everywhere = Countries::new(&["*"]).ok_or(Invalid)?;
        let mut last = 0;
        let count = source.count(PHONE_BYTES)?;
        self.engine()?.contacts.reserve_phones(count);
        for place in 0..count {
            self.look_ahead(place, source)?;
            let number = source.u64()?;
            let phone = Phone::from_digits(number, &everywhere).map_err(|_| Invalid)?;
            let key = phone.key();
            ensure(number > last && key.as_u64() == number)?;
            last = number;
            self.read_phone(key, source)?;
        }
        Ok(())
    }

    /// Looks at the places of the next phones now and then, so that these look-ups overlap.
    fn look_ahead(&mut self, place: usize, source: &Source<'_>) -> Result<(), Invalid> {
        if !place.is_multiple_of(LOOKUP_BATCH) {
            return Ok(());
        }
        let contacts = &self.engine()?.contacts;
        let keys = source.0.chunks(PHONE_BYTES).take(LOOKUP_BATCH).filter_map(|phone| phone.first_chunk());
        keys.for_each(|key| contacts.phones.touch_index(contacts.phone_hash(u64::from_le_bytes(*key))));
        Ok(())
    }

    fn read_phone(&mut self, key: ContactKey, source: &mut Source<'_>) -> Result<(), Invalid> {
        let (flags, packed, t0) = (source.u8()?, source.u8()?, source.u64()?);
        // Of a cycle that was dropped only its start is left.
        let dropped = packed & 3 == 0 && t0 != 0;
        ensure(!dropped || is_instant(t0))?;
        let start = if dropped { 0 } else { t0 };
        let cycle = self.cycle(packed & 3, packed >> 2 & 3, start, source.u32()?, source.u64()?)?;
        let last_reply = source.u64()?;
        let sender = self.sender(source.u32()?)?;
        let id_message = source.u64()?;
        let (origin, client) = (source.u32()?, source.u32()?);
        let flag = |bit: u8| flags >> bit & 1 == 1;
        ensure(if flag(7) { is_named_instant(last_reply) } else { last_reply == 0 })?;
        ensure(flag(4) || id_message == 0)?;
        let inbound = match packed >> 4 {
            0 => Inbound::Never,
            1 => Inbound::WithoutNinthDigit,
            2 => Inbound::WithNinthDigit,
            _ => return Err(Invalid),
        };
        let client = match client.checked_sub(1) {
            None => None,
            Some(place) => Some(*self.clients.get(place as usize).ok_or(Invalid)?),
        };
        let origin = origin.checked_sub(1);
        ensure(cycle.is_some() || origin.is_none() && client.is_none() && !flag(4) && !flag(5) && !flag(6))?;
        // An answered cycle has no pending follow-ups.
        let answered = cycle.is_some_and(|(_, cycle)| cycle.phase == Phase::Replied);
        ensure(!answered || !flag(5) && !flag(6))?;
        let origin = origin.map(|place| self.name_campaign(place as usize)).transpose()?;
        let contacts = &mut self.engine()?.contacts;
        if let Some(client) = client {
            contacts.clients.at_mut(client).add_reference();
        }
        // It is new, so it cannot have lapsed.
        let slot = contacts.get_or_insert_phone(key, 0, 0);
        contacts.edit_phone(slot, |record: &mut PhoneRecord| {
            if let Some((new, cycle)) = cycle {
                record.open(new);
                record.set_cycle(cycle);
                record.set_client(client);
                record.campaign_ref = origin.unwrap_or(record.campaign_ref);
            }
            if dropped {
                record.set_last_start(t0);
            }
            if flag(7) {
                record.set_last_reply(last_reply);
            }
            record.set_sender(sender);
            record.set_inbound(inbound);
            record.set_opted_out(flag(0));
            record.set_undeliverable(flag(1));
            record.set_delivered(flag(2));
            record.set_posted_with_ninth_digit(flag(3));
            record.set_id_message(flag(4).then_some(id_message));
            record.set_pending([flag(5), flag(6)]);
        });
        Ok(())
    }

    /// One more phone refers to a campaign.
    fn name_campaign(&mut self, place: usize) -> Result<u32, Invalid> {
        let campaigns = &mut self.engine.as_mut().ok_or(Invalid)?.contacts.campaigns;
        let known = self.campaign_numbers.get_mut(place).ok_or(Invalid)?;
        if let Some(number) = *known {
            campaigns.share(number);
            return Ok(number);
        }
        let [id_account, name, tag, operator] = self.campaigns.get(place).ok_or(Invalid)?;
        let number = campaigns.acquire(&CampaignName { id_account, name, tag }, operator);
        *known = Some(number);
        Ok(number)
    }

    /// The slot of a phone that was read.
    fn phone_slot(&mut self, number: u64) -> Result<Slot, Invalid> {
        let key = ContactKey::from_stored(number).ok_or(Invalid)?;
        self.engine()?.contacts.find_phone(key).ok_or(Invalid)
    }

    fn read_detours(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let mut last = 0;
        for _ in 0..source.count(24)? {
            let (key, due, origin) = (source.u64()?, source.u64()?, source.u64()?);
            ensure(key > last && due <= LATEST_DUE)?;
            last = key;
            let slot = self.phone_slot(key)?;
            let engine = self.engine()?;
            ensure(
                engine.contacts.phones.at(slot).has_pending() && (1..=engine.dispatches).contains(&origin),
            )?;
            engine.contacts.set_override(slot, FollowUpOverride { due, origin });
        }
        Ok(())
    }

    fn read_failures(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let mut last = 0;
        for _ in 0..source.count(16)? {
            let key = source.u64()?;
            ensure(key > last)?;
            last = key;
            let slot = self.phone_slot(key)?;
            let mut failed = Vec::new();
            for _ in 0..source.count(4)? {
                failed.push(self.sender(source.u32()?)?.ok_or(Invalid)?);
            }
            let contacts = &mut self.engine()?.contacts;
            let record = contacts.phones.at_mut(slot);
            let id = record.cycle_id().ok_or(Invalid)?;
            ensure(record.phase() == Some(Phase::Open) && !failed.is_empty())?;
            record.set_has_failures(true);
            contacts.failures.insert(id, failed);
        }
        Ok(())
    }

    fn read_forgotten(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let mut last = None;
        for _ in 0..source.count(16)? {
            let hash = source.u128()?;
            ensure(last.is_none_or(|last| last < hash))?;
            last = Some(hash);
            self.engine()?.contacts.forgotten.insert(hash);
        }
        Ok(())
    }

    fn read_history(&mut self, source: &mut Source<'_>) -> Result<(), Invalid> {
        let seq = source.u64()?;
        ensure(seq < MOST_COMMANDS)?;
        self.engine()?.seq = seq;
        let mut last = 0;
        for _ in 0..source.count(8)? {
            let key = source.u64()?;
            ensure(key > last)?;
            last = key;
            let slot = self.phone_slot(key)?;
            self.engine()?.contacts.phones.at_mut(slot).set_listed(true);
        }
        Ok(())
    }
}

fn read_u32(value: Option<u64>) -> Result<Option<u32>, Invalid> {
    value.map(|value| u32::try_from(value).map_err(|_| Invalid)).transpose()
}

/// Names, sorted and each once.
fn read_names(source: &mut Source<'_>) -> Result<Vec<Box<str>>, Invalid> {
    let mut names: Vec<Box<str>> = Vec::new();
    for _ in 0..source.count(4)? {
        let name = source.text()?;
        ensure(is_name(name, MAX_ID) && names.last().is_none_or(|last| **last < *name))?;
        names.push(name.into());
    }
    Ok(names)
}

/// Whether an engine could have computed an instant.
fn is_instant(instant: u64) -> bool {
    (Timestamp::MIN.as_millis()..=LATEST).contains(&instant)
}

/// Whether a host could have named an instant.
fn is_named_instant(instant: u64) -> bool {
    i64::try_from(instant).ok().and_then(Timestamp::new).is_some()
}
