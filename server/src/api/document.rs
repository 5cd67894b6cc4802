//! The `OpenAPI` 3.1 document: what the handlers say of themselves, with what holds for all of them added.

use app::base::Base;
use serde_json::{Map, Value, json};
use utoipa::{OpenApi as _, openapi::OpenApi};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Wharfinger", description = ABOUT, license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    components(schemas(super::problem::Problem)),
    tags(
        (name = "Overview", description = "Everything at a glance."),
        (name = "Registries", description = "Which registries there are, how each does, and how it is reached."),
        (name = "Repositories", description = "What a registry holds."),
        (name = "Tags", description = "What a repository holds."),
        (name = "Images", description = "What stands behind a tag or a digest."),
        (name = "Storage", description = "How many bytes things hold, and what would be freed if they went."),
        (name = "Health", description = "What is wrong with the content, where, and what to do about it."),
        (name = "Reading", description = "How registries are read in the background."),
        (name = "Search", description = "Finding something by its name."),
        (name = "Access", description = "Who may do what where: grants, roles, and who holds them."),
        (name = "Audit", description = "Who did what, when and from where."),
        (name = "People", description = "Who can sign in, and the links by which they come in."),
        (name = "Teams", description = "Groups of people: what a team is granted, its members have."),
        (name = "Robots", description = "Accounts of machines, and their secrets."),
        (name = "Me", description = "Oneself: profile, sessions, tokens."),
    )
)]
struct About;

const ABOUT: &str = "Everything that the pages show and do, for programs.\n\n\
    Send an access token with each request: `Authorization: Bearer wharfinger_…`, or as the password of Basic \
    authentication under any name. People make their tokens in their profile. Cookies are not looked at.\n\n\
    A list that goes on has a header `Link: <…>; rel=\"next\"`: ask that address as it stands. An answer to a GET has an \
    `ETag`; sent back in `If-None-Match`, it answers 304 while nothing has changed. Whatever is refused answers \
    `application/problem+json` (RFC 9457) with the number of the request. Names stay; fields and operations are added, so \
    ignore those you do not know.";

/// Answers that hold for many operations: status, name, and when.
pub(super) const REFUSALS: [(&str, &str, &str); 13] = [
    ("400", "Malformed", "The request does not fit this document."),
    ("401", "SignInNeeded", "No token was sent, or it is not good."),
    ("403", "Forbidden", "May be seen, but not done: the answer names the missing permission."),
    ("404", "NotFound", "It is not there, or may not be known."),
    ("409", "Conflict", "Somebody else changed it in between."),
    ("413", "TooLarge", "The body is larger than 256 KiB."),
    ("415", "UnsupportedMediaType", "The body is not sent as `application/json`."),
    ("422", "Invalid", "What was sent does not do; `errors` says why, field by field."),
    ("429", "TooMany", "Too often: `Retry-After` says when to come again."),
    ("500", "Internal", "Something went wrong on our side; the log says more under the number of the request."),
    ("501", "Unsupported", "The registry can’t do this."),
    ("502", "RegistryRefused", "The registry refuses us, or its answer can’t be read."),
    ("504", "RegistryDown", "The registry can’t be reached."),
];

/// The document of an installation at this base.
pub fn finished(described: OpenApi, base: Base) -> Value {
    let mut whole = About::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut whole.info.version);
    whole.merge(described);
    let mut document = serde_json::to_value(&whole).unwrap_or_default();
    document["servers"] = json!([{ "url": base.to(super::AT) }]);
    document["security"] = json!([{ "token": [] }, { "basic": [] }]);
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "An access token, made in the profile." },
        "basic": { "type": "http", "scheme": "basic", "description": "An access token as the password; the name counts for nothing." },
    });
    document["components"]["headers"] = headers();
    document["components"]["responses"] = refusals();
    for (path, item) in object(&mut document["paths"]) {
        for (method, operation) in object(item) {
            complete(path, method, operation);
        }
    }
    document
}

/// The document as it is generated, for whoever wants to look at it without a program that serves.
pub fn generated(base: Base) -> Value {
    finished(super::operations_of_all().into_openapi(), base)
}

fn object(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}

fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "ETag": text("Stands for this very answer; send it back in `If-None-Match`."),
        "Link": text("The next page, where there is one: `<…>; rel=\"next\"`."),
        "Location": text("The address of what was made."),
        "Retry-After": text("Seconds to wait."),
        "WWW-Authenticate": text("How to sign in."),
        "X-Request-Id": text("The number of the request, as the log has it."),
    })
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn refusals() -> Value {
    let all = REFUSALS.iter().map(|(status, name, when)| {
        let mut headers = json!({ "X-Request-Id": header("X-Request-Id") });
        match *status {
            "401" => headers["WWW-Authenticate"] = header("WWW-Authenticate"),
            "429" => headers["Retry-After"] = header("Retry-After"),
            _ => {}
        }
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        let content = json!({ super::problem::MEDIA_TYPE: { "schema": schema } });
        ((*name).to_owned(), json!({ "description": when, "headers": headers, "content": content }))
    });
    Value::Object(all.collect())
}

/// What an operation has in common with its like: how it may be refused, which headers come along.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let (asks, reads) = (!parameters.is_empty(), method == "get");
    let (body, registry) = (operation.get("requestBody").is_some(), path.contains("{registry}") || path == "/compare");
    let pages = parameters.iter().any(|parameter| parameter["name"] == "cursor");
    let can = |status: &str| match status {
        "400" | "404" | "422" => asks || body,
        "409" => !reads,
        "413" | "415" => body,
        "501" | "502" | "504" => registry || body,
        _ => true,
    };
    let responses = &mut operation["responses"];
    for (status, response) in object(responses) {
        response["headers"] = json!({ "X-Request-Id": header("X-Request-Id") });
        if reads && status == "200" {
            response["headers"]["ETag"] = header("ETag");
        }
        if pages && status == "200" {
            response["headers"]["Link"] = header("Link");
        }
        if status == "201" {
            response["headers"]["Location"] = header("Location");
        }
    }
    if reads {
        responses["304"] = json!({ "description": "Still what the `ETag` in `If-None-Match` stands for.", "headers": { "ETag": header("ETag") } });
    }
    for (status, name, _) in REFUSALS.iter().filter(|(status, ..)| can(status)) {
        responses[*status] = json!({ "$ref": format!("#/components/responses/{name}") });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        generated(Base("/registry"))
    }

    fn operations(document: &Value) -> Vec<(String, Value)> {
        let paths = document["paths"].as_object().expect("paths");
        let each = |(path, item): (&String, &Value)| {
            let item = item.as_object().expect("an item").clone();
            item.into_iter().map(|(method, operation)| (format!("{method} {path}"), operation)).collect::<Vec<_>>()
        };
        paths.iter().flat_map(each).collect()
    }

    #[test]
    fn it_is_openapi_3_1_and_says_where_it_is() {
        let document = document();
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
        assert_eq!(document["servers"][0]["url"], "/registry/api/v1");
        assert_eq!(document["security"][0]["token"], json!([]));
    }

    #[test]
    fn every_operation_is_explained_named_once_and_can_be_refused() {
        let mut names = std::collections::BTreeSet::new();
        for (at, operation) in operations(&document()) {
            let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
            assert!(!text("summary").is_empty() && !text("summary").ends_with('.'), "{at}");
            assert!(names.insert(text("operationId")), "{at} has a name that is taken");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{at}");
            for status in ["401", "403", "429", "500"] {
                assert!(operation["responses"].get(status).is_some(), "{at} {status}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{at} {parameter}");
            }
        }
    }

    /// Types of the same name would take each other's place in the document, silently.
    #[test]
    fn no_two_schemas_share_a_name() {
        fn look(folder: &std::path::Path, names: &mut Vec<String>) {
            for file in std::fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("a file").path()) {
                if file.is_dir() {
                    look(&file, names);
                    continue;
                }
                let text = std::fs::read_to_string(&file).expect("a source");
                let derived = text
                    .split("#[derive(")
                    .skip(1)
                    .filter(|part| part.split(")]").next().is_some_and(|derives| derives.contains("ToSchema")));
                for part in derived {
                    let words: Vec<&str> = part.split_whitespace().collect();
                    let name = words.windows(2).find(|pair| matches!(pair[0], "struct" | "enum")).map(|pair| pair[1]);
                    names.extend(name.map(|name| name.trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned()));
                }
            }
        }
        let mut names = Vec::new();
        look(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"), &mut names);
        assert!(names.len() > 40, "{names:?}");
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_field_is_explained() {
        fn look(document: &Value, value: &Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::String(to)) = fields.get("$ref") {
                        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                    }
                    fields.values().for_each(|value| look(document, value));
                }
                Value::Array(all) => all.iter().for_each(|value| look(document, value)),
                _ => {}
            }
        }
        let document = document();
        look(&document, &document);
        for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
            assert!(name.starts_with(char::is_uppercase), "{name} is a type of Rust");
            assert!(schema["description"].is_string(), "{name}");
        }
    }
}
