//! Changing wallets, senders and groups.
//!
//! [RULES §5](crate::rules#5-number-allocation). Every change is checked whole before any of it is made. A sender is
//! never dropped: contacts remember it, and if it comes back within 24 hours, in any wallet, its dispatches of
//! that time still count.

use crate::command::{MAX_RATE, Pace, SenderChange, SenderSetup, SenderState, WalletSetup};
use crate::contacts::packed::LOW_BITS_LIMIT;
use crate::error::{CommandError, FieldName, SettingError, check_time};
use crate::policy::{MAX_WINDOW, Policy};
use crate::senders::pool::{Group, Sender, SenderPool, Settings, Wallet};
use crate::text::{MAX_ID, is_name};
use crate::time::millis_of;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

const MAX_WALLETS: usize = 100_000;
const MAX_SENDERS_PER_WALLET: usize = 100_000;
const MAX_GROUPS: usize = 1_000_000;
/// Senders that were ever named since the engine began or was restored: contacts keep their numbers in 22 bits.
const MAX_SENDERS: usize = LOW_BITS_LIMIT as usize - 1;
const MAX_OPERATORS: usize = 100_000;

/// A member, and what is wrong with it.
type InvalidSetting = (FieldName, SettingError);

const fn invalid(sender: Option<u32>, (field, error): InvalidSetting) -> CommandError {
    CommandError::InvalidSetting { sender, field, error }
}

/// The setting of a wallet or group, or of a sender that changes alone.
const fn own_setting(invalid_setting: InvalidSetting) -> CommandError {
    invalid(None, invalid_setting)
}

fn check(valid: bool, field: FieldName, error: SettingError) -> Result<(), InvalidSetting> {
    if valid { Ok(()) } else { Err((field, error)) }
}

fn check_name(text: &str, field: FieldName) -> Result<(), InvalidSetting> {
    check(is_name(text, MAX_ID), field, SettingError::Malformed)
}

fn check_bounds(value: u64, field: FieldName, max: u64) -> Result<(), InvalidSetting> {
    check((1..=max).contains(&value), field, SettingError::OutOfBounds { min: 1, max })
}

fn check_operators(operators: &[&str]) -> Result<(), InvalidSetting> {
    check(operators.len() <= MAX_OPERATORS, "operators", SettingError::Malformed)?;
    operators.iter().try_for_each(|operator| check_name(operator, "operators"))
}

fn check_settings(
    weight: u32,
    pace: Option<Pace>,
    operators: &[&str],
    group: Option<&str>,
) -> Result<(), InvalidSetting> {
    let rate = |value: u32, field| check_bounds(u64::from(value), field, u64::from(MAX_RATE));
    rate(weight, "weight")?;
    if let Some(pace) = pace {
        rate(pace.per_second, "perSecond")?;
        rate(pace.burst, "burst")?;
    }
    check_operators(operators)?;
    group.map_or(Ok(()), |group| check_name(group, "group"))
}

fn sorted(texts: &[&str]) -> Vec<Box<str>> {
    let unique: BTreeSet<&str> = texts.iter().copied().collect();
    unique.into_iter().map(Box::from).collect()
}

fn too_many(what: &'static str, max: usize) -> CommandError {
    CommandError::TooMany { what, max: max as u64 }
}

/// How many of some names are not known.
fn count_new<'a>(names: impl Iterator<Item = &'a str>, known: &BTreeMap<Box<str>, u32>) -> usize {
    names.filter(|name| !known.contains_key(*name)).count()
}

/// Whether there may be some more of what there is.
fn check_count(what: &'static str, there: usize, more: usize, max: usize) -> Result<(), CommandError> {
    if there + more > max { Err(too_many(what, max)) } else { Ok(()) }
}

/// Window, operators and senders of a wallet.
type WalletSettings = (Option<u64>, Vec<Box<str>>, Vec<(u32, Settings)>);

impl SenderPool {
    /// Creates a wallet, or replaces its settings and its set of senders; false if it was so already.
    pub(crate) fn set_wallet(
        &mut self,
        setup: &WalletSetup<'_>,
        now: u64,
        policy: &Policy,
    ) -> Result<bool, CommandError> {
        self.check_wallet(setup, policy)?;
        let before = self.wallet_number(setup.tag).map(|wallet| self.settings_of(wallet));
        // From here it must succeed.
        let wallet = match self.wallet_number(setup.tag) {
            Some(wallet) => wallet,
            None => self.add_wallet(setup.tag),
        };
        let ids: BTreeSet<&str> = setup.senders.iter().map(|sender| sender.id).collect();
        let (stay, leave): (Vec<u32>, Vec<u32>) =
            self.wallet(wallet).senders.iter().partition(|member| ids.contains(&*self.sender(**member).id));
        for number in leave {
            self.retire(number, now);
        }
        self.wallet_mut(wallet).senders = stay;
        for sender in setup.senders {
            let number = self.join(wallet, sender.id);
            self.set_sender(number, sender);
        }
        let changed = self.wallet_mut(wallet);
        changed.window = setup.window.map(millis_of);
        changed.operators = sorted(setup.operators);
        self.rebuild_ranking(wallet, now);
        Ok(before != Some(self.settings_of(wallet)))
    }

