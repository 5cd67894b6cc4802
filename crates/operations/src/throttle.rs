//! Slows down guessing, by account and network together and by network alone, so that nobody can lock out somebody else.

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
/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// After this long without a failure all is forgotten, in seconds.
const FORGET: i64 = 60 * 60;
/// As many keys are kept; beyond, the oldest go.
const KEYS: usize = 50_000;

#[derive(Clone, Copy, Debug)]
struct Count {
    failures: u32,
    last: Timestamp,
}

/// Counts failures in memory; a restart forgets them.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Count>>);

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

fn keys(account: &str, address: &str) -> [(String, u32); 2] {
    let network = network(address);
    [(format!("{}\n{network}", account.to_lowercase()), FREE), (network, FREE_NETWORK)]
}

/// One second after the first failure too many, then twice as long each time.
fn wait(failures: u32, free: u32) -> i64 {
    let over = failures.saturating_sub(free);
    if over == 0 { 0 } else { (1i64 << (over - 1).min(20)).min(LONGEST) }
}

impl Throttle {
    /// May this account be tried from this address now? Else the seconds to wait.
    pub fn check(&self, account: &str, address: &str, now: Timestamp) -> Result<(), u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = keys(account, address)
            .iter()
            .filter_map(|(key, free)| counts.get(key).map(|c| c.last.plus_seconds(wait(c.failures, *free)).0 - now.0))
            .max()
            .unwrap_or(0);
        if left > 0 { Err(u64::try_from(left).unwrap_or(0).div_ceil(1_000_000)) } else { Ok(()) }
    }

    /// Counts a try as a failure, before it is made: many at once then get no further than one after the other.
    pub fn failed(&self, account: &str, address: &str, now: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= KEYS {
            forget(&mut counts, now);
        }
        for (key, _) in keys(account, address) {
            let count = counts.entry(key).or_insert(Count { failures: 0, last: now });
            if now.0 - count.last.0 > FORGET * 1_000_000 {
                count.failures = 0;
            }
            *count = Count { failures: count.failures.saturating_add(1), last: now };
        }
    }

    /// Forgets the failures of an account from an address, and takes back this try: it was the right one after all.
    pub fn succeeded(&self, account: &str, address: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [(key, _), (network, _)] = keys(account, address);
        counts.remove(&key);
        if let Some(count) = counts.get_mut(&network) {
            count.failures = count.failures.saturating_sub(1);
        }
    }
}

fn forget(counts: &mut HashMap<String, Count>, now: Timestamp) {
    counts.retain(|_, count| now.0 - count.last.0 < FORGET * 1_000_000);
    if counts.len() >= KEYS {
        let mut times: Vec<_> = counts.values().map(|count| count.last).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        counts.retain(|_, count| count.last > middle);
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
        assert!(throttle.check("grace", "192.0.2.1", NOW).is_err(), "one network guesses no other account either");
    }

    #[test]
    fn an_ipv6_network_counts_as_one_and_a_success_forgets() {
        let throttle = Throttle::default();
        for n in 0..=FREE {
            throttle.failed("ada", &format!("2001:db8::{n:x}"), NOW);
        }
        assert!(throttle.check("ada", "2001:db8::ffff", NOW).is_err());
        assert_eq!(throttle.check("ada", "2001:db8:0:1::1", NOW), Ok(()));
        throttle.succeeded("ada", "2001:db8::1");
        assert_eq!(throttle.check("ada", "2001:db8::1", NOW), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..(KEYS + 10) {
            throttle.failed(&format!("a{n}"), "192.0.2.1", NOW.plus_seconds(i64::try_from(n).unwrap_or(0)));
        }
        assert!(throttle.0.lock().expect("counts").len() <= KEYS + 2);
    }
}
