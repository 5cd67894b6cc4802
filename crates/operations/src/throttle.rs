//! Slows down guessing, by account and network together and by network alone, so that nobody can lock out somebody else.
//! Behind a proxy everybody may have one address: the network alone never costs anybody more than a moment.

use domain::Timestamp;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Failures that are free, for one account from one network.
const FREE: u32 = 5;
/// Failures that are free for one network over all accounts.
const FREE_NETWORK: u32 = 30;
/// The longest wait of an account from one network, in seconds.
const LONGEST: i64 = 15 * 60;
/// The longest wait of a network as a whole, in seconds.
const LONGEST_NETWORK: i64 = 2;
/// After this long without a failure all is forgotten, in seconds.
const FORGET: i64 = 60 * 60;
/// As many keys are kept; beyond, the oldest go.
const KEYS: usize = 50_000;

#[derive(Clone, Copy, Debug)]
struct Count {
    failures: u32,
    last: Timestamp,
}

#[derive(Debug, Default)]
struct Seen {
    /// Failures, by account and network and by network.
    counts: HashMap<String, Count>,
    /// Accounts that got in from a network, and when: they do not pay for what others there do.
    known: HashMap<String, Timestamp>,
}

/// Counts failures in memory; a restart forgets them.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Seen>);

/// The network an address belongs to: itself for IPv4, its /64 for IPv6.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => {
            let s = ip.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
        }
        Err(_) => address.to_owned(),
    }
}

/// Under what a try is counted: the account from its network, and the network.
fn keys(account: &str, address: &str) -> (String, String) {
    let network = network(address);
    (format!("{}\n{network}", account.to_lowercase()), network)
}

/// One second after the first failure too many, then twice as long each time.
fn wait(failures: u32, free: u32, longest: i64) -> i64 {
    let over = failures.saturating_sub(free);
    if over == 0 { 0 } else { (1i64 << (over - 1).min(20)).min(longest) }
}

impl Throttle {
    /// May this account be tried from this address now? Else the seconds to wait.
    pub fn check(&self, account: &str, address: &str, now: Timestamp) -> Result<(), u64> {
        let Seen { counts, known } = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (own, network) = keys(account, address);
        let mut left = |key: &str, free, longest| {
            let Some(count) = counts.get_mut(key) else { return 0 };
            // The clock may have been set back: then the wait begins now, and is no longer than it was.
            count.last = count.last.min(now);
            count.last.plus_seconds(wait(count.failures, free, longest)).0 - now.0
        };
        let for_network = if known.contains_key(&own) { 0 } else { left(&network, FREE_NETWORK, LONGEST_NETWORK) };
        let left = left(&own, FREE, LONGEST).max(for_network);
        if left > 0 { Err(u64::try_from(left).unwrap_or(0).div_ceil(1_000_000)) } else { Ok(()) }
    }

    /// Counts a try as a failure, before it is made: many at once then get no further than one after the other.
    pub fn failed(&self, account: &str, address: &str, now: Timestamp) {
        let counts = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).counts;
        if counts.len() >= KEYS {
            counts.retain(|_, count| now.0 - count.last.0 < FORGET * 1_000_000);
            halve(counts, |count| count.last);
        }
        for key in <[String; 2]>::from(keys(account, address)) {
            let count = counts.entry(key).or_insert(Count { failures: 0, last: now });
            if now.0 - count.last.0 > FORGET * 1_000_000 {
                count.failures = 0;
            }
            *count = Count { failures: count.failures.saturating_add(1), last: now };
        }
    }

    /// Forgets the failures of an account from an address, and takes back this try: it was the right one after all.
    pub fn succeeded(&self, account: &str, address: &str, now: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (own, network) = keys(account, address);
        seen.counts.remove(&own);
        if let Some(count) = seen.counts.get_mut(&network) {
            count.failures = count.failures.saturating_sub(1);
        }
        halve(&mut seen.known, |at| *at);
        seen.known.insert(own, now);
    }
}

