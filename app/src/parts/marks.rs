//! Small signs: icons, states, badges.

use crate::{base::to, shell::Assets};
use leptos::prelude::*;

/// What a colour and a shape mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Well, kept, allowed.
    Good,
    /// Needs a look.
    Warn,
    /// Lost, refused, down.
    Danger,
    /// At work.
    Accent,
    /// Nothing to say.
    Idle,
}

impl Tone {
    /// The value of `data-tone`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Danger => "danger",
            Self::Accent => "accent",
            Self::Idle => "idle",
        }
    }
}

impl From<domain::probe::Tone> for Tone {
    fn from(tone: domain::probe::Tone) -> Self {
        match tone {
            domain::probe::Tone::Good => Self::Good,
            domain::probe::Tone::Warn => Self::Warn,
            domain::probe::Tone::Danger => Self::Danger,
            domain::probe::Tone::Idle => Self::Idle,
        }
    }
}

/// An icon of the sprite, by its symbol's id. Decoration: what it means stands beside it.
#[component]
pub fn Icon(
    /// The symbol's id without `i-`.
    name: &'static str,
) -> impl IntoView {
    let href = with_context::<Assets, _>(|assets| to(&format!("/assets/{}#i-{name}", assets.sprite)));
    view! { <svg class="icon" aria-hidden="true"><use href=href></use></svg> }
}

/// A shape and a word.
#[component]
pub fn State(
    /// What it means.
    tone: Tone,
    /// The word; read out only, if `quiet`.
    #[prop(into)]
    word: String,
    /// Show the shape alone.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    view! { <span class="state" data-tone=tone.as_str()><span class=quiet.then_some("sr")>{word}</span></span> }
}

/// A property that is not the normal case.
#[component]
pub fn Badge(
    /// The word.
    #[prop(into)]
    word: String,
    /// What it means, if it means something.
    #[prop(optional)]
    tone: Option<Tone>,
) -> impl IntoView {
    view! { <span class="badge" data-tone=tone.map(Tone::as_str)>{word}</span> }
}