    /// All that a host sets of a wallet.
    fn settings_of(&self, wallet: u32) -> WalletSettings {
        let wallet = self.wallet(wallet);
        let senders = wallet.senders.iter().map(|number| (*number, self.sender(*number).settings.clone()));
        (wallet.window, wallet.operators.clone(), senders.collect())
    }

    fn check_wallet(&self, setup: &WalletSetup<'_>, policy: &Policy) -> Result<(), CommandError> {
        check_name(setup.tag, "tag").map_err(own_setting)?;
        if let Some(window) = setup.window.map(millis_of) {
            check_bounds(window, "windowMs", MAX_WINDOW.min(policy.longest_window())).map_err(own_setting)?;
        }
        check_operators(setup.operators).map_err(own_setting)?;
        if setup.senders.len() > MAX_SENDERS_PER_WALLET {
            return Err(too_many("senders", MAX_SENDERS_PER_WALLET));
        }
        let wallet = self.wallet_number(setup.tag);
        if wallet.is_none() && self.by_tag.len() >= MAX_WALLETS {
            return Err(too_many("wallets", MAX_WALLETS));
        }
        let mut ids = BTreeSet::new();
        for (sender, index) in setup.senders.iter().zip(0..) {
            check_name(sender.id, "id")
                .and_then(|()| check(ids.insert(sender.id), "id", SettingError::Repeated))
                .and_then(|()| check_settings(sender.weight, sender.pace, sender.operators, sender.group))
                .map_err(|invalid_setting| invalid(Some(index), invalid_setting))?;
            self.check_free(sender.id, wallet, Some(index))?;
        }
        let groups: BTreeSet<&str> = setup.senders.iter().filter_map(|sender| sender.group).collect();
        self.check_room(ids.into_iter(), groups.into_iter())
    }

    /// A sender belongs to one wallet at most.
    fn check_free(&self, id: &str, wallet: Option<u32>, sender: Option<u32>) -> Result<(), CommandError> {
        let owner = self.sender_number(id).and_then(|number| self.sender(number).wallet);
        if owner.is_some() && owner != wallet { Err(CommandError::SenderTaken { sender }) } else { Ok(()) }
    }

