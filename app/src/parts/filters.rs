//! The form that filters a list: the name and the order at once, the rest behind “More filters”, and a chip for each
//! filter in force.

use super::{Address, Chip};
use domain::{
    FieldErrors, Kind,
    filters::{self, Filters, List, field},
    health::Check,
    text,
};
use leptos::prelude::*;

/// As many labels may be asked for at once.
const LABELS: usize = 3;
/// Platforms that are offered although nothing names them.
pub const PLATFORMS: [&str; 4] = ["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"];

/// What of a list can be asked for, and what was.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Which list.
    pub list: List,
    /// As it stands.
    pub address: Address,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// What the field for the name is called, and what may stand in it.
    pub name: (&'static str, &'static str),
    /// The orders: value and word, the usual one first.
    pub sorts: &'static [(&'static str, &'static str)],
    /// Which of them it is.
    pub sorted: &'static str,
    /// Platforms that are known here.
    pub platforms: Vec<String>,
}

/// A field that is chosen from words: its name, its label, the word for no choice, and values with their words.
type Choice = (&'static str, &'static str, &'static str, Vec<(String, String)>);

/// The form.
#[component]
pub fn FilterForm(
    /// What can be asked for.
    offer: Offer,
    /// More fields of the first line.
    #[prop(optional, into)]
    more: Option<AnyView>,
) -> impl IntoView {
    let Offer { list, address, errors, name: (word, placeholder), sorts, sorted, .. } = offer.clone();
    let usual = sorts.first().map_or("", |(value, _)| *value);
    let orders = sorts.iter().map(|(value, word)| {
        let sent = if *value == usual { "" } else { *value };
        view! { <option value=sent selected=*value == sorted>{*word}</option> }
    });
    let hidden = |name: &&str| *name != field::NAME && list.offers(name);
    let open = field::ALL.iter().copied().filter(hidden).any(|name| !address.get(name).is_empty());
    let action = address.only(&[]).href();
    let (wrong, described) = (invalid(&errors, field::NAME), described(&errors, field::NAME));
    let typed = address.get(field::NAME).to_owned();
    let order = address.hidden(&["order"]);
    // What this list has no field for is told below the others.
    let mut said: Vec<String> =
        errors.0.iter().filter(|error| !list.offers(&error.field)).map(|error| error.message.clone()).collect();
    said.push("What can’t be read is left out of the filter.".to_owned());
    let said = said.join(" ");
    view! {
        <form class="filters" method="get" action=action>
            {order}
            <Labelled name=field::NAME errors=errors.clone() wide=true>
                {word}<input name=field::NAME type="search" value=typed placeholder=placeholder data-filter=""
                    aria-invalid=wrong aria-describedby=described spellcheck="false" autocomplete="off"/>
            </Labelled>
            <label>"Sort"<select name="sort">{orders.collect_view()}</select></label>
            {more}
            <button>"Filter"</button>
            <details open=open>
                <summary>"More filters"</summary>
                <div class="cluster"><More offer=offer/></div>
            </details>
            {(!errors.is_empty()).then(|| view! { <p class="danger" role="alert">{said}</p> })}
        </form>
    }
}

/// The fields behind the first line.
#[component]
fn More(
    /// What can be asked for.
    offer: Offer,
) -> impl IntoView {
    let Offer { list, address, errors, mut platforms, .. } = offer;
    let built = if list == List::Repositories {
        ("Newest older than", "Newest newer than")
    } else {
        ("Older than", "Newer than")
    };
    let held = if list == List::Repositories {
        ("Holds more than", "Holds less than")
    } else {
        ("Larger than", "Smaller than")
    };
    let typed = [
        (field::VERSION, "Version", ">=1.2 <2, ^4.1, 1.x"),
        (field::OLDER, built.0, "90d"),
        (field::NEWER, built.1, "12h"),
        (field::LARGER, held.0, "500MB"),
        (field::SMALLER, held.1, "1.5GB"),
    ];
    let typed = typed.into_iter().filter(|(name, ..)| list.offers(name)).map(|(name, word, placeholder)| {
        view! { <Typed name=name word=word placeholder=placeholder value=address.get(name).to_owned() errors=errors.clone()/> }
    });
    let mut labels = address.all(field::LABEL);
    labels.truncate(LABELS);
    if labels.len() < LABELS {
        labels.push(String::new());
    }
    let labels = labels.into_iter().filter(|_| list.offers(field::LABEL)).enumerate().map(|(n, label)| {
        let (word, errors) = if n == 0 { ("Label", errors.clone()) } else { ("And label", FieldErrors::new()) };
        view! { <Typed name=field::LABEL word=word placeholder="key or key=value" value=label errors=errors/> }
    });
    platforms.extend(PLATFORMS.iter().map(ToString::to_string));
    platforms.sort();
    platforms.dedup();
    let same = |words: Vec<String>| words.into_iter().map(|word| (word.clone(), text::visible(&word, 40))).collect();
    let kinds = same(Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect());
    let checks = Check::ALL.iter().filter(|check| list.finds(**check));
    let checks = checks.map(|check| (check.as_str().to_owned(), check.title().to_owned())).collect();
    let words =
        |words: &[(&str, &str)]| words.iter().map(|(value, word)| ((*value).to_owned(), (*word).to_owned())).collect();
    let chosen: [Choice; 5] = [
        (field::KIND, "Kind", "any", kinds),
        (field::PLATFORM, "Platform", "any", same(platforms)),
        (field::TAGGED, "Tags", "with or without", words(&[("yes", "with tags"), ("no", "without tags")])),
        (field::REFERRERS, "Signatures, SBOMs", "left out", words(&[("shown", "shown too"), ("only", "nothing else")])),
        (field::CHECK, "Found", "anything", checks),
    ];
    let chosen = chosen.into_iter().filter(|(name, ..)| list.offers(name)).map(|(name, word, any, words)| {
        view! { <Chosen name=name word=word any=any words=words value=address.get(name).to_owned() errors=errors.clone()/> }
    });
    view! { {typed.collect_view()}{labels.collect_view()}{chosen.collect_view()} }
}

/// A field with its label, and what is wrong with it.
#[component]
fn Labelled(
    /// Which.
    name: &'static str,
    /// What is wrong with the form.
    errors: FieldErrors,
    /// Does it take what room there is?
    #[prop(optional)]
    wide: bool,
    /// Word and field.
    children: Children,
) -> impl IntoView {
    let error = errors
        .get(name)
        .map(|message| view! { <small class="danger" id=format!("{name}-error")>{message.to_owned()}</small> });
    view! { <div class=wide.then_some("wide")><label>{children()}</label>{error}</div> }
}

fn invalid(errors: &FieldErrors, name: &str) -> Option<&'static str> {
    errors.get(name).map(|_| "true")
}

