//! The browser's half: the WebAssembly module and its glue, one pair that only works together.

use crate::{
    Outcome, hash,
    process::{self, cargo, find, program, root, target},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use wasm_bindgen_cli_support::Bindgen;

/// What the module may use. All that the compiler emits by default, and no more: with everything switched on
/// the optimizer writes modules that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Both files, named with the one hash over both.
pub struct Pair {
    pub js: (String, Vec<u8>),
    pub wasm: (String, Vec<u8>),
}

/// Compiles the entry crate, makes the glue and, for a release, shrinks the module.
pub fn build(release: bool) -> Outcome<Pair> {
    let (profile, folder) = if release { ("wasm-release", "wasm-release") } else { ("dev", "debug") };
    process::run(&mut cargo(&["build", "-p", "frontend", "--target", crate::machine::WASM, "--profile", profile]))?;
    let module = target().join(crate::machine::WASM).join(folder).join("frontend.wasm");

    let work = target().join("browser").join(folder);
    let optimizer = if release { optimizer() } else { None };
    if release && optimizer.is_none() {
        eprintln!("wasm-opt is not there, so the module stays a fifth larger; `npm ci` in end2end brings it");
    }
    // The slow steps are skipped when they would give the same again.
    let key = hash::of([&*fs::read(&module)?, format!("{optimizer:?}").as_bytes()]);
    let stamp = work.join("made-from");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(key.as_str()) {
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work)?;
        bind(&module, &work, release)?;
        if let Some(optimizer) = optimizer {
            let file = work.join(wasm_name());
            process::run(program(&optimizer).arg("-Oz").args(FEATURES).arg(&file).arg("-o").arg(&file))?;
        }
        fs::write(&stamp, key)?;
    }
    named(&work)
}

/// The optimizer from the npm packages, else from PATH.
fn optimizer() -> Option<PathBuf> {
    let own = root().join("end2end/node_modules/.bin/wasm-opt");
    if own.exists() && find("node").is_some() { Some(own) } else { find("wasm-opt") }
}

// A hyphen before the stand-in: wasm-bindgen would take what follows a dot for an extension and cut it off.
fn stem() -> String {
    format!("wharfinger-{}", hash::STAND_IN)
}

fn wasm_name() -> String {
    format!("{}_bg.wasm", stem())
}

fn bind(module: &Path, work: &Path, release: bool) -> Outcome {
    let started = Instant::now();
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(&stem()).web(true).map_err(|e| e.to_string())?;
    bindgen.typescript(false).omit_default_module_path(true).debug(!release).keep_debug(false);
    bindgen.generate(work).map_err(|e| format!("wasm-bindgen: {e:?}"))?;
    eprintln!("  wasm-bindgen took {:.1} s", started.elapsed().as_secs_f32());
    if work.join("snippets").exists() {
        return Err(
            "a dependency of the browser build brings scripts of its own; they would have to be served too".into()
        );
    }
    Ok(())
}

/// Reads both files and gives names and content the hash over both.
fn named(work: &Path) -> Outcome<Pair> {
    let mut js = fs::read(work.join(format!("{}.js", stem())))?;
    let mut wasm = fs::read(work.join(wasm_name()))?;
    let hash = hash::of([&*js, &*wasm]);
    hash::fill_in(&mut js, &hash);
    hash::fill_in(&mut wasm, &hash);
    Ok(Pair { js: (format!("wharfinger-{hash}.js"), js), wasm: (format!("wharfinger-{hash}.wasm"), wasm) })
}
