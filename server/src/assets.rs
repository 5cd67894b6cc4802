//! The files with a hash in their names: inside the program in a release, else read from `target/site/debug`.

use app::shell::Assets;
use axum::{
    extract::Path,
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use std::{borrow::Cow, sync::LazyLock};

/// A file inside of the program, with its variants where they are worth their bytes.
pub(crate) struct File {
    name: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Where `cargo xtask site` writes. A release has its files inside and knows no folder of the machine that built it.
const FOLDER: Option<&str> =
    if cfg!(debug_assertions) { Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site/debug")) } else { None };

/// The list of roles and names beside the files.
const LIST: &str = "assets.txt";

/// The names that a page puts into its head. Without embedded files they are read anew for each page, so that the
/// front end can be built again below a running server.
pub fn names() -> Assets {
    static FIXED: LazyLock<Option<Assets>> =
        LazyLock::new(|| embedded(LIST).map(|file| parse(&String::from_utf8_lossy(file.plain))));
    FIXED.clone().unwrap_or_else(|| {
        let list = FOLDER.and_then(|folder| std::fs::read_to_string(format!("{folder}/{LIST}")).ok());
        parse(&list.unwrap_or_default())
    })
}

/// Reads the list: a line per file, its role and its name.
fn parse(list: &str) -> Assets {
    let mut assets = Assets::default();
    for (role, name) in list.lines().filter_map(|line| line.split_once(' ')) {
        let place = match role {
            "css" => &mut assets.css,
            "icon" => &mut assets.icon,
            "sprite" => &mut assets.sprite,
            "js" => &mut assets.js,
            "wasm" => &mut assets.wasm,
            _ => continue,
        };
        *place = name.to_string();
    }
    assets
}

/// Answers `/assets/{name}`. A name stands for one content for ever, so browsers may keep it for ever; a name that is
/// not there may be there after an upgrade, so that answer is kept by nobody.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(kind) = kind(&name) else { return missing() };
    if let Some(file) = embedded(&name) {
        let (coding, bytes) = choose(file, &headers);
        return answer(kind, coding, Cow::Borrowed(bytes));
    }
    if let Some(folder) = FOLDER.filter(|_| EMBEDDED.is_empty() && plain_name(&name))
        && let Ok(bytes) = tokio::fs::read(format!("{folder}/{name}")).await
    {
        return answer(kind, None, Cow::Owned(bytes));
    }
    missing()
}

fn embedded(name: &str) -> Option<&'static File> {
    EMBEDDED.iter().find(|file| file.name == name)
}

/// No way out of the folder, on any system.
fn plain_name(name: &str) -> bool {
    !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn kind(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => return None,
    })
}

/// The smallest form that the browser takes.
fn choose(file: &File, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    [("br", file.brotli), ("gzip", file.gzip)]
        .into_iter()
        .find_map(|(coding, bytes)| bytes.filter(|_| accepts(headers, coding)).map(|bytes| (Some(coding), bytes)))
        .unwrap_or((None, file.plain))
}

fn answer(kind: &'static str, coding: Option<&'static str>, bytes: Cow<'static, [u8]>) -> Response {
    let common: [(HeaderName, &str); 4] = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "accept-encoding"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (common, coding.map(|coding| [(CONTENT_ENCODING, coding)]), bytes).into_response()
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")]).into_response()
}

/// Does `Accept-Encoding` name the coding (or `*`) with a weight above zero (RFC 9110, 12.5.3)?
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let weight = |wanted: &str| {
        headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .find_map(|choice| {
                let mut parts = choice.split(';').map(str::trim);
                parts.next().filter(|name| name.eq_ignore_ascii_case(wanted))?;
                let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
                // A weight that can't be read is no wish for this coding.
                Some(weight.map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0)))
            })
    };
    weight(coding).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().expect("a header"))])
    }

    #[test]
    fn a_coding_is_accepted_if_it_is_named() {
        assert!(accepts(&asking("gzip, deflate, br, zstd"), "br"));
        assert!(accepts(&asking("GZIP;q=1.0"), "gzip"));
        assert!(!accepts(&asking("brotli"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn a_weight_of_zero_refuses() {
        assert!(!accepts(&asking("gzip, br;q=0"), "br"));
        assert!(!accepts(&asking("br; q=0.000"), "br"));
        assert!(accepts(&asking("br;q=0.001"), "br"));
        assert!(!accepts(&asking("br;q=much"), "br"));
    }

    #[test]
    fn a_star_stands_for_what_is_not_named() {
        assert!(accepts(&asking("*"), "br"));
        assert!(!accepts(&asking("*;q=0, gzip"), "br"));
        assert!(!accepts(&asking("*, br;q=0"), "br"));
    }

    #[test]
    fn the_smallest_accepted_variant_is_chosen() {
        let file = File { name: "a.css", plain: b"plain", brotli: Some(b"brotli"), gzip: Some(b"gzip") };
        assert_eq!(choose(&file, &asking("gzip, br")), (Some("br"), &b"brotli"[..]));
        assert_eq!(choose(&file, &asking("gzip, br;q=0")), (Some("gzip"), &b"gzip"[..]));
        assert_eq!(choose(&file, &asking("identity")), (None, &b"plain"[..]));
        let small = File { brotli: None, ..file };
        assert_eq!(choose(&small, &asking("br")), (None, &b"plain"[..]));
    }

    #[test]
    fn the_list_gives_each_role_its_name() {
        let assets =
            parse("css style-1.css\njs wharfinger-2.js\nwasm wharfinger-2.wasm\nother x\nsprite icons-3.svg\n");
        assert_eq!(assets.css, "style-1.css");
        assert_eq!(assets.js, "wharfinger-2.js");
        assert_eq!(assets.wasm, "wharfinger-2.wasm");
        assert_eq!(assets.sprite, "icons-3.svg");
        assert_eq!(assets.icon, "");
    }

    #[tokio::test]
    async fn a_name_that_is_not_there_is_kept_by_nobody() {
        for name in ["gone-0123456789abcdef.css", "../../Cargo.css", "..\\x.css", ".hidden.css", "assets.txt"] {
            let answer = serve(Path(name.to_string()), HeaderMap::new()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{name}");
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{name}");
        }
    }

    #[test]
    fn an_answer_may_be_kept_for_ever_and_says_what_it_is() {
        let answer = answer("application/wasm", Some("br"), Cow::Borrowed(b"x"));
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/wasm");
        assert_eq!(answer.headers()[CONTENT_ENCODING], "br");
        assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(answer.headers()[VARY], "accept-encoding");
        assert_eq!(answer.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
