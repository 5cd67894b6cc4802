//! Server-sent events: an open page hears that something it shows has moved, and asks for it again. An event names a
//! topic and carries nothing else, so that permissions are checked where the page is made.

use crate::{doors::refusal, listen::stopped};
use axum::{
    extract::{RawQuery, Request, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{Actor, Permission, Place, RepositoryName, Via, Visible, permission::allows};
use futures_util::{StreamExt, future, stream};
use operations::Operations;
use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::News;
use tokio::sync::{broadcast, watch};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};
use url::form_urlencoded;

/// How often the outbox is read. Short enough to feel immediate, and one small query.
const EVERY: Duration = Duration::from_millis(300);
/// As many lines are read at once.
const BATCH: u32 = 200;
/// As many topics a page may follow.
const TOPICS: usize = 32;
/// As many streams of one session may be open.
const STREAMS: usize = 8;

/// What everybody who listens is told.
#[derive(Clone, Debug)]
enum Told {
    /// Something moved.
    Moved(Arc<str>),
    /// Rights may have changed: who listens passes the gate again.
    Rights,
}

/// Tells open pages what happens.
#[derive(Clone)]
pub struct Events {
    operations: Operations,
    told: broadcast::Sender<Told>,
    stop: watch::Receiver<bool>,
    open: Open,
}

/// How many streams each session has open.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<HashMap<Listener, usize>>>);

/// Whose streams are counted together: a session's, or those of strangers at one address.
type Listener = (Via, String);

fn listener(actor: &Actor) -> Listener {
    (actor.via.clone(), if actor.is_known() { String::new() } else { actor.address.clone() })
}

/// A stream that is open until this is dropped.
struct Opened(Open, Listener);

impl Open {
    fn all(&self) -> MutexGuard<'_, HashMap<Listener, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// One more, unless there are too many.
    fn one_more(&self, session: &Listener) -> Option<Opened> {
        let mut all = self.all();
        let count = all.entry(session.clone()).or_default();
        (*count < STREAMS).then(|| {
            *count += 1;
            Opened(self.clone(), session.clone())
        })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let mut all = self.0.all();
        if let Some(count) = all.get_mut(&self.1) {
            *count -= 1;
        }
        all.retain(|_, count| *count > 0);
    }
}

impl Events {
    /// Starts to follow the outbox, until `stop`.
    pub fn start(operations: Operations, stop: watch::Receiver<bool>) -> Self {
        let told = broadcast::Sender::new(1024);
        let events = Self { operations: operations.clone(), told, stop, open: Open::default() };
        tokio::spawn(follow(operations, events.told.clone(), events.stop.clone()));
        events
    }
}

async fn follow(operations: Operations, told: broadcast::Sender<Told>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut place = None;
    let mut people = None;
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = look(&operations, &told, &mut place, &mut people).await {
            tracing::debug!(cause = %error, "the outbox could not be read");
        }
    }
}

async fn look(
    operations: &Operations,
    told: &broadcast::Sender<Told>,
    place: &mut Option<i64>,
    people: &mut Option<i64>,
) -> Result<(), store::Error> {
    let store = operations.store();
    let generation = store.rights_generation().await?;
    if people.replace(generation).is_some_and(|before| before != generation) {
        _ = told.send(Told::Rights);
    }
    let Some(after) = *place else {
        *place = Some(store.outbox().last().await?);
        return Ok(());
    };
    for news in store.outbox().after(after, BATCH).await? {
        *place = Some(news.id);
        for topic in topics(&news) {
            // Nobody listening is no error.
            _ = told.send(Told::Moved(topic.into()));
        }
    }
    Ok(())
}

/// What all registries together are about.
const OVERVIEW: &str = "overview";

/// What a line of the outbox is about, as pages name it: `registry.add` is news for those who follow `registry`,
/// `registry.add`, `registry:7` and the overview; a topic with a colon stands for itself.
fn topics(news: &News) -> BTreeSet<String> {
    let mut all = BTreeSet::from([news.topic.clone()]);
    if !news.topic.contains(':') {
        let category = news.topic.split_once('.').map(|(category, _)| category);
        all.extend(category.map(str::to_owned));
        all.extend(category.filter(|category| *category == "registry").map(|_| OVERVIEW.to_owned()));
        all.extend(news.body.get("registry").and_then(serde_json::Value::as_i64).map(|id| format!("registry:{id}")));
    }
    all
}

