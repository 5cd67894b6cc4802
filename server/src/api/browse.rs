//! The document as a page: rendered once from the document itself, without any script.

use crate::doors::{AssetNames, escaped};
use app::base::Base;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{fmt::Write as _, sync::Arc};

/// The page, but for the name of its style sheet.
#[derive(Clone)]
pub struct Page {
    main: Arc<str>,
    base: Base,
    assets: AssetNames,
}

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Page {
    /// The page of this document.
    pub fn of(document: &Value, public_url: Option<&str>, base: Base, assets: AssetNames) -> Self {
        let root =
            public_url.map_or_else(|| format!("$WHARFINGER{}", base.0), |url| url.trim_end_matches('/').to_owned());
        let mut main = String::new();
        head(&mut main, document, base);
        contents(&mut main, document);
        for tag in list(&document["tags"]) {
            section(&mut main, document, tag, &format!("{root}{}", super::AT));
        }
        refusals(&mut main, document);
        schemas(&mut main, document);
        Self { main: main.into(), base, assets }
    }
}

/// `GET /api/v1`
pub async fn show(State(page): State<Page>) -> Response {
    let names = (page.assets)();
    let at = |name: &str| escaped(&page.base.to(&format!("/assets/{name}")));
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"{icon}\"><link rel=\"stylesheet\" href=\"{css}\">\
         <title>API · Wharfinger</title></head><body class=\"plain\"><main id=\"main\">{main}</main></body></html>",
        icon = at(&names.icon),
        css = at(&names.css),
        main = page.main,
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, body).into_response()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Paragraphs with `code` in them: all the markup that our descriptions use.
fn prose(out: &mut String, words: &str) {
    for paragraph in words.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        _ = write!(out, "<p>{}</p>", inline(paragraph));
    }
}

fn inline(words: &str) -> String {
    let mut out = String::new();
    for (n, part) in words.split('`').enumerate() {
        let part = escaped(part);
        _ = if n % 2 == 1 { write!(out, "<code>{part}</code>") } else { write!(out, "{part}") };
    }
    out
}

fn head(out: &mut String, document: &Value, base: Base) {
    let info = &document["info"];
    _ = write!(
        out,
        "<header class=\"head\"><p class=\"crumbs\"><a href=\"{}\">Wharfinger</a></p><h1>API</h1><p class=\"facts\">\
         <span>version {}</span><span>OpenAPI {}</span><span><a href=\"{}\">openapi.json</a></span></p></header><div class=\"stack\">",
        escaped(&base.to("/")),
        escaped(text(&info["version"])),
        escaped(text(&document["openapi"])),
        escaped(&base.to(&format!("{}/openapi.json", super::AT))),
    );
    prose(out, text(&info["description"]));
    out.push_str(
        "<p>The lines to copy below take the token from the variable <code>TOKEN</code>, and the address of this program \
         from <code>WHARFINGER</code> where no public URL is set.</p></div>",
    );
}

/// Every operation with its tag: path, item, method, operation.
fn operations<'d>(document: &'d Value, tag: &'d str) -> impl Iterator<Item = (&'d str, &'d str, &'d Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    all.filter(move |(_, _, operation)| list(&operation["tags"]).any(|own| own == tag))
}

fn contents(out: &mut String, document: &Value) {
    out.push_str("<nav class=\"stack\" aria-label=\"Operations\"><table data-fold=\"\"><thead><tr><th scope=\"col\">Operation</th><th scope=\"col\">Asked by</th></tr></thead>");
    for tag in list(&document["tags"]) {
        let tag = text(&tag["name"]);
        _ = write!(out, "<tbody><tr class=\"group\"><th colspan=\"2\" scope=\"rowgroup\">{}</th></tr>", escaped(tag));
        for (path, method, operation) in operations(document, tag) {
            _ = write!(
                out,
                "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td data-fold=\"row\"><code>{} {}</code></td></tr>",
                escaped(text(&operation["operationId"])),
                escaped(text(&operation["summary"])),
                method.to_uppercase(),
                escaped(path),
            );
        }
        out.push_str("</tbody>");
    }
    out.push_str("</table></nav>");
}

