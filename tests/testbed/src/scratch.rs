//! Files that do not outlive us: folders that are removed when dropped, and by the next run if we were killed.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Held locked by the process that owns the folder it is in, so that others see whether that process lives.
const LOCK: &str = "lock";

static OURS: Mutex<Option<ProcessFolder>> = Mutex::new(None);

/// The folder of this process, which holds all its scratch folders.
struct ProcessFolder {
    path: PathBuf,
    /// Locked as long as the process lives; closed, and so unlocked, by the kernel when it does not.
    _lock: File,
}

/// A new empty folder whose name begins with `name`.
pub fn folder(name: &str) -> Result<TempDir> {
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    if ours.is_none() {
        *ours = Some(ProcessFolder::new()?);
    }
    let path = ours
        .as_ref()
        .map(|ours| ours.path.as_path())
        .context("this process has no scratch folder")?;
    let made = tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .tempdir_in(path);
    made.with_context(|| format!("making a folder in {}", path.display()))
}

/// Removes all scratch folders of this process, for a program that is about to exit without dropping them.
pub fn remove_all() {
    if let Some(ours) = OURS.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // What cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(&ours.path);
    }
}

impl ProcessFolder {
    fn new() -> Result<ProcessFolder> {
        // Users cannot remove each other's.
        let user = rustix::process::getuid();
        let root = env::temp_dir().join(format!("etcd-json-gateway-{}", user.as_raw()));
        ProcessFolder::new_in(&root)
    }

    fn new_in(root: &Path) -> Result<ProcessFolder> {
        fs::create_dir_all(root).with_context(|| format!("making {}", root.display()))?;
        // While it is held nobody sees a folder whose lock is not locked yet.
        let guard = File::create(root.join(LOCK))?;
        guard.lock()?;
        remove_abandoned(root)?;
        let path = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(root)?
            .keep();
        let lock = File::create(path.join(LOCK))?;
        lock.lock()?;
        Ok(ProcessFolder { path, _lock: lock })
    }
}

/// Removes the folders of processes that are gone.
fn remove_abandoned(root: &Path) -> Result<()> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let abandoned = path.is_dir()
            && File::open(path.join(LOCK)).map_or(true, |lock| lock.try_lock().is_ok());
        if abandoned {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::{ProcessFolder, folder};

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not() -> Result<()> {
        let root = folder("scratch")?;
        let living = ProcessFolder::new_in(root.path())?;
        let killed = ProcessFolder::new_in(root.path())?.path;
        let next = ProcessFolder::new_in(root.path())?;
        assert!(living.path.exists() && next.path.exists());
        assert!(!killed.exists());
        Ok(())
    }
}
