//! The least used of many senders, exactly, in a handful of steps.
//!
//! A scan costs 120 ns for 500 senders and 2 µs for 10 000. A tournament keeps the winner of every pair: a change
//! of one sender replays only its own matches, 14 of them among 10 000, and the winner of all is read off.

use alloc::vec::Vec;

/// One sender in the tournament.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Player {
    pub(crate) sender: u32,
    pub(crate) weight: u32,
    /// How much it is used; [`CLOSED`] if it may not win at all.
    usage: u64,
}

/// The usage, and at the weight of one, of who may not win. Nobody is ever used as much: it is half a million
/// dispatches a millisecond, all day long. Times the greatest weight it still fits 64 bits.
const CLOSED: u64 = 1 << 44;

impl Player {
    /// One that may not win before it is [updated](Tournament::update).
    pub(crate) const fn new(sender: u32, weight: u32) -> Player {
        Player { sender, weight, usage: CLOSED }
    }

    /// Whether this one goes first: less usage per weight, compared exactly ([RULES §5.4](crate#5-number-allocation)).
    /// On a tie the caller decides.
    #[inline]
    pub(crate) fn is_less_used(&self, other: &Player) -> bool {
        let is_open = self.usage != CLOSED;
        is_open
            && (other.usage == CLOSED
                || self.usage * u64::from(other.weight) < other.usage * u64::from(self.weight))
    }
}

/// See the [module](self). Players are in the order in which ties are broken.
#[derive(Clone, Debug)]
pub(crate) enum Tournament {
    Even(Even),
    Weighted(Weighted),
}

/// All weigh the same, as nearly always: a match is the smaller of two numbers.
#[derive(Clone, Debug)]
pub(crate) struct Even {
    weight: u32,
    /// By seat.
    senders: Vec<u32>,
    /// A binary tree, root at 1: the winner below each node. The second half are its leaves, the players; the last of
    /// them may stand for nobody. A node is usage and, below it, the seat; [`NOBODY`] if none may win.
    nodes: Vec<u64>,
}

const SEAT_BITS: u32 = 20;
const SEAT_MASK: u64 = (1 << SEAT_BITS) - 1;
const NOBODY: u64 = u64::MAX;
const _: () = assert!(((CLOSED - 1) << SEAT_BITS | SEAT_MASK) >> SEAT_BITS == CLOSED - 1);

impl Even {
    fn new(weight: u32, players: &[Player]) -> Even {
        let nodes = alloc::vec![NOBODY; 2 * players.len().next_power_of_two()];
        Even { weight, senders: players.iter().map(|player| player.sender).collect(), nodes }
    }

    #[inline]
    fn update(&mut self, seat: u32, open: bool, usage: u64) {
        let mut node = self.nodes.len() / 2 + seat as usize;
        let mut winner = if open { usage << SEAT_BITS | u64::from(seat) } else { NOBODY };
        let Some(place) = self.nodes.get_mut(node) else { return };
        *place = winner;
        while node > 1 {
            let Some(rival) = self.nodes.get(node ^ 1) else { return };
            winner = winner.min(*rival);
            node /= 2;
            let Some(place) = self.nodes.get_mut(node) else { return };
            *place = winner;
        }
    }

    #[inline]
    fn winner(&self) -> Option<Player> {
        let winner = self.nodes.get(1).copied().filter(|winner| *winner != NOBODY)?;
        let sender = *self.senders.get((winner & SEAT_MASK) as usize)?;
        Some(Player { sender, weight: self.weight, usage: winner >> SEAT_BITS })
    }
}

/// Some weigh more than others: their usages are compared by weight.
#[derive(Clone, Debug)]
pub(crate) struct Weighted {
    /// The tree of [`Even`], with a player at each node.
    nodes: Vec<Player>,
}

impl Weighted {
    fn new(players: &[Player]) -> Weighted {
        let width = players.len().next_power_of_two();
        let mut nodes = alloc::vec![Player::new(u32::MAX, 1); width];
        nodes.extend_from_slice(players);
        nodes.resize(2 * width, Player::new(u32::MAX, 1));
        Weighted { nodes }
    }