/// What one page hears of.
struct Hearing {
    visible: Visible,
    /// Does whoever listens read the whole log? A topic that is an act, or a kind of them, is heard by nobody else: that
    /// somebody was invited, or granted something, is to be known by those alone who may look.
    reads_log: bool,
    /// The topics it follows, as far as they may be heard.
    topics: BTreeSet<String>,
    /// It follows the overview, and sees a part of it only: that hears of the registries it is made of, one by one.
    overview_of_some: bool,
}

impl Hearing {
    /// What `actor` hears of those topics that stand in the query.
    fn of(actor: &Actor, query: &str) -> Self {
        let visible = Visible::to(actor);
        let reads_log = allows(actor, Permission::AuditView, Place::System).is_ok();
        let mut hearing = Self { visible, reads_log, topics: BTreeSet::new(), overview_of_some: false };
        let asked =
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "topic").map(|(_, topic)| topic);
        let asked: BTreeSet<_> = asked.take(TOPICS).collect();
        hearing.overview_of_some = asked.contains(OVERVIEW) && !hearing.visible.everything();
        hearing.topics = asked.iter().filter(|topic| hearing.may_hear(topic)).map(ToString::to_string).collect();
        hearing
    }

    /// May it be heard here that `topic` moved?
    fn may_hear(&self, topic: &str) -> bool {
        let mut parts = topic.splitn(3, ':');
        let (kind, id, name) = (parts.next(), parts.next(), parts.next());
        match (kind, id.map(str::parse::<i64>), name) {
            (Some("registry"), Some(Ok(id)), None) => self.visible.registry(id),
            (Some("repository"), Some(Ok(id)), Some(name)) => {
                name.parse::<RepositoryName>().is_ok_and(|name| self.visible.repository(id, &name))
            }
            (Some(OVERVIEW), None, None) => self.visible.everything(),
            (Some(_), None, None) => self.visible.everything() && self.reads_log,
            _ => false,
        }
    }

    /// The topics of this page that have news when `topic` moved.
    fn news(&self, topic: &str) -> Vec<String> {
        let own = self.topics.get(topic).cloned();
        let part = self.overview_of_some && topic.starts_with("registry:") && self.may_hear(topic);
        own.into_iter().chain(part.then(|| OVERVIEW.to_owned())).collect()
    }

    /// All of them, where nobody knows what was missed.
    fn all(&self) -> Vec<String> {
        let overview = self.overview_of_some.then(|| OVERVIEW.to_owned());
        self.topics.iter().cloned().chain(overview).collect()
    }
}