/// Where there are too many, the older half goes.
fn halve<T>(all: &mut HashMap<String, T>, at: impl Fn(&T) -> Timestamp) {
    if all.len() >= KEYS {
        let mut times: Vec<_> = all.values().map(&at).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        all.retain(|_, one| at(one) > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    #[test]
    fn guessing_gets_slower_and_slower_for_the_one_who_guesses() {
        let throttle = Throttle::default();
        for _ in 0..FREE {
            throttle.failed("ada", "192.0.2.1", NOW);
            assert_eq!(throttle.check("ada", "192.0.2.1", NOW), Ok(()));
        }
        throttle.failed("ADA", "192.0.2.1", NOW);
        assert_eq!(throttle.check("ada", "192.0.2.1", NOW), Err(1));
        throttle.failed("ada", "192.0.2.1", NOW);
        assert_eq!(throttle.check("ada", "192.0.2.1", NOW), Err(2));
        assert_eq!(throttle.check("ada", "192.0.2.1", NOW.plus_seconds(2)), Ok(()));
        for _ in 0..40 {
            throttle.failed("ada", "192.0.2.1", NOW);
        }
        assert_eq!(throttle.check("ada", "192.0.2.1", NOW), Err(900));
    }

    #[test]
    fn nobody_can_lock_out_somebody_else() {
        let throttle = Throttle::default();
        for _ in 0..1_000 {
            throttle.failed("ada", "192.0.2.1", NOW);
        }
        assert_eq!(throttle.check("ada", "198.51.100.7", NOW), Ok(()));
        assert_eq!(throttle.check("grace", "192.0.2.1", NOW), Err(2), "one network guesses other accounts slowly");
        assert_eq!(throttle.check("grace", "192.0.2.1", NOW.plus_seconds(2)), Ok(()), "and nobody there waits long");
    }

    #[test]
    fn who_got_in_before_does_not_pay_for_what_others_do_at_the_same_address() {
        let throttle = Throttle::default();
        throttle.failed("ada", "192.0.2.1", NOW);
        throttle.succeeded("ada", "192.0.2.1", NOW);
        for n in 0..1_000 {
            throttle.failed(&format!("guess{n}"), "192.0.2.1", NOW);
        }
        assert_eq!(throttle.check("Ada", "192.0.2.1", NOW), Ok(()));
        for _ in 0..=FREE {
            throttle.failed("ada", "192.0.2.1", NOW);
        }
        assert_eq!(throttle.check("ada", "192.0.2.1", NOW), Err(1), "guessing this one account is slowed down still");
    }

    #[test]
    fn an_ipv6_network_counts_as_one_and_a_success_forgets() {
        let throttle = Throttle::default();
        for n in 0..=FREE {
            throttle.failed("ada", &format!("2001:db8::{n:x}"), NOW);
        }
        assert!(throttle.check("ada", "2001:db8::ffff", NOW).is_err());
        assert_eq!(throttle.check("ada", "2001:db8:0:1::1", NOW), Ok(()));
        throttle.succeeded("ada", "2001:db8::1", NOW);
        assert_eq!(throttle.check("ada", "2001:db8::1", NOW), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let throttle = Throttle::default();
        let earlier = NOW.plus_seconds(-3_600);
        throttle.failed("ada", "192.0.2.1", NOW);
        assert_eq!(throttle.check("ada", "192.0.2.1", earlier), Ok(()), "one failure is free");
        for _ in 0..=FREE {
            throttle.failed("grace", "192.0.2.1", NOW);
        }
        assert_eq!(throttle.check("grace", "192.0.2.1", earlier), Err(1));
        assert_eq!(throttle.check("grace", "192.0.2.1", earlier.plus_seconds(1)), Ok(()), "and no longer than that");
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..(KEYS + 10) {
            let at = NOW.plus_seconds(i64::try_from(n).unwrap_or(0));
            throttle.failed(&format!("a{n}"), "192.0.2.1", at);
            throttle.succeeded(&format!("b{n}"), "192.0.2.1", at);
        }
        let seen = throttle.0.lock().expect("what was seen");
        assert!(seen.counts.len() <= KEYS + 2 && seen.known.len() <= KEYS);
    }
}
