//! The rule, against registries that are a line of code.

use super::*;

const MS: Duration = Duration::from_millis(1);

/// Runs requests in turns as large as the limit; each takes what `took` says for so many at once.
fn run(pace: &mut Pace, now: &mut Instant, turns: u32, took: impl Fn(u32) -> Duration) {
    for _ in 0..turns {
        let started = *now;
        let begun: Vec<u32> = std::iter::from_fn(|| pace.begin(Class::Background, started).ok()).collect();
        let among = *begun.last().expect("no pause");
        *now += took(among);
        for _ in begun {
            let ended = Ended::Answered;
            pace.end(&Report { started, among, kind: Some(Kind::Look), ended, quota: None }, *now);
        }
    }
}

fn one(pace: &mut Pace, now: Instant, ended: Ended) {
    let among = pace.begin(Class::Person, now).expect("a place");
    pace.end(&Report { started: now, among, kind: None, ended, quota: None }, now);
}

#[test]
fn it_starts_small_and_grows_to_the_cap_less_one_while_answers_are_fast() {
    let mut now = Instant::now();
    let mut pace = Pace::new(16, now);
    assert_eq!(pace.state(now).limit, 2);
    run(&mut pace, &mut now, 30, |_| MS * 10);
    assert_eq!(pace.state(now).limit, 15);
    assert_eq!(pace.state(now).in_flight, 0);
}

#[test]
fn a_registry_with_one_hand_gets_a_short_line() {
    let mut now = Instant::now();
    let mut pace = Pace::new(64, now);
    run(&mut pace, &mut now, 300, |n| MS * 5 * n);
    let limit = pace.state(now).limit;
    assert!((4..=16).contains(&limit), "{limit}");
}

#[test]
fn refusals_and_failures_halve_once_for_all_that_was_under_way() {
    for ended in [Ended::Refused(None), Ended::Failed] {
        let mut now = Instant::now();
        let mut pace = Pace::new(16, now);
        run(&mut pace, &mut now, 30, |_| MS * 10);
        let started = now;
        let begun: Vec<u32> = std::iter::from_fn(|| pace.begin(Class::Background, now).ok()).collect();
        now += MS;
        for among in begun {
            pace.end(&Report { started, among, kind: None, ended, quota: None }, now);
        }
        let state = pace.state(now);
        assert_eq!((state.limit, state.errors), (8, 15), "{ended:?}");
        assert_eq!(state.paused.map(|pause| (pause.remaining, pause.why)), Some((MS * 100, PauseWhy::Trouble)));
    }
}

#[test]
fn trouble_without_end_is_met_with_longer_pauses_and_one_at_a_time() {
    let mut now = Instant::now();
    let mut pace = Pace::new(16, now);
    let mut pauses = Vec::new();
    for _ in 0..12 {
        one(&mut pace, now, Ended::Refused(None));
        let pause = pace.state(now).paused.expect("a pause").remaining;
        pauses.push(pause);
        assert_eq!(pace.begin(Class::Background, now), Err(Some(now + pause)));
        now += pause;
    }
    assert_eq!((pauses[0], pauses[1], pauses[11]), (MS * 100, MS * 200, LONGEST_PAUSE));
    assert_eq!(pace.state(now).limit, 1);
    // It recovers by itself.
    run(&mut pace, &mut now, 400, |_| MS * 10);
    assert_eq!(pace.state(now).limit, 15);
    one(&mut pace, now, Ended::Refused(None));
    assert_eq!(pace.state(now).paused.expect("a pause").remaining, MS * 100);
}

#[test]
fn a_rise_of_latency_shrinks_it_and_recovery_grows_it_again() {
    let mut now = Instant::now();
    let mut pace = Pace::new(16, now);
    run(&mut pace, &mut now, 30, |_| MS * 10);
    run(&mut pace, &mut now, 60, |_| MS * 400);
    assert_eq!(pace.state(now).limit, 2);
    assert!(pace.state(now).slowness > 20.0);
    assert_eq!(pace.state(now).paused, None);
    run(&mut pace, &mut now, 300, |_| MS * 10);
    assert_eq!(pace.state(now).limit, 15);
}

#[test]
fn people_go_first_and_find_a_place() {
    let now = Instant::now();
    let mut pace = Pace::new(4, now);
    pace.limit = 4.0;
    while pace.begin(Class::Background, now).is_ok() {}
    assert_eq!(pace.in_flight, 3);
    assert_eq!(pace.begin(Class::Person, now), Ok(4));
    assert_eq!(pace.begin(Class::Person, now), Err(None));
    pace.waits(Class::Person, true);
    let report = Report { started: now, among: 1, kind: None, ended: Ended::Answered, quota: None };
    for _ in 0..3 {
        pace.end(&report, now);
    }
    assert_eq!(pace.begin(Class::Background, now), Err(None));
    assert!(pace.begin(Class::Person, now).is_ok());
    pace.waits(Class::Person, false);
    assert!(pace.begin(Class::Background, now).is_ok());
}

#[test]
fn a_cap_of_one_leaves_no_place_and_still_goes_on() {
    let now = Instant::now();
    let mut pace = Pace::new(1, now);
    assert_eq!(pace.begin(Class::Background, now), Ok(1));
    assert_eq!(pace.begin(Class::Person, now), Err(None));
}

#[test]
fn what_the_registry_asks_for_stops_background_at_once_and_until_then() {
    let now = Instant::now();
    let mut pace = Pace::new(8, now);
    one(&mut pace, now, Ended::Refused(Some(MS * 3_000)));
    assert_eq!(pace.begin(Class::Background, now), Err(Some(now + MS * 3_000)));
    assert_eq!(pace.state(now).paused, Some(Pause { remaining: MS * 3_000, why: PauseWhy::Asked }));
    assert!(pace.begin(Class::Background, now + MS * 3_000).is_ok());
}

#[test]
fn a_quota_that_is_nearly_used_up_is_left_to_people() {
    let now = Instant::now();
    let mut pace = Pace::new(8, now);
    let reset = Some(MS * 5_000);
    let mut told = |remaining, limit| {
        let among = pace.begin(Class::Person, now).expect("people may");
        let quota = Some(Quota { remaining, limit, reset, span: None });
        pace.end(&Report { started: now, among, kind: None, ended: Ended::Answered, quota }, now);
        (pace.begin(Class::Background, now).is_ok(), pace.state(now).paused.map(|pause| pause.why))
    };
    assert_eq!(told(50, Some(100)), (true, None));
    assert_eq!(told(10, Some(100)), (false, Some(PauseWhy::Quota)));
    assert!(pace.begin(Class::Background, now + MS * 5_000).is_ok());
}

#[test]
fn a_request_that_was_given_up_frees_its_place_and_says_nothing() {
    let now = Instant::now();
    let mut pace = Pace::new(8, now);
    one(&mut pace, now, Ended::Dropped);
    let state = pace.state(now);
    assert_eq!((state.in_flight, state.requests, state.errors, state.limit), (0, 0, 0, 2));
}