/// Streams the topics that were asked for (`?topic=…`, repeated) to who may know of them.
pub async fn stream_events(State(events): State<Events>, RawQuery(query): RawQuery, request: Request) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or_else(|| Actor::anonymous("", "", ""));
    let Some(opened) = events.open.one_more(&listener(&actor)) else {
        let message = "This browser follows enough pages already. The others follow when one of them is closed.";
        return refusal(request.headers(), StatusCode::TOO_MANY_REQUESTS, "too-many", message, &actor.request_id);
    };
    // Told of changes before it is asked what holds now: none falls between.
    let told = BroadcastStream::new(events.told.subscribe());
    let lasts = match events.operations.with_rights(actor.clone()).await {
        Ok(now) if now.rights == actor.rights => events.operations.rights_last(&actor).await.unwrap_or_default(),
        // They changed since the gate: the browser comes again.
        _ => Some(Duration::ZERO),
    };
    let hearing = Hearing::of(&actor, &query.unwrap_or_default());
    let moved = move |told| {
        // The stream counts for as long as it is asked.
        let _opened = &opened;
        let topics: Option<Vec<String>> = match told {
            Ok(Told::Moved(topic)) => Some(hearing.news(&topic)),
            // The stream ends, and the browser comes again through the gate.
            Ok(Told::Rights) => None,
            // Too slow to hear everything: all of it may have moved.
            Err(BroadcastStreamRecvError::Lagged(_)) => Some(hearing.all()),
        };
        topics
    };
    let mut stop = events.stop.clone();
    let ended = async move {
        match lasts {
            Some(lasts) => tokio::time::sleep(lasts).await,
            None => future::pending().await,
        }
    };
    let stream = told
        .map(moved)
        .take_while(|topics| future::ready(topics.is_some()))
        .flat_map(|topics| {
            stream::iter(topics.into_iter().flatten().map(|topic| Ok::<_, Infallible>(Event::default().data(topic))))
        })
        .take_until(Box::pin(async move {
            tokio::select! {
                () = stopped(&mut stop) => {}
                // A grant ends by itself, and nobody tells of it.
                () = ended => {}
            }
        }));
    // The header makes a proxy pass each event on at once.
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    ([("x-accel-buffering", "no")], Sse::new(stream).keep_alive(keep_alive)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Timestamp,
        access::{Held, Rights, Scope},
    };

    #[test]
    fn a_change_is_news_for_its_category_and_its_registry() {
        let news = |topic: &str, body| News { id: 1, at: Timestamp(0), topic: topic.to_owned(), body };
        let of_change = topics(&news("registry.add", serde_json::json!({ "entry": 1, "registry": 7 })));
        let expected = ["overview", "registry", "registry.add", "registry:7"].map(str::to_owned);
        assert_eq!(of_change, BTreeSet::from(expected));
        let of_person = topics(&news("person.create", serde_json::json!({ "entry": 1 })));
        assert_eq!(of_person, BTreeSet::from(["person", "person.create"].map(str::to_owned)));
        let of_reading = topics(&news("repository:7:team/api", serde_json::json!({})));
        assert_eq!(of_reading, BTreeSet::from(["repository:7:team/api".to_owned()]));
    }

    fn somebody(rights: Rights) -> Actor {
        Actor { kind: domain::ActorKind::Person, id: 1, rights, ..Actor::anonymous("", "", "") }
    }

    /// Who holds these permissions there.
    fn holding(permissions: &[Permission], scope: Scope) -> Actor {
        let permissions = permissions.iter().copied().collect();
        somebody(Rights::new(vec![Arc::new(Held { grant: None, permissions, scope })]))
    }

    fn heard(actor: &Actor, follows: &str, moved: &str) -> Vec<String> {
        Hearing::of(actor, follows).news(moved)
    }

    #[test]
    fn strangers_hear_nothing() {
        let (stranger, ada) = (Actor::anonymous("", "", ""), somebody(Rights::administrator()));
        for topic in ["overview", "registry", "person", "registry:7", "repository:7:team/api"] {
            let follows = format!("topic={topic}");
            assert_eq!(heard(&stranger, &follows, topic), Vec::<String>::new(), "{topic}");
            assert_eq!(heard(&ada, &follows, topic), [topic]);
        }
        for topic in ["repository:7:Not a name", "repository:x:a", "secret:1:2"] {
            assert_eq!(heard(&ada, &format!("topic={topic}"), topic), Vec::<String>::new(), "{topic}");
        }
    }

    #[test]
    fn the_overview_of_who_sees_a_part_hears_of_that_part() {
        let pattern = "team-a/**".parse().expect("a pattern");
        let narrow = holding(&[Permission::RepositoryView], Scope::new(Some(7), Some(pattern)));
        let follows = "topic=overview&topic=registry:7&topic=registry:8";
        assert_eq!(heard(&narrow, follows, "registry:7"), ["registry:7", "overview"]);
        assert_eq!(heard(&narrow, "topic=overview", "registry:7"), ["overview"], "whatever else it follows");
        for elsewhere in ["overview", "registry:8", "registry", "registry.add", "repository:7:team-a/api"] {
            assert_eq!(heard(&narrow, follows, elsewhere), Vec::<String>::new(), "{elsewhere}");
        }
        assert_eq!(Hearing::of(&narrow, follows).all(), ["registry:7", "overview"]);
        let wide = holding(&[Permission::RepositoryView], Scope::EVERYTHING.clone());
        assert_eq!(heard(&wide, follows, "overview"), ["overview"]);
        assert_eq!(heard(&wide, follows, "registry:9"), Vec::<String>::new(), "it is told of the whole instead");
    }

    #[test]
    fn who_reads_everything_and_not_the_log_hears_of_no_acts() {
        let reader = holding(&[Permission::RepositoryPull], Scope::EVERYTHING.clone());
        let auditor = holding(&[Permission::RepositoryView, Permission::AuditView], Scope::EVERYTHING.clone());
        for act in ["person", "person.create", "grant", "grant.create", "registry.add"] {
            let follows = format!("topic={act}");
            assert_eq!(heard(&reader, &follows, act), Vec::<String>::new(), "{act}");
            assert_eq!(heard(&auditor, &follows, act), [act]);
        }
    }
}
