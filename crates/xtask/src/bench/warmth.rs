//! Files that are read before anything is measured: whoever comes first must not be the one who waits for the disk.

use crate::Outcome;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Disks answer many questions at once sooner than one after another.
const READERS: usize = 16;

/// Reads all files below a folder, one level of folders after another, so that they are in the machine's memory.
pub fn read_all(folder: &Path) -> Outcome {
    let mut level = vec![folder.to_owned()];
    while !level.is_empty() {
        let (next, folders) = (AtomicUsize::new(0), &level);
        let found = thread::scope(|scope| {
            let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read_some(folders, &next))).collect();
            let joined = readers
                .into_iter()
                .map(|reader| reader.join().unwrap_or_else(|_| Err(io::Error::other("it panicked"))));
            joined.collect::<io::Result<Vec<Vec<PathBuf>>>>()
        });
        level = found.map_err(|error| format!("{} can't be read: {error}", folder.display()))?.concat();
    }
    Ok(())
}

/// Reads the files of those folders that nobody took yet, and gives the folders in them.
fn read_some(folders: &[PathBuf], next: &AtomicUsize) -> io::Result<Vec<PathBuf>> {
    let mut below = Vec::new();
    while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                below.push(path);
            } else {
                fs::read(&path)?;
            }
        }
    }
    Ok(below)
}