fn section(out: &mut String, document: &Value, tag: &Value, root: &str) {
    let name = text(&tag["name"]);
    _ = write!(out, "<section class=\"stack\"><h2>{}</h2>", escaped(name));
    prose(out, text(&tag["description"]));
    for (path, method, operation) in operations(document, name) {
        let id = escaped(text(&operation["operationId"]));
        _ = write!(
            out,
            "<section class=\"section stack\" aria-labelledby=\"{id}\"><h3 id=\"{id}\">{}</h3><p><code>{} {}</code></p>",
            escaped(text(&operation["summary"])),
            method.to_uppercase(),
            escaped(path),
        );
        prose(out, text(&operation["description"]));
        parameters(out, document, operation);
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            _ = write!(out, "<p>The body is {}, as JSON.</p>", kind(body));
        }
        answers(out, document, operation);
        let line = curl(document, path, method, operation, root);
        _ = write!(
            out,
            "<div class=\"command\"><pre tabindex=\"0\" aria-label=\"How to ask it with curl\">{}</pre></div></section>",
            escaped(&line)
        );
    }
    out.push_str("</section>");
}

fn parameters(out: &mut String, document: &Value, operation: &Value) {
    let mut rows = list(&operation["parameters"]).peekable();
    if rows.peek().is_none() {
        return;
    }
    out.push_str("<table data-fold=\"\"><thead><tr><th scope=\"col\">Parameter</th><th scope=\"col\">In</th><th scope=\"col\">Value</th><th scope=\"col\">For</th></tr></thead><tbody>");
    for row in rows {
        let schema = resolved(document, &row["schema"]);
        let must =
            if row["required"] == true && row["in"] != "path" { " <span class=\"badge\">required</span>" } else { "" };
        _ = write!(
            out,
            "<tr><th scope=\"row\"><code>{}</code>{must}</th><td class=\"note\">{}</td><td>{}</td><td class=\"note\" data-fold=\"row\">{}</td></tr>",
            escaped(text(&row["name"])),
            escaped(text(&row["in"])),
            kind(schema),
            inline(text(&row["description"])),
        );
    }
    out.push_str("</tbody></table>");
}

/// What an operation answers when it is well, and by which numbers it is refused: those are explained once, below.
fn answers(out: &mut String, document: &Value, operation: &Value) {
    let refused = |status: &str| status.starts_with(['4', '5']);
    let mut all: Vec<_> = operation["responses"].as_object().into_iter().flatten().collect();
    all.sort_by_key(|(status, _)| status.as_str());
    rows(
        out,
        document,
        all.iter().filter(|(status, _)| !refused(status)).map(|(status, answer)| (status.as_str(), *answer)),
    );
    let refusals: Vec<_> = all.iter().map(|(status, _)| status.as_str()).filter(|status| refused(status)).collect();
    _ = write!(out, "<p class=\"note\"><a href=\"#refusals\">Refused</a> with {}.</p>", escaped(&refusals.join(", ")));
}

fn refusals(out: &mut String, document: &Value) {
    out.push_str("<section class=\"stack\"><h2 id=\"refusals\">Refusals</h2><p>All have the same shape.</p>");
    let all = document["components"]["responses"].as_object().into_iter().flatten().map(|(_, answer)| answer);
    rows(out, document, super::document::REFUSALS.iter().map(|(status, ..)| *status).zip(all));
    out.push_str("</section>");
}

fn rows<'d>(out: &mut String, document: &'d Value, all: impl Iterator<Item = (&'d str, &'d Value)>) {
    out.push_str("<table data-fold=\"\"><thead><tr><th scope=\"col\" class=\"num\">Status</th><th scope=\"col\">Answer</th><th scope=\"col\">When</th></tr></thead><tbody>");
    for (status, response) in all {
        let response = resolved(document, response);
        let content = response["content"].as_object().and_then(|content| content.iter().next());
        let what = match content {
            Some((media, content)) if media == "application/octet-stream" || content["schema"].is_null() => {
                escaped(media)
            }
            Some((_, content)) => kind(&content["schema"]),
            None => "<span class=\"quiet\">empty</span>".to_owned(),
        };
        _ = write!(
            out,
            "<tr><th scope=\"row\" class=\"num\">{}</th><td>{what}</td><td class=\"note\" data-fold=\"row\">{}</td></tr>",
            escaped(status),
            inline(text(&response["description"])),
        );
    }
    out.push_str("</tbody></table>");
}