fn described(errors: &FieldErrors, name: &str) -> Option<String> {
    errors.get(name).map(|_| format!("{name}-error"))
}

/// A field to type into.
#[component]
fn Typed(
    /// Which.
    name: &'static str,
    /// Its word.
    word: &'static str,
    /// What may stand in it.
    placeholder: &'static str,
    /// What stands in it.
    value: String,
    /// What is wrong with the form.
    errors: FieldErrors,
) -> impl IntoView {
    let (invalid, described) = (invalid(&errors, name), described(&errors, name));
    view! {
        <Labelled name=name errors=errors>
            {word}<input name=name value=value placeholder=placeholder aria-invalid=invalid aria-describedby=described spellcheck="false" autocomplete="off"/>
        </Labelled>
    }
}

/// A choice of one word, or any. A word of the address that is none of these stays in it.
#[component]
fn Chosen(
    /// Which.
    name: &'static str,
    /// Its word.
    word: &'static str,
    /// The word for no choice.
    any: &'static str,
    /// What can be chosen: value and word.
    mut words: Vec<(String, String)>,
    /// What is chosen.
    value: String,
    /// What is wrong with the form.
    errors: FieldErrors,
) -> impl IntoView {
    if !value.is_empty() && !words.iter().any(|(own, _)| *own == value) {
        words.push((value.clone(), text::visible(&value, 40)));
    }
    let options = words.into_iter().map(move |(own, word)| {
        let selected = own == value;
        view! { <option value=own selected=selected>{word}</option> }
    });
    let (invalid, described) = (invalid(&errors, name), described(&errors, name));
    view! {
        <Labelled name=name errors=errors>
            {word}<select name=name aria-invalid=invalid aria-describedby=described><option value="">{any}</option>{options.collect_view()}</select>
        </Labelled>
    }
}

/// A chip for each filter in force; what is asked of referrers is told elsewhere, with their number.
#[component]
pub fn Chips(
    /// The list.
    address: Address,
    /// What it is filtered by.
    filters: Filters,
) -> impl IntoView {
    let chips = filters.chips().into_iter().filter(narrows).map(|chip| {
        let href = address.with_filters(filters.pairs_without(&chip)).href();
        view! { <Chip word=text::visible(&chip.words, 80) href=href/> }
    });
    chips.collect_view()
}

/// Does it narrow the list? Referrers that are shown too widen it.
fn narrows(chip: &filters::Chip) -> bool {
    (chip.field, chip.value.as_str()) != (field::REFERRERS, "shown")
}

/// Is the list narrowed by anything?
pub fn is_narrowed(filters: &Filters) -> bool {
    filters.chips().iter().any(narrows)
}
