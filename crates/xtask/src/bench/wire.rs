//! What a first visit moves over the wire: the document and everything it asks for, heads included.

use super::{
    curl,
    lab::Lab,
    seed::SMALL,
    table::{Table, kilobytes},
};
use crate::{Outcome, compress};
use std::{collections::BTreeSet, fs};

pub fn measure(lab: &Lab, table: &mut Table) -> Outcome {
    let serving = lab.serve()?;
    lab.warm(&serving, SMALL)?;
    let page = serving.page(SMALL);
    let document = curl::ask(&page, &lab.headers(), &[])?.text();
    let assets = assets(&document);
    for (coding, goal) in [("br", "≤ 300 KB"), ("gzip", "≤ 400 KB")] {
        let encoding = format!("Accept-Encoding: {coding}");
        let own = curl::weight(&page, &[lab.headers(), vec![encoding.clone()]].concat())?;
        let mut sum = own;
        for asset in &assets {
            sum += curl::weight(&format!("{}{asset}", serving.root), std::slice::from_ref(&encoding))?;
        }
        table.row(
            &format!("first visit over the wire, {coding}: the tags page and its {} files", assets.len()),
            format!("{} (the document {})", kilobytes(sum), kilobytes(own)),
            goal,
        );
    }
    serving.running.end()?;
    let (_, wasm) = Lab::assets()?.into_iter().find(|(role, _)| role == "wasm").ok_or("no WebAssembly was built")?;
    let bytes = fs::read(wasm)?;
    let sizes = [bytes.len(), compress::gzip(&bytes)?.len(), compress::brotli(&bytes)?.len()];
    let [raw, gzip, brotli] = sizes.map(|size| kilobytes(size as u64));
    table.row("WebAssembly: raw, gzip, brotli", format!("{raw}, {gzip}, {brotli}"), "");
    Ok(())
}

/// The addresses of the files that a page names, without what follows a `#`.
fn assets(document: &str) -> BTreeSet<String> {
    let end = |c: char| matches!(c, '"' | '\'' | '#' | '?' | ' ' | '>' | '<' | ')' | '\\');
    document
        .match_indices("/assets/")
        .filter_map(|(at, _)| document[at..].split(end).next())
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_once() {
        let document = "<link href=\"/assets/a.css\"><use href=\"/assets/i.svg#x\"/><use href=\"/assets/i.svg#y\"/>\
                        <script>fetch(\"/assets/w.wasm\")</script>";
        assert_eq!(
            assets(document).into_iter().collect::<Vec<_>>(),
            ["/assets/a.css", "/assets/i.svg", "/assets/w.wasm"]
        );
    }
}
