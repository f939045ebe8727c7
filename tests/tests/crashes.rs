//! Processes that are killed at any moment, disks that are full, directories that cannot be written: the next command
//! finds everything in order, and nothing that had been written is lost.

use std::{fs, path::Path, process::Command, time::Duration};

use esr_tests::{
    process::{Running, hosts_in, signal, wait_until},
    program,
    project::Project,
    run,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A journey of about a second under a fault, so that there is something to kill.
const COUNTER: &str = r#"
scenario counter:
  tags: [test]
  sandbox: office
  personas: 8
  probes:
    - slow_service: desk-svc latency: 40ms
  steps:
    - repeat-visit
    - visit: "/done"

sandbox office:
  entry: portal
  frontend portal:
    page "/start" "Start":
      on view:
        - get: desk-svc "/ready"
    page "/done" "Done":
      text: "Done."
  service desk-svc:
    workers: 4
    latency: 20ms
    route GET "/ready":
      - reply: 200
"#;

fn project() -> Project {
    let visits = "- visit: \"/start\"\n    ".repeat(6);
    Project::with(&[("counter.scn", &COUNTER.replace("- repeat-visit\n    ", &visits))])
}

/// Moments to kill at: the same for the same seed, between nothing and `most` milliseconds.
fn moments(seed: u64, count: usize, most: u64) -> Vec<Duration> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| Duration::from_micros(rng.random_range(0..most * 1000))).collect()
}

/// The next command finds no sandbox, and there is no trace of one.
#[track_caller]
fn is_tidy(project: &Project) {
    assert!(project.ends("status", 0).stdout.contains("No sandbox is up"));
    wait_until("its process has ended", || hosts_in(project.path()).is_empty());
    let sandboxes = fs::read_dir(project.path().join(".esr/sandboxes"));
    assert_eq!(sandboxes.map_or(0, Iterator::count), 0, "a directory is left");
}

/// Everything works as if nothing had happened.
#[track_caller]
fn works(project: &Project) {
    project.ends("up counter.scn", 0);
    project.ends("run counter", 0);
    project.ends("down", 0);
    is_tidy(project);
}

#[test]
fn a_killed_sandbox_leaves_nothing_behind_and_its_run_reports() {
    let project = project();
    for moment in moments(1, 7, 700) {
        project.ends("up counter.scn", 0);
        let [host] = hosts_in(project.path())[..] else { panic!("one process is the sandbox") };
        let mut run = Running::esr(project.path(), &["run", "counter"]);
        run.line("8 personas active");
        std::thread::sleep(moment);
        signal(host, "KILL");
        let (rest, code) = run.end();
        // Unless it was over before.
        assert!(code == Some(100) && rest.contains("the sandbox was lost") || code == Some(0), "{code:?}\n{rest}");
        let mended = project.ends("report counter --out debrief.json", 0);
        assert!(mended.stderr.contains("office ended without being taken down"), "{}", mended.stderr);
        is_tidy(&project);
    }
    works(&project);
}

#[test]
fn a_killed_run_leaves_no_fault_in_force_and_reports_how_far_it_got() {
    let project = project();
    project.ends("up counter.scn", 0);
    for moment in moments(2, 7, 700) {
        let mut run = Running::esr(project.path(), &["run", "counter"]);
        run.line("latency spike injected");
        std::thread::sleep(moment);
        let killed = !run.has_ended();
        run.kill();
        let runs = || project.json("status --json", 0)["runs"].as_array().expect("runs").len();
        wait_until("the sandbox lets go of the run", || runs() == 0);
        if killed {
            let reported = project.ends("report counter --out debrief.json", 0);
            // It may have been over but for its last words.
            let told = reported.stdout.contains("the run did not end");
            let report = fs::read_to_string(project.path().join("debrief.json")).expect("a report");
            assert!(told || report.contains("\"exit_code\": 0"), "{}", reported.stdout);
        }
        project.ends("run counter", 0);
    }
    project.ends("down", 0);
    is_tidy(&project);
    let runs = project.ends("runs --json", 0).stdout;
    assert!(!runs.contains("\"error\""), "none is damaged: {runs}");
}

