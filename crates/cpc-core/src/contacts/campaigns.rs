//! Where a cycle came from: its campaign (with account and wallet tag) and its operator.
//!
//! Many cycles come from the same place, so a record keeps a number of 4 bytes and the texts are kept once, for
//! as long as a record needs them. Campaign, account and tag together are the part of the idempotency key that a
//! batch has in common ([RULES §4.2](crate::rules#4-dispatch)).

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A campaign of an account in a wallet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Campaign {
    pub(crate) id_account: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) tag: Box<str>,
    /// The origins with this campaign, by operator.
    operators: BTreeMap<Box<str>, u32>,
}

/// A campaign and an operator.
#[derive(Clone, Debug, Default)]
pub(crate) struct CampaignRef {
    pub(crate) campaign: u32,
    pub(crate) operator: Box<str>,
    /// How many records name it. Unused when 0.
    references: u64,
}

/// Every origin that a record names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Campaigns {
    campaigns: Vec<Campaign>,
    free_campaigns: Vec<u32>,
    /// The campaigns in use, sorted by their texts: a look-up allocates nothing.
    by_name: Vec<u32>,
    campaign_refs: Vec<CampaignRef>,
    free_refs: Vec<u32>,
}

/// The texts that make up a campaign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CampaignName<'a> {
    pub(crate) id_account: &'a str,
    pub(crate) name: &'a str,
    pub(crate) tag: &'a str,
}

impl Campaign {
    fn texts(&self) -> (&str, &str, &str) {
        (&self.id_account, &self.name, &self.tag)
    }
}

impl Campaigns {
    /// The number of a campaign, if a record names it.
    pub(crate) fn campaign(&self, name: &CampaignName<'_>) -> Option<u32> {
        self.place(name).ok().and_then(|place| self.by_name.get(place).copied())
    }

    /// Where a campaign is in `by_name`, or would be.
    fn place(&self, name: &CampaignName<'_>) -> Result<usize, usize> {
        let wanted = (name.id_account, name.name, name.tag);
        let texts = |number: u32| self.campaigns.get(number as usize).map(Campaign::texts);
        self.by_name.binary_search_by(|number| texts(*number).cmp(&Some(wanted)))
    }

    /// The number of an origin, for one more record to name.
    pub(crate) fn acquire(&mut self, name: &CampaignName<'_>, operator: &str) -> u32 {
        let campaign = self.campaign(name).unwrap_or_else(|| self.add_campaign(name));
        let known = self.campaigns.get(campaign as usize).and_then(|found| found.operators.get(operator));
        let campaign_ref = match known {
            Some(campaign_ref) => *campaign_ref,
            None => self.add_ref(campaign, operator),
        };
        self.share(campaign_ref);
        campaign_ref
    }

    /// One more record names an origin, if it is this operator's. Tells whether it is.
    #[inline]
    pub(crate) fn share_if_of(&mut self, campaign_ref: u32, operator: &str) -> bool {
        let own = self
            .campaign_refs
            .get_mut(campaign_ref as usize)
            .filter(|campaign_ref| *campaign_ref.operator == *operator);
        own.map(|campaign_ref| campaign_ref.references += 1).is_some()
    }

    /// One more record names an origin.
    pub(crate) fn share(&mut self, campaign_ref: u32) {
        if let Some(campaign_ref) = self.campaign_refs.get_mut(campaign_ref as usize) {
            campaign_ref.references += 1;
        }
    }

    /// A record does not name an origin any more.
    pub(crate) fn release(&mut self, number: u32) {
        let Some(campaign_ref) = self.campaign_refs.get_mut(number as usize) else { return };
        campaign_ref.references -= 1;
        if campaign_ref.references > 0 {
            return;
        }
        let CampaignRef { campaign, operator, .. } = core::mem::take(campaign_ref);
        self.free_refs.push(number);
        let Some(left) = self.campaigns.get_mut(campaign as usize) else { return };
        left.operators.remove(&operator);
        if left.operators.is_empty() {
            let gone = core::mem::take(left);
            let name = CampaignName { id_account: &gone.id_account, name: &gone.name, tag: &gone.tag };
            self.forget(campaign, &name);
            self.free_campaigns.push(campaign);
        }
    }

    /// Takes a campaign, whose texts are gone from its place, out of the sorted list.
    fn forget(&mut self, number: u32, name: &CampaignName<'_>) {
        let wanted = (name.id_account, name.name, name.tag);
        let texts = |other: u32| {
            if other == number {
                Some(wanted)
            } else {
                self.campaigns.get(other as usize).map(Campaign::texts)
            }
        };
        if let Ok(place) = self.by_name.binary_search_by(|other| texts(*other).cmp(&Some(wanted))) {
            self.by_name.remove(place);
        }
    }

