//! From raw bytes to a [`Document`]: the content decides, the header helps.

use super::{
    DOCKER_LIST, DOCKER_MANIFEST, Descriptor, Document, ImageManifest, IndexManifest, OCI_ARTIFACT, OCI_INDEX,
    OCI_MANIFEST, SCHEMA1, SCHEMA1_SIGNED, Schema1, classify,
};
use crate::{Kind, json};
use serde_json::Value;

/// What a document's fields say that it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Manifest,
    Index,
    Artifact,
    Schema1,
}

pub(super) fn document(bytes: &[u8], header: &str) -> Document {
    let header = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let unknown = |why: String| Document::Unknown { media_type: header.clone(), why };
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return unknown(format!("It is not readable JSON: {error}.")),
    };
    let Value::Object(object) = value else { return unknown("It is JSON, but not an object.".to_owned()) };
    let told = json::text(&object, "mediaType");
    let Some(form) = form(&object, told.as_deref(), &header) else {
        return unknown("It has neither layers nor manifests, and its media type is not known here.".to_owned());
    };
    let media_type = media_type(form, told, &header, &object);
    let mut notes = Vec::new();
    if form != Form::Schema1 && form_of(&header).is_some_and(|claimed| claimed != form) {
        notes.push(format!("It was served as {header}, but its content is something else."));
    }
    match form {
        Form::Manifest => manifest(&object, media_type, "layers", notes),
        Form::Artifact => manifest(&object, media_type, "blobs", notes),
        Form::Index => index(&object, media_type, notes),
        Form::Schema1 => Document::Schema1(Schema1::read(&object, &media_type)),
    }
}

fn form_of(media_type: &str) -> Option<Form> {
    match media_type {
        OCI_MANIFEST | DOCKER_MANIFEST => Some(Form::Manifest),
        OCI_INDEX | DOCKER_LIST => Some(Form::Index),
        OCI_ARTIFACT => Some(Form::Artifact),
        SCHEMA1 | SCHEMA1_SIGNED => Some(Form::Schema1),
        _ => None,
    }
}

/// The fields come first: a document with both `layers` and `manifests` is read by what it says of itself.
fn form(object: &json::Object, told: Option<&str>, header: &str) -> Option<Form> {
    let has = |key: &str| object.get(key).is_some_and(Value::is_array);
    let claimed = told.and_then(form_of).or_else(|| form_of(header));
    match (has("manifests"), has("layers"), has("blobs"), has("fsLayers")) {
        (true, false, _, false) => Some(Form::Index),
        (false, true, _, false) => Some(Form::Manifest),
        (false, false, true, false) => Some(Form::Artifact),
        (false, false, _, true) => Some(Form::Schema1),
        // A manifest may have no layers, and an artifact no blobs.
        (false, false, false, false) if object.get("config").is_some_and(Value::is_object) => Some(Form::Manifest),
        _ => claimed,
    }
}

/// What it calls itself, else the header where that fits, else OCI's name for the form.
fn media_type(form: Form, told: Option<String>, header: &str, object: &json::Object) -> String {
    if let Some(told) = told.filter(|told| form_of(told) == Some(form)) {
        return told;
    }
    if form_of(header) == Some(form) {
        return header.to_owned();
    }
    match form {
        Form::Manifest => OCI_MANIFEST,
        Form::Index => OCI_INDEX,
        Form::Artifact => OCI_ARTIFACT,
        Form::Schema1 if object.contains_key("signatures") => SCHEMA1_SIGNED,
        Form::Schema1 => SCHEMA1,
    }
    .to_owned()
}

fn descriptors(object: &json::Object, key: &str, notes: &mut Vec<String>) -> Vec<Descriptor> {
    let listed = json::list(object, key, notes);
    let read: Vec<Descriptor> = listed.iter().filter_map(|value| Descriptor::read(value, notes)).collect();
    if read.len() < listed.len() {
        let missing = listed.len() - read.len();
        notes.push(format!("{missing} of {} entries in “{key}” have no valid digest and are left out.", listed.len()));
    }
    // A hostile document could fill the page with notes.
    notes.truncate(20);
    read
}

fn subject(object: &json::Object, notes: &mut Vec<String>) -> Option<Descriptor> {
    object.get("subject").and_then(|value| Descriptor::read(value, notes))
}

fn manifest(object: &json::Object, media_type: String, layers: &str, mut notes: Vec<String>) -> Document {
    let config = object.get("config").and_then(|value| Descriptor::read(value, &mut notes));
    if config.is_none() && layers == "layers" {
        notes.push("It names no configuration that can be found.".to_owned());
    }
    let mut manifest = ImageManifest {
        media_type,
        kind: Kind::Unknown,
        artifact_type: json::text(object, "artifactType").filter(|kind| !classify::is_empty_type(kind)),
        config,
        layers: descriptors(object, layers, &mut notes),
        subject: subject(object, &mut notes),
        annotations: json::pairs(object, "annotations", &mut notes),
        notes,
    };
    manifest.kind = classify::manifest(&manifest);
    if manifest.kind == Kind::Image { Document::Image(manifest) } else { Document::Artifact(manifest) }
}

fn index(object: &json::Object, media_type: String, mut notes: Vec<String>) -> Document {
    let mut index = IndexManifest {
        media_type,
        kind: Kind::Index,
        artifact_type: json::text(object, "artifactType").filter(|kind| !classify::is_empty_type(kind)),
        manifests: descriptors(object, "manifests", &mut notes),
        subject: subject(object, &mut notes),
        annotations: json::pairs(object, "annotations", &mut notes),
        notes,
    };
    index.kind = classify::index(&index);
    Document::Index(index)
}
