//! What queries answer. RULES §1.2: for the later of their time and the clock; they move nothing.

use super::Model;
use super::answer::{Ends, SenderFacts, Verdict, View, WalletFacts};
use super::contacts::Subject;
use super::dispatch::count_contacts;
use super::history::{Client, Contact, Course, LastCycle, OptOut};
use super::pool::{Demand, Market, Pool};
use super::{check, dispatch, hours, number};
use cpc_core::{Command, CommandError, GateState, Policy, Sendable, Stats, Suppression, Target, Timestamp};

impl Model {
    pub(crate) fn contact(&self, at: i64, target: &Target<'_>) -> Result<(u64, View), CommandError> {
        check::times(at, &Command::Clock)?;
        let now = self.effective(at);
        let subject = check::subject(&self.history, target)?;
        Ok((now, self.view(now, &subject)))
    }

    fn view(&self, now: u64, subject: &Subject) -> View {
        match subject {
            Subject::Phone(key) => phone_view(*key, &self.history.contact(*key, now), self.policy(), now),
            Subject::Client(id) => client_view(&self.history.client(id, now), now),
        }
    }

    /// RULES §6.2, §6.6
    pub(crate) fn deadlines(&self, at: i64) -> Ends {
        let now = self.effective(at);
        let retention = self.policy().retention().as_millis() as u64;
        let contacts: Vec<Contact> =
            self.history.phones().into_iter().map(|key| self.history.contact(key, now)).collect();
        let blocking = contacts.iter().filter_map(|contact| contact.last.as_ref());
        let blocking = blocking.filter(|last| last.is_blocking(now));
        Ends {
            follow_up: contacts.iter().filter_map(|contact| contact.due(retention)).min(),
            expiry: blocking.map(|last| last.cycle.end()).min(),
        }
    }

    /// RULES §6.7: by due time, then by contact key; which stage, and when it became due.
    pub(crate) fn due_follow_ups(&self, at: i64) -> Vec<(u64, u64, u8)> {
        let now = self.effective(at);
        let retention = self.policy().retention().as_millis() as u64;
        let contacts = self.history.phones().into_iter().map(|key| (key, self.history.contact(key, now)));
        let mut due: Vec<_> = contacts
            .filter_map(|(key, contact)| {
                let stage = if contact.pending[0] { 1 } else { 2 };
                contact.due(retention).filter(|due| *due <= now).map(|due| (due, key, stage))
            })
            .collect();
        due.sort_unstable();
        due
    }

    /// RULES §4.8
    pub(crate) fn sendable(&self, at: i64, dispatch: u64, client_id: &str) -> Sendable {
        let now = self.effective(at);
        let client_id = client_id.trim();
        if !client_id.is_empty() && self.history.client(client_id, now).opted_out != OptOut::No {
            return Sendable::No;
        }
        let contacts = self.history.phones().into_iter().map(|key| self.history.contact(key, now));
        let is_it = |contact: &Contact| {
            contact
                .last
                .as_ref()
                .is_some_and(|last| last.cycle.dispatch == Some(dispatch) && last.is_blocking(now))
        };
        let Some(contact) = contacts.filter(is_it).find(|contact| self.history.may_still_go(contact, now))
        else {
            return Sendable::No;
        };
        let cycle = &contact.last.as_ref().expect("it is this dispatch's").cycle;
        let end = cycle.t0 + cycle.window.min(self.policy().report_ttl().as_millis() as u64);
        let opening = match self.policy().hours() {
            None => Some(now),
            Some(hours) if hours::is_open(hours, cycle.key, now) => Some(now),
            Some(hours) => hours::next_opening(hours, cycle.key, now),
        };
        match opening.filter(|opening| *opening < end) {
            None => Sendable::No,
            Some(opening) if opening == now => Sendable::Now,
            Some(opening) => Sendable::From(Timestamp::new(opening as i64).expect("an instant")),
        }
    }

