//! Where standing sandboxes are kept: `.esr/sandboxes/NAME/` with `lock`, `sandbox.json`, `blueprint.json` and
//! `control.sock`.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use esr_tap::digest;
use scn_plan::Blueprint;
use serde::de::DeserializeOwned;

use super::protocol::SandboxRecord;

const LOCK: &str = "lock";
const RECORD: &str = "sandbox.json";
const BLUEPRINT: &str = "blueprint.json";
const SOCKET: &str = "control.sock";
/// Where its processes are cloned to.
const SOURCES: &str = "sources";

/// Most bytes of a sandbox's name in a directory's name: the path of a socket has about a hundred at most.
const NAME: usize = 40;

/// How often a lock that somebody holds for a moment (to look whether it is free) is tried again.
const PATIENCE: u32 = 40;

/// The sandboxes of a project.
#[derive(Clone, Debug)]
pub struct Sandboxes {
    directory: PathBuf,
    logs: PathBuf,
}

/// A sandbox whose process lives.
#[derive(Clone, Debug)]
pub struct Standing {
    pub(super) directory: PathBuf,
    /// What is known of it.
    pub record: SandboxRecord,
}

/// A sandbox's directory and the lock in it: held by the process that is the sandbox.
#[derive(Debug)]
pub(super) struct Claim {
    directory: PathBuf,
    lock: File,
}

/// Who holds a lock.
enum Lock {
    /// This process, from now on.
    Ours(File),
    /// Another process.
    Theirs,
    /// Nobody: it has been taken away in the meantime.
    Gone,
}

impl Sandboxes {
    /// Those of the project whose state lies in `state` (`.esr`).
    pub fn of(state: &Path) -> Self {
        Self { directory: state.join("sandboxes"), logs: state.join("logs") }
    }

    /// The sandboxes that stand, by name. One that is still coming up, or going down, is not among them.
    ///
    /// # Errors
    ///
    /// If the directory is there and cannot be read.
    pub fn standing(&self) -> io::Result<Vec<Standing>> {
        let mut standing: Vec<Standing> = Vec::new();
        for directory in self.entries()? {
            if let Ok(record) = read(&directory.join(RECORD)) {
                standing.push(Standing { directory, record });
            }
        }
        standing.retain(|one| one.watch().is_some());
        standing.sort_by(|a, b| a.record.name.cmp(&b.record.name));
        Ok(standing)
    }

    /// Takes away what sandboxes left behind whose process has ended without taking them down. Their logs stay. Whether all
    /// of it could be taken away is told besides what was known of them: none of one that ended before it stood.
    pub fn mend(&self) -> (Vec<Option<SandboxRecord>>, io::Result<()>) {
        let (mut remains, mut outcome) = (Vec::new(), Ok(()));
        match self.entries() {
            Ok(directories) => {
                for directory in directories {
                    match mend_one(&directory) {
                        Ok(found) => remains.extend(found),
                        Err(error) => outcome = outcome.and(Err(error)),
                    }
                }
            }
            Err(error) => outcome = Err(error),
        }
        (remains, outcome)
    }

    /// Whether a process is the sandbox `name`, be it that it is coming up or going down.
    pub fn is_taken(&self, name: &str) -> bool {
        Watch::open(&self.directory.join(folder(name))).is_some()
    }

    /// Where the sources of the processes of the sandbox `name` are cloned to; they go with its directory.
    pub(super) fn sources(&self, name: &str) -> PathBuf {
        self.directory.join(folder(name)).join(SOURCES)
    }

    /// Where the logs of the sandbox `name` lie.
    pub fn logs(&self, name: &str) -> PathBuf {
        self.logs.join(folder(name))
    }

    /// The sandboxes of which there are logs.
    pub fn logged(&self) -> Vec<PathBuf> {
        let mut logged: Vec<PathBuf> =
            fs::read_dir(&self.logs).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        logged.sort();
        logged
    }