#[test]
fn up_killed_while_starting_leaves_a_whole_sandbox_or_none() {
    let project = project();
    // Counted from the command for some, from when the sandbox's process is there for others.
    for (moment, from_the_process) in moments(3, 8, 20).into_iter().zip([false, true].into_iter().cycle()) {
        let mut up = Running::esr(project.path(), &["up", "counter.scn"]);
        if from_the_process {
            wait_until("there is a process", || !hosts_in(project.path()).is_empty() || up.has_ended());
        }
        std::thread::sleep(moment);
        up.kill();
        // It either stands, or goes away by itself.
        let stands = || project.ends("status", 0).stdout.contains("🟢 office");
        wait_until("it has come up or gone", || stands() || hosts_in(project.path()).is_empty());
        if stands() {
            project.ends("run counter", 0);
            project.ends("down", 0);
        }
        is_tidy(&project);
    }
    works(&project);
}

#[test]
fn the_process_of_a_sandbox_killed_while_starting_is_told_by_up() {
    let project = project();
    let up = Running::esr(project.path(), &["up", "counter.scn", "--json"]);
    // Whenever it is there: before it stands, or a moment after.
    wait_until("there is a process", || !hosts_in(project.path()).is_empty());
    hosts_in(project.path()).into_iter().for_each(|host| signal(host, "KILL"));
    let (rest, code) = up.end();
    assert!(code == Some(0) || code == Some(100) && rest.contains("ended before it was up"), "{code:?}\n{rest}");
    is_tidy(&project);
    works(&project);
}

/// Runs a command line of a shell in the project.
fn shell(project: &Project, line: &str) -> (Option<i32>, String) {
    let line = line.replace("esr ", &format!("{} ", program("esr").display()));
    let output = Command::new("sh").args(["-c", &line]).current_dir(project.path()).output().expect("a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

/// How long the plan of the only run so far is, in bytes.
fn plan_size(project: &Project) -> u64 {
    let mut runs = std::fs::read_dir(project.path().join(".esr/runs")).expect("runs");
    let run = runs.find_map(|run| std::fs::metadata(run.ok()?.path().join("plan.json")).ok()).expect("a plan");
    run.len()
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_that_was_written() {
    let project = project();
    project.ends("up counter.scn", 0);
    project.ends("run counter", 0);
    // A process that may write files of 16 KiB at most stands for a disk that fills during the run.
    let (code, said) = shell(&project, "ulimit -f 32; esr run counter");
    assert_eq!(code, Some(2), "plan.json alone is longer: {said}");
    assert!(said.contains("cannot write") && said.contains("plan.json"), "{said}");
    // A little more than the plan takes lets the run begin; its trace is longer.
    let blocks = plan_size(&project) / 512 + 16;
    let (code, said) = shell(&project, &format!("ulimit -f {blocks}; esr run counter"));
    assert_eq!(code, Some(70), "{said}");
    assert!(said.contains("records are missing from") && said.contains("cannot write"), "{said}");
    // What was written before is there, and so are the runs before it.
    let report = project.json("report counter --out - --format json", 0);
    assert_eq!(report["verdict"]["exit_code"], 70);
    assert!(report["steps"][0]["count"].as_u64().expect("a count") > 0, "{report}");
    let (code, said) = shell(&project, "ulimit -f 8; esr report counter --out big.pdf");
    assert_eq!((code, said.contains("cannot write `big.pdf`")), (Some(2), true), "{said}");
    let (code, said) = shell(&project, "esr runs > /dev/full");
    assert_eq!((code, said.contains("No space left")), (Some(2), true), "{said}");
    project.ends("down", 0);
    // A sandbox whose record does not fit does not come up, and leaves nothing.
    let (code, said) = shell(&project, "ulimit -f 2; esr up counter.scn");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(".esr cannot be written"), "{said}");
    is_tidy(&project);
    assert_eq!(project.ends("runs", 0).stdout.lines().count(), 2);
}

#[test]
fn a_directory_that_cannot_be_written_is_told() {
    let project = project();
    // Where it should be, there is a file: nobody can write there, whoever they are.
    project.write(".esr", "");
    project.refuses("up counter.scn", 2, &["cannot write `.esr/logs/office/sandbox.log`", "writable"]);
    project.refuses("rehearse counter.scn", 2, &["cannot create `./.esr/runs`"]);
    fs::remove_file(project.path().join(".esr")).expect("a file");
    works(&project);
    fs::remove_dir(project.path().join(".esr/sandboxes")).expect("it is empty");
    project.write(".esr/sandboxes", "");
    project.refuses("up counter.scn", 2, &[".esr cannot be written"]);
    // A file system in which nobody can make a directory.
    let file = project.path().join("counter.scn").display().to_string();
    for command in ["up", "rehearse"] {
        let ended = run(&program("esr"), Path::new("/sys"), &[command, &file]);
        assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains("cannot write"), "{}", ended.stderr);
    }
}