    pub(crate) fn wallet(&self, at: i64, tag: &str) -> Result<WalletFacts, CommandError> {
        let now = self.effective(at);
        let market = Market::of(&self.history);
        let wallet = market.pool.wallet(tag).ok_or(CommandError::UnknownWallet)?;
        let senders = wallet.senders.iter().map(|sender| {
            let (settings, standing) = (&sender.settings, sender.standing.at(now));
            SenderFacts {
                id: settings.id.clone(),
                state: standing.state,
                until: standing.until,
                weight: settings.weight,
                usage: market.usage(&settings.id, now),
                daily_limit: settings.daily_limit,
                pace: settings.pace,
                operators: settings.operators.clone(),
                group: settings.group.clone().map(|name| {
                    let (usage, limit) = (market.group_usage(&name, now), market.pool.group_limit(&name));
                    (name, usage, limit)
                }),
            }
        });
        Ok(WalletFacts {
            tag: tag.to_owned(),
            window_ms: wallet.window,
            operators: wallet.operators.clone(),
            senders: senders.collect(),
        })
    }

    /// Which senders of a wallet could serve a phone, and when. RULES §5.3, §5.6.
    pub(crate) fn verdicts(&self, at: i64, phone: &str, tag: &str, operator: &str) -> Vec<Verdict> {
        let now = self.effective(at);
        let market = Market::of(&self.history);
        let digits = dispatch::read_phone(self.policy(), phone);
        let (Some(digits), Some(wallet)) = (digits, market.pool.wallet(tag)) else {
            return Vec::new();
        };
        let key = number::value(&number::key(&digits));
        let demand = Demand { wallet: tag, key, operator, excluded: &[] };
        let verdict = |id: &str| {
            let send_at = market.serve(id, &demand, now);
            let later = || market.first_service(&[id], &demand, now);
            let eligible_at = if send_at.is_some() { Some(now) } else { later() };
            Verdict { sender: id.to_owned(), eligible: send_at.is_some(), eligible_at, send_at }
        };
        wallet.senders.iter().map(|sender| verdict(&sender.settings.id)).collect()
    }

    pub(crate) fn stats(&self, at: i64) -> Stats {
        let now = self.effective(at);
        let pool = Pool::of(&self.history);
        let phones: Vec<Contact> =
            self.history.phones().into_iter().map(|key| self.history.contact(key, now)).collect();
        let clients = self.history.clients();
        let clients = clients.iter().map(|id| self.history.client(id, now));
        let blocked = |phone: &&Contact| phone_view(0, phone, self.policy(), now).state == GateState::Blocked;
        let opted_out = phones.iter().map(|phone| phone.opted_out);
        let opted_out = opted_out.chain(clients.map(|client| client.opted_out));
        let [counted_phones, counted_clients] = count_contacts(&self.history, now);
        let mut stats = Stats::default();
        stats.seq = self.seq;
        stats.dispatches = self.history.dispatches();
        stats.phones = counted_phones;
        stats.clients = counted_clients;
        stats.blocked = phones.iter().filter(blocked).count() as u64;
        stats.opted_out = opted_out.filter(|opt_out| *opt_out != OptOut::No).count() as u64;
        stats.pending_follow_ups = phones.iter().filter(|phone| phone.pending != [false; 2]).count() as u64;
        stats.wallets = pool.wallets.len() as u64;
        stats.senders = pool.wallets.iter().map(|wallet| wallet.senders.len() as u64).sum();
        stats
    }