    /// Makes this process the sandbox `name`; none if another process is.
    pub(super) fn claim(&self, name: &str) -> io::Result<Option<Claim>> {
        let directory = self.directory.join(folder(name));
        for attempt in 0.. {
            DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
            if fs::symlink_metadata(&directory)?.is_symlink() {
                return Err(at(&directory)(io::Error::other(
                    "it is a link, and a sandbox is kept in a directory of its own",
                )));
            }
            match lock(&directory) {
                Ok(Lock::Ours(held)) => {
                    clear_but_lock(&directory)?;
                    return Ok(Some(Claim { directory, lock: held }));
                }
                // Whoever mends holds a lock for a moment; a sandbox holds it for good.
                Ok(_) if attempt >= PATIENCE => return Ok(None),
                Err(error) if error.kind() != ErrorKind::NotFound || attempt >= PATIENCE => return Err(error),
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Ok(None)
    }

    fn entries(&self) -> io::Result<Vec<PathBuf>> {
        match fs::read_dir(&self.directory) {
            Ok(entries) => {
                let mut found = Vec::new();
                for entry in entries {
                    let entry = entry?;
                    // Not through links: what they lead to is not ours to take away.
                    if entry.file_type()?.is_dir() {
                        found.push(entry.path());
                    }
                }
                Ok(found)
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

impl Standing {
    /// The blueprint that it was brought up from.
    ///
    /// # Errors
    ///
    /// If it cannot be read, for instance because the sandbox has just gone down.
    pub fn blueprint(&self) -> io::Result<Blueprint> {
        read(&self.directory.join(BLUEPRINT))
    }

    /// Something that sees when its process ends; none if it has ended.
    pub fn watch(&self) -> Option<Watch> {
        Watch::open(&self.directory)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.directory.join(SOCKET)
    }
}

/// Sees when the process of a sandbox ends: not when it says so, but when the system has freed its lock.
#[derive(Debug)]
pub struct Watch(File);

impl Watch {
    /// On the sandbox that is kept in `directory`; none if it has ended.
    fn open(directory: &Path) -> Option<Self> {
        let file = OpenOptions::new().read(true).write(true).open(directory.join(LOCK)).ok()?;
        Some(Self(file)).filter(Self::lives)
    }

    /// Whether the process lives.
    pub fn lives(&self) -> bool {
        // Shared, so that those who look do not take each other for the sandbox.
        match self.0.try_lock_shared() {
            Err(TryLockError::WouldBlock) => true,
            // A sandbox that is coming up is not to take this for another one.
            _ => self.0.unlock().is_err(),
        }
    }
}

impl Claim {
    pub(super) fn socket(&self) -> PathBuf {
        self.directory.join(SOCKET)
    }

    /// From now on the sandbox is found by others.
    pub(super) fn publish(&self, record: &SandboxRecord, blueprint: &Blueprint) -> io::Result<()> {
        if !self.is_ours() {
            return Err(at(&self.directory)(io::Error::other("somebody has taken it away in the meantime")));
        }
        write(&self.directory.join(BLUEPRINT), blueprint)?;
        write(&self.directory.join(RECORD), record)
    }

    /// From now on the sandbox is not found any more.
    pub(super) fn withdraw(&self) -> io::Result<()> {
        if self.is_ours() { fs::remove_file(self.directory.join(RECORD)) } else { Ok(()) }
    }

    /// Whether the sandbox can still be found and talked to; what is told of it is written anew where somebody has damaged it.
    pub(super) fn holds(&self, record: &SandboxRecord, blueprint: &Blueprint) -> bool {
        if !self.is_ours() || !self.socket().exists() {
            return false;
        }
        let is_told = read::<SandboxRecord>(&self.directory.join(RECORD)).is_ok_and(|written| written == *record);
        if !is_told || !self.directory.join(BLUEPRINT).exists() {
            // Where it cannot be written now, it is tried again.
            let _ = self.publish(record, blueprint);
        }
        true
    }

    /// The sandbox is gone, and so is its directory; unless that is another one's by now.
    pub(super) fn release(self) -> io::Result<()> {
        let cleared = if self.is_ours() { clear(&self.directory) } else { Ok(()) };
        // Freed by the system with the process, for that is what those who wait for its end are waiting for.
        std::mem::forget(self.lock);
        cleared
    }

    fn is_ours(&self) -> bool {
        is_at(&self.lock, &self.directory.join(LOCK))
    }
}

/// A directory's name for the sandbox `name`: itself, or its beginning and a digest if it is long.
fn folder(name: &str) -> String {
    if name.len() <= NAME {
        return name.to_owned();
    }
    format!("{}-{:.16}", &name[..name.floor_char_boundary(NAME - 17)], digest(name.as_bytes()))
}

/// Tries the lock in `directory`, and makes it where there is none.
fn lock(directory: &Path) -> io::Result<Lock> {
    let path = directory.join(LOCK);
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Lock::Theirs),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Somebody may have taken the file away between its opening and its locking: then this lock locks nothing.
    Ok(if is_at(&file, &path) { Lock::Ours(file) } else { Lock::Gone })
}

/// Whether `file` is the one that lies at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let inode = |metadata: io::Result<fs::Metadata>| metadata.map(|metadata| (metadata.dev(), metadata.ino())).ok();
    let here = inode(file.metadata());
    here.is_some() && here == inode(fs::metadata(path))
}

/// Takes `directory` away if nobody holds it; what was known of the sandbox, if anything was, in that case.
fn mend_one(directory: &Path) -> io::Result<Option<Option<SandboxRecord>>> {
    let _held = match lock(directory) {
        Ok(Lock::Ours(held)) => held,
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let record = read(&directory.join(RECORD)).ok();
    clear(directory)?;
    Ok(Some(record))
}

/// Takes `directory` away, its lock last: whoever is stopped half-way leaves something that can be mended.
fn clear(directory: &Path) -> io::Result<()> {
    clear_but_lock(directory)?;
    fs::remove_file(directory.join(LOCK))?;
    match fs::remove_dir(directory) {
        // Somebody who claims it has made a new lock in the meantime.
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => removed,
    }
}

/// Takes away what a sandbox keeps in its directory but for the lock; what else lies there is not ours.
fn clear_but_lock(directory: &Path) -> io::Result<()> {
    for name in [RECORD, BLUEPRINT, SOCKET] {
        for path in [directory.join(name), draft(&directory.join(name))] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&path)(error)),
                _ => {}
            }
        }
    }
    let sources = directory.join(SOURCES);
    match fs::remove_dir_all(&sources) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at(&sources)(error)),
        _ => Ok(()),
    }
}