    /// The campaign and the operator of an origin.
    pub(crate) fn get(&self, number: u32) -> Option<(&Campaign, &str)> {
        let campaign_ref = self.campaign_refs.get(number as usize)?;
        Some((self.campaigns.get(campaign_ref.campaign as usize)?, &campaign_ref.operator))
    }

    /// The number of an origin's campaign.
    pub(crate) fn campaign_of(&self, number: u32) -> Option<u32> {
        self.campaign_refs.get(number as usize).map(|campaign_ref| campaign_ref.campaign)
    }

    fn add_campaign(&mut self, name: &CampaignName<'_>) -> u32 {
        let campaign = Campaign {
            id_account: name.id_account.into(),
            name: name.name.into(),
            tag: name.tag.into(),
            operators: BTreeMap::new(),
        };
        let number = put(&mut self.campaigns, &mut self.free_campaigns, campaign);
        if let Err(place) = self.place(name) {
            self.by_name.insert(place, number);
        }
        number
    }

    fn add_ref(&mut self, campaign: u32, operator: &str) -> u32 {
        let campaign_ref = CampaignRef { campaign, operator: operator.into(), references: 0 };
        let number = put(&mut self.campaign_refs, &mut self.free_refs, campaign_ref);
        if let Some(campaign) = self.campaigns.get_mut(campaign as usize) {
            campaign.operators.insert(operator.into(), number);
        }
        number
    }
}

/// Puts a value in a free place, or at the end.
fn put<T>(values: &mut Vec<T>, free: &mut Vec<u32>, value: T) -> u32 {
    match free.pop() {
        Some(number) => {
            if let Some(place) = values.get_mut(number as usize) {
                *place = value;
            }
            number
        }
        None => {
            values.push(value);
            (values.len() - 1) as u32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: CampaignName<'_> = CampaignName { id_account: "1", name: "2 3", tag: "" };

    #[test]
    fn texts_are_kept_for_as_long_as_a_record_names_them() {
        let mut campaign_refs = Campaigns::default();
        let first = campaign_refs.acquire(&NAME, "ana");
        assert_eq!(campaign_refs.acquire(&NAME, "ana"), first);
        assert_ne!(campaign_refs.acquire(&NAME, "bia"), first);
        assert_eq!(
            campaign_refs.get(first).map(|(campaign, operator)| (&*campaign.name, operator)),
            Some(("2 3", "ana"))
        );
        campaign_refs.release(first);
        assert!(campaign_refs.campaign(&NAME).is_some());
        campaign_refs.release(first);
        let other = CampaignName { id_account: "12", name: " 3", tag: "" };
        assert_eq!(campaign_refs.campaign(&other), None);
        let second = campaign_refs.acquire(&other, "ana");
        assert_eq!(second, first, "the free place is used again");
        assert_ne!(campaign_refs.campaign_of(second), campaign_refs.campaign(&NAME));
    }

    /// Compared with counts by text, over many histories of what records name.
    #[test]
    fn an_origin_is_there_while_a_record_names_it() {
        let names = [("", "a"), ("", "b"), ("1", "a"), ("1", "c"), ("2", "b")];
        let names = names.map(|(id_account, name)| CampaignName { id_account, name, tag: "t" });
        let operators = ["ana", "bia", "caio"];
        let (mut campaign_refs, mut named) = (Campaigns::default(), Vec::new());
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for _ in 0..5_000 {
            let (campaign, operator) = (random(names.len()), random(operators.len()));
            match random(if named.len() < 12 { 4 } else { 8 }) {
                0 | 1 => {
                    let number = campaign_refs.acquire(&names[campaign], operators[operator]);
                    named.push((number, campaign, operator));
                }
                2 if !named.is_empty() => {
                    let one = named[random(named.len())];
                    campaign_refs.share(one.0);
                    named.push(one);
                }
                3 if !named.is_empty() => {
                    let (number, campaign, own) = named[random(named.len())];
                    let shared = campaign_refs.share_if_of(number, operators[operator]);
                    assert_eq!(shared, own == operator);
                    named.extend(shared.then_some((number, campaign, own)));
                }
                _ if !named.is_empty() => campaign_refs.release(named.swap_remove(random(named.len())).0),
                _ => {}
            }
            for (campaign, name) in names.iter().enumerate() {
                let there =
                    named.iter().find(|one| one.1 == campaign).map(|one| campaign_refs.campaign_of(one.0));
                assert_eq!(campaign_refs.campaign(name), there.flatten());
            }
            for (number, campaign, operator) in &named {
                let (found, by) = campaign_refs.get(*number).unwrap();
                let CampaignName { id_account, name, tag } = names[*campaign];
                assert_eq!((found.texts(), by), ((id_account, name, tag), operators[*operator]));
                assert_eq!(campaign_refs.campaign_of(*number), campaign_refs.campaign(&names[*campaign]));
            }
        }
        assert!(
            campaign_refs.campaign_refs.len() <= 15 && campaign_refs.campaigns.len() <= 5,
            "places are used again"
        );
    }
}