    #[inline]
    fn update(&mut self, seat: u32, open: bool, usage: u64) {
        let mut node = self.nodes.len() / 2 + seat as usize;
        let Some(player) = self.nodes.get_mut(node) else { return };
        player.usage = if open { usage } else { CLOSED };
        let mut winner = *player;
        while node > 1 {
            let Some(rival) = self.nodes.get(node ^ 1) else { return };
            // On a tie the first of the two wins, the one whose node is even.
            let loses = if node & 1 == 0 { rival.is_less_used(&winner) } else { !winner.is_less_used(rival) };
            winner = if loses { *rival } else { winner };
            node /= 2;
            let Some(place) = self.nodes.get_mut(node) else { return };
            *place = winner;
        }
    }
}

impl Tournament {
    /// Of players none of which may win before it is [updated](Self::update).
    pub(crate) fn new(players: &[Player]) -> Tournament {
        let weight = players.first().map_or(1, |player| player.weight);
        let is_even = players.iter().all(|player| player.weight == weight);
        if is_even && players.len() as u64 <= SEAT_MASK {
            return Tournament::Even(Even::new(weight, players));
        }
        Tournament::Weighted(Weighted::new(players))
    }

    /// A player changed: whether it may win, and how much it is used.
    #[inline]
    pub(crate) fn update(&mut self, seat: u32, open: bool, usage: u64) {
        let usage = usage.min(CLOSED - 1);
        match self {
            Tournament::Even(even) => even.update(seat, open, usage),
            Tournament::Weighted(weighted) => weighted.update(seat, open, usage),
        }
    }

    /// The least used of those that are open.
    #[inline]
    pub(crate) fn winner(&self) -> Option<Player> {
        match self {
            Tournament::Even(even) => even.winner(),
            Tournament::Weighted(weighted) => {
                weighted.nodes.get(1).copied().filter(|player| player.usage != CLOSED)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULES §5.4, compared with a scan.
    #[test]
    fn the_winner_is_the_first_of_the_least_used() {
        for (size, weights) in [1, 2, 3, 7, 50].into_iter().flat_map(|size| [(size, 1), (size, 3)]) {
            let player = |sender: u32| Player::new(sender + 100, sender % weights + 1);
            let mut players: Vec<_> = (0..size).map(player).collect();
            let mut tournament = Tournament::new(&players);
            let mut state = 3_u64;
            for step in 0..500 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let seat = (state >> 33) as u32 % size;
                let open = state >> 62 != 0;
                // Now and then as much as can be.
                let usage = (state >> 20 & 7) << if step % 50 == 0 { 40 } else { 0 };
                players[seat as usize].usage = if open { usage } else { CLOSED };
                tournament.update(seat, open, usage);
                let open = players.iter().filter(|player| player.usage != CLOSED);
                let best = open.reduce(|best, next| if next.is_less_used(best) { next } else { best });
                assert_eq!(tournament.winner().map(|player| player.sender), best.map(|player| player.sender));
            }
        }
        assert!(Tournament::new(&[]).winner().is_none());
    }

    #[test]
    fn weights_that_are_all_the_same_make_it_even() {
        let of = |weights: &[u32]| {
            let players: Vec<_> = weights.iter().map(|weight| Player::new(1, *weight)).collect();
            matches!(Tournament::new(&players), Tournament::Even(_))
        };
        assert!(of(&[]) && of(&[7]) && of(&[3, 3, 3]));
        assert!(!of(&[3, 3, 1]));
        // More than have a seat in a number.
        assert!(of(&[1; SEAT_MASK as usize]) && !of(&[1; SEAT_MASK as usize + 1]));
    }

    /// However much a sender is used, it may win; beyond what counts, all are used alike.
    #[test]
    fn no_usage_closes_a_player() {
        for weights in [[1, 1], [2, 1]] {
            let mut tournament = Tournament::new(&[Player::new(0, weights[0]), Player::new(1, weights[1])]);
            tournament.update(0, true, u64::MAX);
            assert_eq!(tournament.winner().map(|player| player.sender), Some(0));
            tournament.update(1, true, CLOSED - 1);
            assert_eq!(tournament.winner().map(|player| player.sender), Some(0));
            tournament.update(1, true, 5);
            assert_eq!(tournament.winner().map(|player| player.sender), Some(1));
        }
    }
}