/// What a reference leads to, or the value itself.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let to = value["$ref"].as_str().and_then(|to| document.pointer(to.trim_start_matches('#')));
    to.unwrap_or(value)
}

/// A schema in a few words, with a link where it has a name.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    if let Some(values) = schema["enum"].as_array() {
        let words: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", escaped(&plain(value)))).collect();
        return words.join(", ");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[key].as_array() {
            let words: Vec<String> = all.iter().filter(|one| one["type"] != "null").map(kind).collect();
            return words.join(" or ");
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        several => list(several).map(text).filter(|one| *one != "null").collect(),
    };
    let mut words =
        if types.contains(&"array") { format!("list of {}", kind(&schema["items"])) } else { types.join(" or ") };
    if types.contains(&"object") && schema["additionalProperties"].is_object() {
        words = format!("object of {}", kind(&schema["additionalProperties"]));
    }
    for (key, word) in [
        ("format", ""),
        ("minimum", "from "),
        ("maximum", "to "),
        ("minLength", "at least "),
        ("maxLength", "at most "),
        ("default", "default "),
        ("pattern", "like "),
    ] {
        let bound = &schema[key];
        if !bound.is_null() && *bound != "int64" && *bound != "int32" && *bound != "" {
            _ = write!(words, ", {word}<code>{}</code>", escaped(&plain(bound)));
        }
    }
    if words.is_empty() { "any JSON".to_owned() } else { words }
}

/// What a field is for; of one that may be missing, it stands with what it is when it is there.
fn described(schema: &Value) -> &str {
    let parts = ["oneOf", "anyOf"].iter().flat_map(|key| list(&schema[*key]));
    std::iter::once(schema)
        .chain(parts)
        .map(|one| text(&one["description"]))
        .find(|words| !words.is_empty())
        .unwrap_or_default()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn schemas(out: &mut String, document: &Value) {
    out.push_str("<section class=\"stack\"><h2>Schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let name = escaped(name);
        _ = write!(
            out,
            "<section class=\"section stack\" aria-labelledby=\"schema-{name}\"><h3 id=\"schema-{name}\">{name}</h3>"
        );
        prose(out, text(&schema["description"]));
        let Some(fields) = schema["properties"].as_object() else {
            _ = write!(out, "<p>{}</p></section>", kind(schema));
            continue;
        };
        out.push_str("<table data-fold=\"\"><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Value</th><th scope=\"col\">For</th></tr></thead><tbody>");
        for (field, schema) in fields {
            _ = write!(
                out,
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td class=\"note\" data-fold=\"row\">{}</td></tr>",
                escaped(field),
                kind(schema),
                inline(described(schema)),
            );
        }
        out.push_str("</tbody></table></section>");
    }
    out.push_str("</section>");
}

/// A line to be pasted into a terminal, with the examples of the document.
fn curl(document: &Value, path: &str, method: &str, operation: &Value, root: &str) -> String {
    let (mut path, mut query) = (path.to_owned(), String::new());
    for parameter in list(&operation["parameters"]) {
        let example =
            if parameter["example"].is_null() { &parameter["schema"]["example"] } else { &parameter["example"] };
        let (name, value) = (text(&parameter["name"]), plain(example));
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else if !example.is_null() && parameter["required"] == true {
            let pair = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
            _ = write!(query, "{}{pair}", if query.is_empty() { '?' } else { '&' });
        }
    }
    let mut line = "curl -H \"Authorization: Bearer $TOKEN\"".to_owned();
    if method != "get" {
        _ = write!(line, " -X {}", method.to_uppercase());
    }
    let body = resolved(document, &operation["requestBody"]["content"]["application/json"]["schema"]);
    if !body["example"].is_null() {
        _ = write!(line, " --json '{}'", body["example"]);
    }
    _ = write!(line, " \"{root}{path}{query}\"");
    line
}
