//! The texts of a list, read straight from the bytes: a page takes no more memory than the texts that are kept of it.

use crate::{Error, Result, said::clean};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The longest text that is kept, in bytes: no name or tag in the grammar is longer.
const LONGEST: usize = 256;

/// What a list may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// As many items are kept.
    pub(crate) items: usize,
    /// As many bytes of them.
    pub(crate) bytes: usize,
}

/// What was taken from a page.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Its texts.
    pub(crate) texts: Vec<String>,
    /// How many bytes these are.
    pub(crate) bytes: usize,
    /// How many texts were longer than any name.
    pub(crate) dropped: u64,
    /// Was there no room for all?
    pub(crate) cut: bool,
    /// Is there something that is no text?
    odd: bool,
    /// Is there a list at all?
    found: bool,
}

/// The texts in the list's field. `null` is an empty list (distribution, for an emptied repository); no field at all is
/// something else than a list.
pub(crate) fn items(body: &[u8], content_type: &str, field: &str, room: Room) -> Result<Taken> {
    let mut taken = Taken::default();
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = Document { field, room, taken: &mut taken }.deserialize(&mut json).and_then(|()| json.end());
    let what = match read {
        // Who has enough stops in the middle, which is an error to the parser.
        _ if taken.cut => return Ok(taken),
        Ok(()) if taken.found => return Ok(taken),
        Err(_) if taken.odd => format!("something in \"{field}\" is no text"),
        Err(error) if !error.is_data() => format!("the list is not JSON but {}", shown(content_type)),
        _ => format!("there is no list \"{field}\" in it"),
    };
    Err(Error::Malformed { what })
}

fn shown(content_type: &str) -> String {
    if content_type.is_empty() { "something without a type".into() } else { clean(content_type, 60) }
}

/// The whole document: only one field of it counts.
struct Document<'a> {
    field: &'a str,
    room: Room,
    taken: &'a mut Taken,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(wanted) = map.next_key_seed(Is(self.field))? {
            if !wanted {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            // Of two lists the last counts.
            *self.taken = Taken { found: true, ..Taken::default() };
            map.next_value_seed(List { room: self.room, taken: &mut *self.taken })?;
        }
        Ok(())
    }
}

/// Is the key this one?
struct Is<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<bool, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> std::result::Result<bool, E> {
        Ok(key == self.0)
    }
}

/// The list itself.
struct List<'a> {
    room: Room,
    taken: &'a mut Taken,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> std::result::Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while list.next_element_seed(Item { room: self.room, taken: &mut *self.taken })?.is_some() {}
        Ok(())
    }
}

/// One item: kept, dropped, or too much.
struct Item<'a> {
    room: Room,
    taken: &'a mut Taken,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl Visitor<'_> for Item<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<(), E> {
        let taken = self.taken;
        if text.len() > LONGEST {
            taken.dropped += 1;
            return Ok(());
        }
        if taken.texts.len() >= self.room.items || taken.bytes + text.len() > self.room.bytes {
            taken.cut = true;
            return Err(E::custom("no room for more"));
        }
        taken.bytes += text.len();
        taken.texts.push(text.to_owned());
        Ok(())
    }
}