    fn check_room<'a>(
        &self,
        ids: impl Iterator<Item = &'a str>,
        groups: impl Iterator<Item = &'a str>,
    ) -> Result<(), CommandError> {
        check_count("senders", self.senders.len(), count_new(ids, &self.by_id), MAX_SENDERS)?;
        let new_groups = count_new(groups, &self.group_by_name);
        check_count("groups", self.group_by_name.len(), new_groups, MAX_GROUPS)
    }

    pub(crate) fn add_wallet(&mut self, tag: &str) -> u32 {
        let wallet = Wallet::new(tag);
        let number = match self.free_wallets.pop() {
            Some(number) => {
                *self.wallet_mut(number) = wallet;
                number
            }
            None => {
                self.wallets.push(wallet);
                self.wallets.len() as u32 - 1
            }
        };
        self.by_tag.insert(tag.into(), number);
        number
    }

    /// Makes a sender a member of a wallet, if it is not; a new member comes last.
    fn join(&mut self, wallet: u32, id: &str) -> u32 {
        let number = self.intern_sender(id);
        if self.sender(number).wallet != Some(wallet) {
            self.sender_mut(number).wallet = Some(wallet);
            self.wallet_mut(wallet).senders.push(number);
        }
        number
    }

    /// The number of a sender, known or not; [`check_room`](Self::check_room) comes first.
    pub(crate) fn intern_sender(&mut self, id: &str) -> u32 {
        if let Some(number) = self.sender_number(id) {
            return number;
        }
        self.senders.push(Sender::new(id));
        let number = self.senders.len() as u32 - 1;
        self.by_id.insert(id.into(), number);
        number
    }

    /// Whether one more sender can be known.
    pub(crate) fn can_intern(&self, id: &str) -> bool {
        self.check_room(core::iter::once(id), core::iter::empty()).is_ok()
    }

    fn set_sender(&mut self, number: u32, setup: &SenderSetup<'_>) {
        let group = setup.group.map(|group| self.intern_group(group));
        self.set_group(number, group);
        self.sender_mut(number).settings = Settings {
            weight: setup.weight,
            daily_limit: setup.daily_limit,
            pace: setup.pace,
            operators: sorted(setup.operators),
            group,
        };
    }

    pub(crate) fn intern_group(&mut self, name: &str) -> u32 {
        if let Some(number) = self.group_by_name.get(name) {
            return *number;
        }
        let number = match self.free_groups.pop() {
            Some(number) => {
                *self.group_mut(number) = Group::new(name);
                number
            }
            None => {
                self.groups.push(Group::new(name));
                self.groups.len() as u32 - 1
            }
        };
        self.group_by_name.insert(name.into(), number);
        number
    }

    /// A sender leaves its wallet. Its settings and state are forgotten, its usage and pace are not.
    fn retire(&mut self, number: u32, now: u64) {
        self.set_group(number, None);
        let sender = self.sender_mut(number);
        sender.wallet = None;
        sender.settings = Settings::default();
        sender.set_state(SenderState::Ready, None);
        self.refresh(number, now);
    }

    /// Removes a wallet with its senders.
    pub(crate) fn remove_wallet(&mut self, tag: &str, now: u64) -> Result<(), CommandError> {
        let wallet = self.wallet_number(tag).ok_or(CommandError::UnknownWallet)?;
        for number in core::mem::take(&mut self.wallet_mut(wallet).senders) {
            self.retire(number, now);
        }
        *self.wallet_mut(wallet) = Wallet::default();
        self.by_tag.remove(tag);
        self.free_wallets.push(wallet);
        Ok(())
    }

    /// Changes a sender, or adds it to the wallet; false if it was so already.
    pub(crate) fn change_sender(
        &mut self,
        tag: &str,
        id: &str,
        change: &SenderChange<'_>,
        now: u64,
    ) -> Result<bool, CommandError> {
        let state = self.check_change(id, change)?;
        let wallet = self.wallet_number(tag).ok_or(CommandError::UnknownWallet)?;
        self.check_free(id, Some(wallet), None)?;
        self.check_room(core::iter::once(id), change.group.flatten().into_iter())?;
        let is_member =
            self.sender_number(id).is_some_and(|number| self.sender(number).wallet == Some(wallet));
        if !is_member && self.wallet(wallet).senders.len() >= MAX_SENDERS_PER_WALLET {
            return Err(too_many("senders", MAX_SENDERS_PER_WALLET));
        }
        // From here it must succeed.
        let number = self.join(wallet, id);
        let before = (self.sender(number).settings.clone(), self.sender(number).state_at(now));
        if let Some(group) = change.group {
            let group = group.map(|group| self.intern_group(group));
            self.set_group(number, group);
        }
        let sender = self.sender_mut(number);
        if let Some((state, until)) = state {
            sender.set_state(state, until);
        }
        let settings = &mut sender.settings;
        settings.weight = change.weight.unwrap_or(settings.weight);
        settings.daily_limit = change.daily_limit.unwrap_or(settings.daily_limit);
        settings.pace = change.pace.unwrap_or(settings.pace);
        if let Some(operators) = change.operators {
            settings.operators = sorted(operators);
        }
        let seats_stand =
            is_member && change.weight.is_none() && change.group.is_none() && change.operators.is_none();
        if seats_stand {
            self.refresh(number, now)
        } else {
            self.rebuild_ranking(wallet, now)
        }
        let sender = self.sender(number);
        Ok(!is_member || before != (sender.settings.clone(), sender.state_at(now)))
    }

    fn check_change(
        &self,
        id: &str,
        change: &SenderChange<'_>,
    ) -> Result<Option<(SenderState, Option<u64>)>, CommandError> {
        let mut state = None;
        if let Some(new) = change.state {
            let until = match new.until {
                None => None,
                Some(until) => {
                    check(new.state != SenderState::Ready, "until", SettingError::Malformed)
                        .map_err(own_setting)?;
                    Some(check_time(until, "until")?)
                }
            };
            state = Some((new.state, until));
        }
        check_name(id, "id").map_err(own_setting)?;
        let (weight, operators) = (change.weight.unwrap_or(1), change.operators.unwrap_or_default());
        check_settings(weight, change.pace.flatten(), operators, change.group.flatten())
            .map_err(own_setting)?;
        Ok(state)
    }

    /// Removes a sender from its wallet.
    pub(crate) fn remove_sender(&mut self, tag: &str, id: &str, now: u64) -> Result<(), CommandError> {
        let wallet = self.wallet_number(tag).ok_or(CommandError::UnknownWallet)?;
        let member = self.sender_number(id).filter(|number| self.sender(*number).wallet == Some(wallet));
        let number = member.ok_or(CommandError::UnknownSender)?;
        self.wallet_mut(wallet).senders.retain(|other| *other != number);
        self.retire(number, now);
        self.rebuild_ranking(wallet, now);
        Ok(())
    }

    /// Sets the limit of a group; false if it was so already.
    pub(crate) fn set_group_limit(
        &mut self,
        name: &str,
        daily_limit: Option<u32>,
    ) -> Result<bool, CommandError> {
        check_name(name, "name").map_err(own_setting)?;
        self.check_room(core::iter::empty(), core::iter::once(name))?;
        let number = self.intern_group(name);
        let before = core::mem::replace(&mut self.group_mut(number).daily_limit, daily_limit);
        self.drop_empty_group(number);
        Ok(before != daily_limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    fn set(pool: &mut SenderPool, tag: &str, ids: &[String]) -> Result<bool, CommandError> {
        let senders: Vec<_> = ids.iter().map(|id| SenderSetup { id, ..SenderSetup::default() }).collect();
        pool.set_wallet(
            &WalletSetup { tag, senders: &senders, ..WalletSetup::default() },
            0,
            &Policy::default(),
        )
    }

    /// RULES §5.7
    #[test]
    fn a_wallet_holds_a_hundred_thousand_senders_and_not_one_more() {
        let mut pool = SenderPool::default();
        let ids: Vec<_> = (0..=MAX_SENDERS_PER_WALLET).map(|number| format!("{number}")).collect();
        let refused = CommandError::TooMany { what: "senders", max: 100_000 };
        assert_eq!(set(&mut pool, "w", &ids), Err(refused));
        assert_eq!((pool.senders.len(), pool.by_tag.len()), (0, 0), "nothing has changed");
        assert_eq!(set(&mut pool, "w", &ids[1..]), Ok(true));
        assert_eq!(pool.change_sender("w", "0", &SenderChange::default(), 0), Err(refused));
        assert_eq!(pool.change_sender("w", "1", &SenderChange::default(), 0), Ok(false));
    }

    /// RULES §5.7
    #[test]
    fn an_engine_holds_a_hundred_thousand_wallets_and_not_one_more() {
        let mut pool = SenderPool::default();
        for number in 0..MAX_WALLETS {
            assert_eq!(set(&mut pool, &format!("w{number}"), &[]), Ok(true));
        }
        let refused = CommandError::TooMany { what: "wallets", max: 100_000 };
        assert_eq!(set(&mut pool, "another", &[]), Err(refused));
        assert_eq!(set(&mut pool, "w7", &[]), Ok(false));
        assert_eq!(pool.remove_wallet("w7", 0), Ok(()));
        assert_eq!(set(&mut pool, "another", &[]), Ok(true));
    }

    /// RULES §5.7
    #[test]
    fn of_senders_and_groups_there_are_so_many_and_not_one_more() {
        for (what, limit, max) in [("senders", MAX_SENDERS, 4_194_302), ("groups", MAX_GROUPS, 1_000_000)] {
            assert_eq!(check_count(what, limit - 2, 2, limit), Ok(()));
            assert_eq!(check_count(what, limit - 1, 2, limit), Err(CommandError::TooMany { what, max }));
            assert_eq!(check_count(what, limit, 0, limit), Ok(()));
        }
        let known = BTreeMap::from([("a".into(), 0), ("b".into(), 1)]);
        assert_eq!(count_new(["a", "c", "b", "d", "e"].into_iter(), &known), 3);
    }

    /// RULES §5.7
    #[test]
    fn an_engine_holds_a_million_groups_and_not_one_more() {
        let mut pool = SenderPool::default();
        for number in 0..MAX_GROUPS {
            assert_eq!(pool.set_group_limit(&format!("{number}"), Some(5)), Ok(true));
        }
        let refused = CommandError::TooMany { what: "groups", max: 1_000_000 };
        assert_eq!(pool.set_group_limit("another", None), Err(refused));
        assert_eq!(pool.set_group_limit("7", None), Ok(true));
        assert_eq!(pool.set_group_limit("another", Some(5)), Ok(true));
    }

    #[test]
    fn a_wallet_lists_a_hundred_thousand_operators_and_not_one_more() {
        let mut pool = SenderPool::default();
        let mut set = |operators: &[&str]| {
            let wallet = WalletSetup { tag: "w", operators, ..WalletSetup::default() };
            pool.set_wallet(&wallet, 0, &Policy::default())
        };
        assert_eq!(set(&["a"; 100_001]), Err(own_setting(("operators", SettingError::Malformed))));
        assert_eq!(set(&["a"; 100_000]), Ok(true));
    }

    /// RULES §5.7: a group that means nothing is not counted.
    #[test]
    fn an_empty_group_without_a_limit_leaves_its_place() {
        let mut pool = SenderPool::default();
        for number in 0..1_000 {
            let name = format!("g{number}");
            assert_eq!(pool.set_group_limit(&name, Some(5)), Ok(true));
            assert_eq!(pool.set_group_limit(&name, None), Ok(true));
        }
        assert_eq!((pool.groups.len(), pool.group_by_name.len()), (1, 0));
    }
}
