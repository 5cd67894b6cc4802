//! A text with what was asked for marked in it.

use leptos::prelude::*;

/// The text in three parts, of which the middle one is what was asked for, in any case. Letters of other alphabets are
/// found only as they are written: their small letters may be longer.
fn parts<'t>(text: &'t str, asked: &str) -> (&'t str, &'t str, &'t str) {
    let small = text.to_ascii_lowercase();
    // The last component is what people mean: `web` is marked in `web/web` where it counted.
    let at = small.rfind(&asked.to_ascii_lowercase()).filter(|_| !asked.is_empty());
    match at {
        Some(at) => (&text[..at], &text[at..at + asked.len()], &text[at + asked.len()..]),
        None => (text, "", ""),
    }
}

/// A text with what was asked for marked in it.
pub fn marked(text: &str, asked: &str) -> impl IntoView + use<> {
    let (before, hit, after) = parts(text, asked);
    // An empty text is rendered as a space.
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let hit = some(hit).map(|hit| view! { <mark>{hit}</mark> });
    view! { {some(before)}{hit}{some(after)} }
}

/// A repository's name: its namespace quieter, what was asked for marked.
pub fn marked_name(name: &str, asked: &str) -> impl IntoView + use<> {
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (before, hit, _) = parts(name, asked);
    // What reaches over the slash is marked whole.
    if !hit.is_empty() && before.len() < last {
        return marked(name, asked).into_any();
    }
    let (namespace, own) = name.split_at(last);
    let namespace = (!namespace.is_empty()).then(|| view! { <span class="quiet">{namespace.to_owned()}</span> });
    view! { {namespace}{marked(own, asked)} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_the_middle_part_in_any_case() {
        assert_eq!(parts("storefront/Web", "web"), ("storefront/", "Web", ""));
        assert_eq!(parts("web/web-tools", "web"), ("web/", "web", "-tools"));
        assert_eq!(parts("web", "mail"), ("web", "", ""));
        assert_eq!(parts("web", ""), ("web", "", ""));
        assert_eq!(parts("Größe und Maß", "maß"), ("Größe und ", "Maß", ""));
        assert_eq!(parts("GRÖSSE", "größe"), ("GRÖSSE", "", ""));
    }
}
