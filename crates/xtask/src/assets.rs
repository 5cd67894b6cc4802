//! The folder of assets: files named by their content, their compressed variants, and `assets.txt` that says which is which.

use crate::{Outcome, compress};
use std::{collections::BTreeMap, fs, path::Path};

/// A file that the browser asks for, with the role it has on a page.
pub struct Asset {
    pub role: &'static str,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What an asset weighs, in bytes.
pub struct Weight {
    pub name: String,
    pub plain: usize,
    pub gzip: usize,
    pub brotli: usize,
}

/// Writes the folder. Files that are the same already stay untouched, so that nothing is built again for them;
/// `assets.txt` comes before the old files go, so that a running server always names files that are there.
pub fn write(folder: &Path, assets: &[Asset], variants: bool) -> Outcome<Vec<Weight>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut weights = Vec::new();
    for asset in assets {
        if variants {
            let (gzip, brotli) = (compress::gzip(&asset.bytes)?, compress::brotli(&asset.bytes)?);
            let name = asset.name.clone();
            weights.push(Weight { name, plain: asset.bytes.len(), gzip: gzip.len(), brotli: brotli.len() });
            for (extension, variant) in [("gz", gzip), ("br", brotli)] {
                if compress::pays(&asset.bytes, &variant) {
                    files.insert(format!("{}.{extension}", asset.name), variant);
                }
            }
        }
        files.insert(asset.name.clone(), asset.bytes.clone());
    }
    fs::create_dir_all(folder)?;
    for (name, bytes) in &files {
        write_if_new(&folder.join(name), bytes)?;
    }
    let list: String = assets.iter().flat_map(|asset| [asset.role, " ", &asset.name, "\n"]).collect();
    write_if_new(&folder.join("assets.txt"), list.as_bytes())?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "assets.txt" && !files.contains_key(&name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(weights)
}

fn write_if_new(file: &Path, bytes: &[u8]) -> Outcome {
    if fs::read(file).ok().as_deref() != Some(bytes) {
        fs::write(file, bytes)?;
    }
    Ok(())
}

/// The weights with their sum, for a person to read.
pub fn table(weights: &[Weight]) -> String {
    let line = |name: &str, plain: usize, gzip: usize, brotli: usize| {
        format!("  {name:38} {plain:>9} {gzip:>9} {brotli:>9}\n")
    };
    let mut table = format!("  {:38} {:>9} {:>9} {:>9}\n", "bytes", "plain", "gzip", "brotli");
    for weight in weights {
        table += &line(&weight.name, weight.plain, weight.gzip, weight.brotli);
    }
    let sum = |of: fn(&Weight) -> usize| weights.iter().map(of).sum();
    table + &line("together", sum(|w| w.plain), sum(|w| w.gzip), sum(|w| w.brotli))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(name: &str, bytes: &[u8]) -> Asset {
        Asset { role: "css", name: name.into(), bytes: bytes.into() }
    }

    #[test]
    fn a_folder_holds_what_its_list_names_and_nothing_older() {
        let folder = std::env::temp_dir().join(format!("wharfinger-assets-{}", std::process::id()));
        write(&folder, &[asset("old.css", b"a")], true).expect("written");
        let weights = write(&folder, &[asset("new.css", &[b'a'; 5000])], true).expect("written");
        let mut names: Vec<_> = fs::read_dir(&folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let list = fs::read_to_string(folder.join("assets.txt")).expect("the list");
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(names, ["assets.txt", "new.css", "new.css.br", "new.css.gz"]);
        assert_eq!(list, "css new.css\n");
        assert!(weights[0].brotli < weights[0].plain);
    }
}