    /// The instants at which something changes by itself: where the next step may want to be, or just beside.
    pub(crate) fn instants(&self) -> Vec<u64> {
        let now = self.clock.unwrap_or(0);
        let policy = self.policy();
        let (retention, ttl) =
            (policy.retention().as_millis() as u64, policy.report_ttl().as_millis() as u64);
        let mut instants = Vec::new();
        for key in self.history.phones() {
            let contact = self.history.contact(key, now);
            instants.extend(contact.lapses_at(retention));
            instants.extend(contact.due(retention));
            instants
                .extend(contact.last_reply.map(|reply| reply + policy.service_window().as_millis() as u64));
            if let Some(last) = &contact.last {
                let cycle = &last.cycle;
                instants.extend([cycle.t0, cycle.end(), cycle.t0 + ttl, cycle.t0 + 24 * 60 * 60 * 1000]);
            }
        }
        let pool = Pool::of(&self.history);
        let senders = pool.wallets.iter().flat_map(|wallet| &wallet.senders);
        instants.extend(senders.filter_map(|sender| sender.standing.until));
        instants.retain(|instant| *instant > now);
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// All that decides what comes next, for telling states apart.
    pub(crate) fn facts(&self) -> String {
        let now = self.clock.unwrap_or(0);
        let contacts = self.history.phones().into_iter().map(|key| {
            let mut contact = self.history.contact(key, now);
            // Which batch opened a cycle matters inside that batch alone.
            if let Some(last) = &mut contact.last {
                last.cycle.opened_by = None;
            }
            contact
        });
        let clients = self.history.clients().into_iter().map(|id| {
            let mut client = self.history.client(&id, now);
            if let Some(last) = &mut client.last {
                last.cycle.opened_by = None;
            }
            client
        });
        let (contacts, clients): (Vec<_>, Vec<_>) = (contacts.collect(), clients.collect());
        let market = Market::of(&self.history);
        format!("{now} {contacts:?} {clients:?} {market:?} {:?}", self.policy())
    }

    /// When the last cycle of a phone began, for replies stamped around it.
    pub(crate) fn last_start(&self, phone: &str) -> Option<u64> {
        let digits = dispatch::read_phone(self.policy(), phone)?;
        let contact = self.history.contact(number::value(&number::key(&digits)), self.clock?);
        contact.last.map(|last| last.cycle.t0)
    }

    pub(crate) fn dispatches(&self) -> u64 {
        self.history.dispatches()
    }
}

/// RULES §3, §3.8
fn phone_view(key: u64, contact: &Contact, policy: &Policy, now: u64) -> View {
    let suppression = if contact.opted_out != OptOut::No {
        Some(Suppression::OptedOut)
    } else {
        contact.undeliverable.then_some(Suppression::Undeliverable)
    };
    let wrote = contact.last_reply.is_some();
    let is_final = contact.is_finally_blocked(policy, now);
    let state = match gate_state(contact.last.as_ref(), now) {
        _ if suppression.is_some() => GateState::Suppressed,
        _ if is_final => GateState::Blocked,
        GateState::Free if contact.last.is_none() && wrote => GateState::Replied,
        state => state,
    };
    let view = cycle_view(contact.last.as_ref(), state, suppression, now);
    View {
        key: Some(key),
        sender: contact.last_sender.clone(),
        last_reply: contact.last_reply,
        pending_stages: contact.pending,
        // RULES §6.5: a final block has no end.
        until: view.until.filter(|_| !is_final),
        ..view
    }
}

fn client_view(client: &Client, now: u64) -> View {
    let suppression = (client.opted_out != OptOut::No).then_some(Suppression::OptedOut);
    let state = match gate_state(client.last.as_ref(), now) {
        _ if suppression.is_some() => GateState::Suppressed,
        state => state,
    };
    let sender = client.last.as_ref().and_then(|last| last.cycle.sender.clone());
    View {
        sender,
        last_reply: client.last_reply,
        ..cycle_view(client.last.as_ref(), state, suppression, now)
    }
}

/// What the last cycle says of its gate. RULES §3.
fn gate_state(last: Option<&LastCycle>, now: u64) -> GateState {
    match last {
        None => GateState::Free,
        Some(last) => match last.course {
            Course::Open if now < last.cycle.end() => GateState::Blocked,
            Course::Open => GateState::Expired,
            Course::Replied => GateState::Replied,
            Course::Released => GateState::Free,
        },
    }
}

fn cycle_view(
    last: Option<&LastCycle>,
    state: GateState,
    suppression: Option<Suppression>,
    now: u64,
) -> View {
    let end = last.filter(|last| last.is_blocking(now)).map(|last| last.cycle.end());
    View {
        key: None,
        state,
        since: last.map(|last| last.cycle.t0),
        until: end.filter(|_| state == GateState::Blocked),
        dispatch: last.and_then(|last| last.cycle.dispatch),
        sender: None,
        stage: last.map(|last| last.cycle.stage),
        last_reply: None,
        pending_stages: [false; 2],
        suppression,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_never_seen_is_free() {
        let model = Model::new(Policy::default());
        let (now, view) = model.contact(1_795_000_000_000, &Target::Phone("5511988876204")).unwrap();
        assert_eq!((now, view.state, view.since), (1_795_000_000_000, GateState::Free, None));
    }
}