/// Says at which path something went wrong.
fn at(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn draft(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)
}

/// Writes a file so that a reader sees all of it or none.
fn write(path: &Path, value: &impl serde::Serialize) -> io::Result<()> {
    let draft = draft(path);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(name: &str) -> PathBuf {
        let state = std::env::temp_dir().join(format!("esr-directory-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&state);
        state
    }

    #[test]
    fn one_process_at_a_time_is_a_sandbox() {
        let state = state("claim");
        let sandboxes = Sandboxes::of(&state);
        let claim = sandboxes.claim("agency").unwrap().expect("nobody else");
        // A lock belongs to an open file, so a second one in this process stands for another process.
        assert!(sandboxes.claim("agency").unwrap().is_none());
        assert!(sandboxes.claim("other").unwrap().is_some());
        assert_eq!(sandboxes.mend().0.len(), 1, "of the other, which has been let go; what lives is left alone");
        claim.release().unwrap();
        assert!(sandboxes.claim("agency").unwrap().is_some());
        fs::remove_dir_all(state).unwrap();
    }

    #[test]
    fn what_nobody_holds_is_taken_away_however_far_it_got() {
        let state = state("mend");
        let sandboxes = Sandboxes::of(&state);
        for leftovers in [&[][..], &[LOCK], &[LOCK, SOCKET], &[LOCK, SOCKET, "sandbox.new", BLUEPRINT], &[RECORD]] {
            let directory = state.join("sandboxes").join("agency");
            fs::create_dir_all(&directory).unwrap();
            for name in leftovers {
                fs::write(directory.join(name), "{").unwrap();
            }
            assert!(sandboxes.standing().unwrap().is_empty());
            assert_eq!(sandboxes.mend().0.len(), 1, "{leftovers:?}");
            assert!(!directory.exists(), "{leftovers:?}");
        }
        fs::remove_dir_all(state).unwrap();
    }

    #[test]
    fn long_names_stay_apart_and_fit_into_the_path_of_a_socket() {
        let long = "é".repeat(100);
        let other = format!("{long}x");
        assert_ne!(folder(&long), folder(&other));
        assert!(folder(&long).len() <= NAME);
        assert_eq!(folder("passport-agency"), "passport-agency");
    }
}
