//! The cache: one folder per artifact, made by one process and complete when it has its name.
//!
//! What a newer version has taken the place of is nobody's to remove, so whoever makes something removes what has not been
//! used for long.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::progress::say;

/// Names the cache's folder when it is set.
pub const CACHE_VARIABLE: &str = "ETCD_JSON_GATEWAY_CACHE";

/// What nobody has used for this long is removed.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);
/// Behind a folder's name, what its makers lock; its time is when the folder was last used.
const LOCK: &str = ".lock";
/// Behind a folder's name, what is not complete yet, or no more.
const PART: &str = ".part";

/// The cache's folder: `$ETCD_JSON_GATEWAY_CACHE`, else `etcd-json-gateway` in the user's XDG cache.
pub fn folder() -> Result<PathBuf> {
    let variable = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = variable(CACHE_VARIABLE) {
        return Ok(folder);
    }
    let cache =
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    let cache = cache.with_context(|| {
        format!("no cache folder: set {CACHE_VARIABLE}, XDG_CACHE_HOME or HOME")
    })?;
    Ok(cache.join("etcd-json-gateway"))
}

/// The folder `name` in the cache, made by `make` if it is not there.
///
/// `make` fills a temporary folder which then gets its name in one step, so a folder that exists is complete. Of
/// several processes that want the same folder one makes it and the others wait.
pub fn folder_made_by(name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    made_in(&folder()?, name, make)
}

fn made_in(cache: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let complete = cache.join(name);
    let lock_path = cache.join(format!("{name}{LOCK}"));
    if complete.is_dir() {
        // A cache that is not ours to write is one that others clean.
        let _ = File::open(&lock_path).and_then(|lock| lock.set_modified(SystemTime::now()));
        return Ok(complete);
    }
    fs::create_dir_all(cache).with_context(|| format!("making {}", cache.display()))?;
    let lock =
        File::create(&lock_path).with_context(|| format!("making {}", lock_path.display()))?;
    lock.lock()
        .with_context(|| format!("locking {}", lock_path.display()))?;
    lock.set_modified(SystemTime::now())?;
    if !complete.is_dir() {
        let partial = cache.join(format!("{name}{PART}"));
        if partial.exists() {
            fs::remove_dir_all(&partial)
                .with_context(|| format!("removing {}", partial.display()))?;
        }
        fs::create_dir(&partial).with_context(|| format!("making {}", partial.display()))?;
        make(&partial)?;
        fs::rename(&partial, &complete)
            .with_context(|| format!("naming {}", complete.display()))?;
        if let Err(error) = prune(cache, SystemTime::now()) {
            say("cache", &format!("what is old in it stays: {error:#}"));
        }
    }
    Ok(complete)
}

/// Removes what had not been used for [`KEPT`] by `now`, complete or not.
fn prune(cache: &Path, now: SystemTime) -> Result<()> {
    for entry in fs::read_dir(cache)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|file| file.to_str());
        let Some(name) = file.and_then(|file| file.strip_suffix(LOCK)) else {
            continue;
        };
        let lock = File::open(&path)?;
        // Somebody makes it.
        if lock.try_lock().is_err() {
            continue;
        }
        let unused = now.duration_since(lock.metadata()?.modified()?);
        if unused.is_ok_and(|unused| unused > KEPT) {
            remove(cache, name)?;
        }
    }
    Ok(())
}

/// Removes the folder `name`, whose lock is held, but not the lock: who waits for it would hold another than who comes then.
fn remove(cache: &Path, name: &str) -> Result<()> {
    let (complete, partial) = (cache.join(name), cache.join(format!("{name}{PART}")));
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    if complete.exists() {
        say(
            name,
            "removing it from the cache, where nobody has used it for long",
        );
        // It loses its name in one step, as it got it.
        fs::rename(&complete, &partial)?;
        fs::remove_dir_all(&partial)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::{Duration, SystemTime};

    use anyhow::{Result, bail};

    use super::{KEPT, made_in, prune};
    use crate::scratch;

    #[test]
    fn of_many_who_want_a_folder_one_makes_it() -> Result<()> {
        let cache = scratch::folder("cache")?;
        let made = AtomicUsize::new(0);
        let want = || {
            made_in(cache.path(), "name", |folder| {
                made.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(50));
                Ok(fs::write(folder.join("file"), "whole")?)
            })
        };
        thread::scope(|scope| -> Result<()> {
            let wants: Vec<_> = (0..8).map(|_| scope.spawn(want)).collect();
            for folder in wants.into_iter().filter_map(|want| want.join().ok()) {
                assert_eq!(fs::read_to_string(folder?.join("file"))?, "whole");
            }
            Ok(())
        })?;
        assert_eq!(made.load(Ordering::SeqCst), 1);
        Ok(())
    }

    #[test]
    fn a_folder_that_could_not_be_made_is_made_anew() -> Result<()> {
        let cache = scratch::folder("cache")?;
        let failed = made_in(cache.path(), "name", |folder| {
            fs::write(folder.join("half"), "")?;
            bail!("no")
        });
        assert!(failed.is_err());
        let folder = made_in(cache.path(), "name", |folder| {
            Ok(fs::write(folder.join("whole"), "")?)
        })?;
        assert!(folder.join("whole").exists() && !folder.join("half").exists());
        Ok(())
    }

    #[test]
    fn what_nobody_has_used_for_long_goes_and_can_be_made_anew() -> Result<()> {
        let cache = scratch::folder("cache")?;
        let made = AtomicUsize::new(0);
        let want = |name: &str| {
            made_in(cache.path(), name, |_| {
                made.fetch_add(1, Ordering::SeqCst);
                Ok(())
            })
        };
        let (old, half) = (want("old")?, cache.path().join("half.part"));
        let _ = made_in(cache.path(), "half", |_| bail!("no"));
        assert!(half.exists());
        let later = SystemTime::now() + KEPT / 2;
        prune(cache.path(), later)?;
        assert!(old.exists() && half.exists());

        let used = fs::File::open(cache.path().join("old.lock"))?;
        used.set_modified(SystemTime::now() - KEPT)?;
        want("old")?;
        prune(cache.path(), later)?;
        assert!(old.exists(), "it has just been used");
        assert_eq!(made.load(Ordering::SeqCst), 1);

        prune(cache.path(), SystemTime::now() + KEPT * 2)?;
        assert!(!old.exists() && !half.exists());
        want("old")?;
        assert!(old.exists());
        assert_eq!(made.load(Ordering::SeqCst), 2);
        Ok(())
    }
}
