//! Puts the assets into the program: those in the folder that `ASSETS` names, which `cargo xtask dist` sets. Without
//! it the table is empty and the program reads `target/site/debug`, so that plain `cargo test` needs no front end.

use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=ASSETS");
    let mut table = String::from("pub(crate) static EMBEDDED: &[File] = &[\n");
    if let Some(folder) = env::var_os("ASSETS").map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", folder.display());
        for name in names(&folder) {
            let variant = |extension: &str| {
                let file = folder.join(format!("{name}.{extension}"));
                if file.exists() {
                    format!("Some(include_bytes!({:?}))", file.display().to_string())
                } else {
                    "None".to_string()
                }
            };
            let plain = folder.join(&name).display().to_string();
            writeln!(
                table,
                "    File {{ name: {name:?}, plain: include_bytes!({plain:?}), brotli: {}, gzip: {} }},",
                variant("br"),
                variant("gz"),
            )
            .expect("a string can be written to");
        }
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR").expect("cargo says where to write");
    fs::write(Path::new(&out).join("embedded.rs"), table).expect("the build folder can be written to");
}

/// The files in the folder, without their compressed variants, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("ASSETS={}: {e}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry of the folder").file_name().into_string().expect("names are ASCII"))
        .filter(|name| !Path::new(name).extension().is_some_and(|extension| extension == "br" || extension == "gz"))
        .collect();
    names.sort();
    names
}
