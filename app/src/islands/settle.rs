//! Brings a part of the page into line with a newer rendering of it, touching only what differs: what has the
//! keyboard, is ticked, opened, selected or scrolled stays so, and stays with its row when rows come and go.

use super::{answers, page};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Node};

/// Attributes that live in the browser only, or whose change would undo what somebody did.
const KEPT: [&str; 7] =
    ["data-current", "data-done", "data-sending", "open", "checked", "aria-invalid", "aria-describedby"];

/// Makes `old` like `new`. `new` belongs to another document and is used up.
pub fn settle(old: &Element, new: &Element) {
    if old.is_equal_node(Some(new)) {
        return;
    }
    attributes(old, new);
    children(old, new);
}

fn attributes(old: &Element, new: &Element) {
    let names = |element: &Element| {
        let names = element.get_attribute_names().to_vec();
        let names = names.iter().filter_map(JsValue::as_string);
        names.filter(|name| !KEPT.contains(&name.as_str())).collect::<Vec<String>>()
    };
    let wanted = names(new);
    for name in names(old) {
        if !wanted.contains(&name) {
            _ = old.remove_attribute(&name);
        }
    }
    for name in wanted {
        let value = new.get_attribute(&name);
        if let (Some(text), true) = (&value, old.get_attribute(&name) != value) {
            _ = old.set_attribute(&name, text);
        }
    }
}

fn children(old: &Element, new: &Element) {
    let wanted: Vec<(Node, Option<String>)> = nodes(new).into_iter().map(|node| (node.clone(), key(&node))).collect();
    let mut present: Vec<(Node, Option<String>)> = Vec::new();
    for node in nodes(old) {
        let key = key(&node);
        // What has gone goes first: then those that stay need not be moved, and keep the keyboard.
        if key.is_some() && !wanted.iter().any(|(_, other)| *other == key) {
            _ = old.remove_child(&node);
        } else {
            present.push((node, key));
        }
    }
    for (node, key) in wanted {
        let next = present.first().map(|(node, _)| node.clone());
        let same =
            |(other, other_key): &(Node, Option<String>)| *other_key == key && other.node_name() == node.node_name();
        let found = match key {
            Some(_) => present.iter().position(same),
            None => present.first().is_some_and(same).then_some(0),
        };
        match found {
            Some(at) => {
                let (own, _) = present.remove(at);
                if at > 0 {
                    _ = old.insert_before(&own, next.as_ref());
                }
                one(&own, &node);
            }
            None => _ = old.insert_before(&node, next.as_ref()),
        }
    }
    for (node, _) in present {
        _ = old.remove_child(&node);
    }
}

fn one(old: &Node, new: &Node) {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => settle(old, new),
        _ if old.node_value() != new.node_value() => old.set_node_value(new.node_value().as_deref()),
        _ => {}
    }
}

/// The children, without what the islands put in themselves.
fn nodes(of: &Element) -> Vec<Node> {
    let list = of.child_nodes();
    let nodes = (0..list.length()).filter_map(|i| list.get(i));
    nodes.filter(|node| !node.dyn_ref::<Element>().is_some_and(|e| e.has_attribute(answers::OURS))).collect()
}

/// What tells an element from its siblings through time: its id, or for a row what it picks or opens.
fn key(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    let own = |name: &str| element.get_attribute(name).filter(|value| !value.is_empty());
    if let Some(own) = own("id").or_else(|| own("data-key")) {
        return Some(own);
    }
    let of_part = |selector: &str, name: &str| page::first_in(element, selector)?.get_attribute(name);
    match element.tag_name().as_str() {
        "TR" => of_part("input[type=checkbox]", "value").or_else(|| of_part("th a[href]", "href")),
        "LI" => of_part("a[href]", "href"),
        _ => None,
    }
}
