//! Sandboxes that stand: the commands as they are typed, names, runs beside each other, and every exit code that these
//! commands can end with.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use esr_tests::{
    process::{Running, hosts_in, signal, wait_until},
    program,
    project::{BOOTH, Project},
    run,
};

#[test]
fn the_seed_s_own_commands() {
    let project = Project::library();
    let up =
        project.ends("up passport_renewal.scn.yaml --gov-source dev-rules.yaml --mfe-branch feature/passport-v2", 0);
    for part in ["portal", "eligibility-svc", "photo-svc", "payments-svc", "records-svc", "SSA.VERIFY"] {
        assert!(up.stdout.lines().any(|line| line.contains(part) && line.contains("is healthy")), "{}", up.stdout);
    }
    let ran = project.ends("run passport-renewal-v1 --watch", 99);
    let lines = [
        "👥 50 personas active",
        "⏱️  latency spike injected (eligibility-svc → 800 ms)",
        " completed",
        "failed at /pay (timeout)",
    ];
    for line in lines {
        assert!(ran.stdout.contains(line), "it does not say {line:?}:\n{}", ran.stdout);
    }
    project.ends("report passport-renewal-v1 --out debrief.pdf", 0);
    // The lines that it cites show the whole way of a request, as they do in a sandbox of the run's own.
    let report = project.json("report passport-renewal-v1 --out - --format json", 0);
    let cited = &report["top_errors"][0]["lines"];
    let lines =
        project.ends(&format!("trace passport-renewal-v1 --lines {}-{}", cited["first"], cited["last"]), 0).stdout;
    for hop in ["persona pay ✗ HTTP 504 on /pay", "portal serves POST /pay → 504", "portal → payments-svc POST /charge"]
    {
        assert!(lines.contains(hop), "no line says {hop:?}:\n{lines}");
    }
    assert!(fs::read(project.path().join("debrief.pdf")).expect("a debrief").starts_with(b"%PDF"));
    let record = project.json("runs --json", 0);
    assert_eq!(record["branch"], "feature/passport-v2");
    assert!(
        record["command"].as_str().expect("a command").contains("--gov-source dev-rules.yaml --mfe-branch"),
        "{record}"
    );
    project.ends("down", 0);
    assert!(hosts_in(project.path()).is_empty());
}

#[test]
fn a_sandbox_stands_until_it_is_taken_down() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    let up = project.json("up booth.scn --json", 0);
    assert_eq!((&up["outcome"], &up["sandbox"]), (&"up".into(), &"booth".into()));
    let address = up["url"].as_str().expect("a URL").trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert!(TcpStream::connect(&address).is_ok());

    let status = project.json("status --json", 0);
    assert_eq!((&status["name"], &status["answers"]), (&"booth".into(), &true.into()));
    assert_eq!(status["parts"].as_array().expect("parts").len(), 2);
    let again = project.json("up booth.scn --json", 0);
    assert_eq!((&again["outcome"], &again["pid"]), (&"already up".into(), &up["pid"]));

    // Names: of the scenario without its version, of its beginning, and its file.
    for name in ["quick-v1", "quick", "qui", "booth.scn --scenario quick-v1"] {
        project.ends(&format!("run {name}"), 0);
    }
    assert_eq!(project.ends("runs", 0).stdout.lines().count(), 4);
    let logged = project.ends("logs portal --tail 2", 0);
    assert_eq!(logged.stdout.lines().count(), 2, "{}", logged.stdout);
    let all = project.ends("logs", 0).stdout;
    assert!(all.contains("  portal  GET /start → 200") && all.contains("  desk-svc  GET /ready → 200"), "{all}");
    let line = project.json("logs desk-svc --tail 1 --json", 0);
    assert_eq!((&line["part"], &line["status"]), (&"desk-svc".into(), &200.into()));

    project.json("down --json", 0);
    assert!(TcpStream::connect(&address).is_err());
    assert!(hosts_in(project.path()).is_empty());
    assert_eq!(fs::read_dir(project.path().join(".esr/sandboxes")).expect("the sandboxes").count(), 0);
    assert!(project.ends("status", 0).stdout.contains("No sandbox is up"));
    assert!(project.ends("down", 0).stdout.contains("No sandbox is up"));
    // What it served can still be read, and so can what was recorded.
    project.ends("logs portal", 0);
    project.ends("report quick --out debrief.md", 0);
}

#[test]
fn two_runs_go_through_it_at_once() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    project.ends("up booth.scn", 0);
    let mut slow = Running::esr(project.path(), &["run", "slow"]);
    slow.line("latency spike injected");
    let under_way = project.json("status --json", 0);
    assert_eq!(under_way["runs"][0]["faults"][0], "desk-svc → 20 ms");
    // Its fault is not theirs, but they are told of each other.
    let quick: Vec<Running> = (0..2).map(|_| Running::esr(project.path(), &["run", "quick"])).collect();
    for running in quick {
        let (rest, code) = running.end();
        assert_eq!(code, Some(0), "{rest}");
        assert!(rest.contains("⚠️") && rest.contains("went through the sandbox at the same time"), "{rest}");
    }
    let report = project.json("report quick --out - --format json", 0);
    assert_eq!(report["success"]["succeeded"], 3);
    let trace = project.ends("trace quick --json", 0).stdout;
    assert!(!trace.contains("esr.probe.name") && trace.contains("\"desk-svc\""), "{trace}");
    let remarks = report["remarks"].to_string();
    assert!(remarks.contains("went through the sandbox at the same time") && remarks.contains("slow-v2"), "{remarks}");

    signal(slow.pid(), "INT");
    let (rest, code) = slow.end();
    assert_eq!(code, Some(105), "{rest}");
    assert_eq!(project.json("status --json", 0)["runs"].as_array().expect("runs").len(), 0);
    project.ends("down", 0);
}

#[test]
fn a_sandbox_goes_down_when_its_time_is_over_and_no_run_is_under_way() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    let up = project.json("up booth.scn --ttl 300ms --json", 0);
    let mut slow = Running::esr(project.path(), &["run", "slow"]);
    slow.line("latency spike injected");
    let expired = Duration::from_nanos(up["expires"].as_u64().expect("a time"));
    wait_until("its time is over", || SystemTime::now().duration_since(UNIX_EPOCH).expect("a time") > expired);
    assert_eq!(project.json("status --json", 0)["runs"].as_array().expect("runs").len(), 1, "it waits for the run");
    slow.kill();
    wait_until("it goes down by itself", || project.esr("status").stdout.contains("No sandbox is up"));
    wait_until("its process has ended", || hosts_in(project.path()).is_empty());
}

#[test]
fn up_can_be_interrupted_and_does_not_wait_for_ever() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    // Before any process can have started.
    project.refuses("up booth.scn --wait 0.001ms", 100, &["did not come up within", "portal, desk-svc", "--wait"]);
    wait_until("its process has ended", || hosts_in(project.path()).is_empty());
    // A process that is stopped while it comes up; sometimes it is quicker.
    let code = (0..50).find_map(|_| {
        let up = Running::esr(project.path(), &["up", "booth.scn"]);
        wait_until("there is a process", || !hosts_in(project.path()).is_empty());
        let hosts = hosts_in(project.path());
        hosts.iter().for_each(|host| signal(*host, "STOP"));
        signal(up.pid(), "INT");
        let (_, code) = up.end();
        hosts.iter().for_each(|host| signal(*host, "CONT"));
        project.ends("down", 0);
        wait_until("its process has ended", || hosts_in(project.path()).is_empty());
        code.filter(|code| *code != 0)
    });
    assert_eq!(code, Some(105));
    assert!(project.ends("status", 0).stdout.contains("No sandbox is up"));
}

#[test]
fn a_log_is_followed_until_its_sandbox_is_gone() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    project.ends("up booth.scn", 0);
    let mut followed = Running::esr(project.path(), &["logs", "desk-svc", "--follow"]);
    project.ends("run quick", 0);
    assert!(followed.line("GET /ready → 200").contains("quick-v1-"));
    project.ends("down", 0);
    let (rest, code) = followed.end();
    assert_eq!((rest.lines().count(), code), (2, Some(0)), "{rest}");
    // What an earlier sandbox served is not lost when the next one comes up.
    project.ends("up booth.scn", 0);
    assert_eq!(project.ends("logs desk-svc", 0).stdout.lines().count(), 3);
    project.ends("down", 0);
}

#[test]
fn a_scenario_is_held_against_the_sandbox_as_it_stands() {
    let rules = "- rule_id: GOV-1\n  applies_to: portal/go\n  field: { name: purpose, required: true }\n";
    let filled = BOOTH.replace("    - click: \"Continue\"\n", "    - fill: \"purpose\" value: \"work\"\n");
    let project = Project::with(&[("booth.scn", &filled), ("rules.yaml", rules)]);
    // Only a rule adds the field.
    project.refuses("up booth.scn", 104, &["purpose"]);
    project.ends("up booth.scn --gov-source rules.yaml", 0);
    project.ends("run quick", 0);
    project.ends("run booth.scn --scenario quick-v1", 0);
    project.write("rules.yaml", &rules.replace("purpose,", "purpose, label: Purpose,"));
    let ran = project.ends("run quick", 0);
    let advice = "esr up booth.scn --gov-source rules.yaml";
    assert!(ran.stderr.contains("has changed") && ran.stderr.contains(advice), "{}", ran.stderr);
    project.refuses("up booth.scn --gov-source rules.yaml", 100, &["rules.yaml has changed since"]);
    fs::remove_file(project.path().join("rules.yaml")).expect("a file");
    project.refuses("run quick", 2, &["cannot read rules.yaml", "booth stands as", advice]);
    project.ends("down", 0);
}

#[test]
fn a_sandbox_that_lacks_descriptors_makes_its_runs_inconclusive() {
    let impatient = BOOTH.replace("visit: \"/start\"\n    - click", "visit: \"/start\" timeout: 2s\n    - click");
    let project = Project::with(&[("booth.scn", &impatient)]);
    let up = format!("ulimit -n 40 && {} up booth.scn", program("esr").display());
    let up = run(Path::new("/bin/sh"), project.path(), &["-c", &up]);
    assert_eq!(up.code, Some(0), "{}{}", up.stdout, up.stderr);
    let ran = project.ends("run quick --personas 60", 110);
    assert!(ran.stdout.contains("this machine could not make all connections"), "{}", ran.stdout);
    project.ends("down", 0);
}

#[test]
fn a_sandbox_keeps_nothing_of_the_shell_that_it_was_brought_up_from() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    // Both wait until nobody holds the other end of a pipe, here or as descriptor 3.
    for line in ["said=$(ESR up booth.scn) && echo \"$said\"", "said=$(ESR up booth.scn 3>&1 >&2) && echo over"] {
        let line = line.replace("ESR", &program("esr").display().to_string());
        let ended = run(Path::new("/usr/bin/timeout"), project.path(), &["60", "/bin/sh", "-c", &line]);
        assert_eq!(ended.code, Some(0), "{line}\n{}{}", ended.stdout, ended.stderr);
        project.ends("status", 0);
        project.ends("down", 0);
    }
}

#[test]
fn what_is_done_to_its_directory_is_survived() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    let directory = project.path().join(".esr/sandboxes/booth");
    project.ends("up booth.scn", 0);
    // A damaged record is written anew.
    fs::write(directory.join("sandbox.json"), "{").expect("a file");
    wait_until("it is found again", || project.esr("status").stdout.contains("🟢 booth"));
    project.ends("run quick", 0);
    fs::remove_file(directory.join("blueprint.json")).expect("a file");
    wait_until("it is written anew", || directory.join("blueprint.json").exists());
    // A sandbox that nobody can reach goes down by itself.
    fs::remove_file(directory.join("control.sock")).expect("a file");
    wait_until("its process has ended", || hosts_in(project.path()).is_empty());
    project.ends("up booth.scn", 0);
    fs::remove_dir_all(project.path().join(".esr")).expect("a directory");
    wait_until("its process has ended", || hosts_in(project.path()).is_empty());
    // And it leaves the one alone that has taken its place.
    project.ends("up booth.scn", 0);
    fs::remove_file(directory.join("lock")).expect("a file");
    project.ends("up booth.scn", 0);
    wait_until("the first has ended", || hosts_in(project.path()).len() == 1);
    project.ends("run quick", 0);
    project.ends("down", 0);
    // What a link leads to is nobody's to take away.
    let precious = project.path().join("precious");
    fs::create_dir(&precious).expect("a directory");
    fs::write(precious.join("sandbox.json"), "thesis").expect("a file");
    std::os::unix::fs::symlink(&precious, project.path().join(".esr/sandboxes/link")).expect("a link");
    fs::create_dir_all(project.path().join(".esr/sandboxes/foreign/own")).expect("a directory");
    project.ends("status", 0);
    std::os::unix::fs::symlink(&precious, directory).expect("a link");
    project.refuses("up booth.scn", 2, &["it is a link"]);
    assert_eq!(fs::read_to_string(precious.join("sandbox.json")).expect("a file"), "thesis");
    assert!(project.path().join(".esr/sandboxes/foreign/own").is_dir());
}

#[test]
fn machines_are_answered_whatever_is_asked() {
    let project = Project::empty();
    let usage = project.json("run --nonsense --json", 2);
    assert_eq!((&usage["exit_code"], &usage["outcome"]), (&2.into(), &"usage".into()));
    assert!(usage["reason"].as_str().expect("a reason").contains("--nonsense"));
    let codes = project.ends("help exit-codes --json", 0).stdout;
    assert!(codes.lines().any(|line| line.starts_with("{\"exit_code\":110,")), "{codes}");
    assert_eq!(project.json("down --json", 0)["sandboxes"], serde_json::json!([]));
    assert_eq!(project.json("run nothing --json", 2)["outcome"], "usage");
    assert_eq!(project.json("logs nothing --json", 2)["outcome"], "usage");
    assert_eq!(project.json("report nothing --out x.pdf --json", 2)["outcome"], "usage");
}

#[test]
fn names_that_mean_nothing_or_several_things_are_told() {
    let other = BOOTH.replace("quick-v1", "quiet-v1").replace("slow-v2", "snail-v1").replace("booth", "stand");
    let project = Project::with(&[("booth.scn", BOOTH), ("stand.scn", &other)]);
    project.refuses("run quick", 100, &["booth is not up", "esr up booth.scn"]);
    project.refuses("run booth.scn --scenario quick-v1", 100, &["booth is not up"]);
    project.refuses("run qui", 2, &["quick-v1", "quiet-v1"]);
    project.refuses("run tax", 2, &["tax", "quick-v1", "snail-v1"]);
    project.refuses("run nothing.scn", 2, &["nothing.scn", "booth.scn"]);
    project.refuses("report quick --out x.pdf", 2, &["quick", "esr runs"]);
    project.ends("up booth.scn", 0);
    // What is up comes first: only one of the two is.
    project.ends("run qui", 0);
    project.ends("up stand.scn", 0);
    project.refuses("run qui", 2, &["quick-v1", "quiet-v1"]);
    project.refuses("down", 2, &["booth", "stand", "--all"]);
    project.refuses("down tax", 2, &["tax", "booth, stand"]);
    project.refuses("down s", 2, &["could mean any of booth, stand", "--all"]);
    project.refuses("logs portal", 2, &["booth", "stand", "--sandbox"]);
    project.refuses("logs nobody-svc", 2, &["desk-svc", "portal"]);
    project.ends("down snail", 0);
    // The newest run of what is up, rather than of a name that the store alone knows.
    project.ends("report qui --out debrief.md", 0);
    project.ends("down --all", 0);
    fs::remove_file(project.path().join("booth.scn")).expect("a file");
    project.refuses("run quick", 2, &["quick-v1 has been recorded", "esr report quick-v1"]);
    project.ends("report quick --out debrief.md", 0);
}

#[test]
fn a_sandbox_that_is_not_as_it_is_wanted_is_not_taken_for_it() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    project.ends("up booth.scn", 0);
    // Where it stands in the file does not matter.
    project.write("booth.scn", &format!("# A booth.\n{BOOTH}"));
    project.ends("up booth.scn", 0);
    let changed = BOOTH.replace("text: \"Done.\"", "text: \"All done.\"");
    project.write("booth.scn", &changed);
    project.refuses("up booth.scn", 100, &["booth is up already: what it is made of has changed", "esr down booth"]);
    let ran = project.ends("run quick", 0);
    assert!(ran.stderr.contains("what booth is made of has changed since it was brought up"), "{}", ran.stderr);
    project.refuses("up booth.scn --mfe-branch feature/x", 104, &["feature/x", "main"]);
    project.ends("down", 0);
}

#[test]
fn exit_codes_before_a_run() {
    let project = Project::with(&[("booth.scn", BOOTH), ("broken.scn", &BOOTH.replace("visit:", "vist:"))]);
    project.refuses("up", 2, &["FILE"]);
    project.refuses("up nowhere.scn", 2, &["nowhere.scn", "booth.scn"]);
    project.refuses("up broken.scn", 104, &["vist", "broken.scn:"]);
    project.refuses("up booth.scn --gov-source nowhere.yaml", 2, &["nowhere.yaml"]);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    project.write("taken.scn", &BOOTH.replace("frontend portal:\n", &format!("frontend portal:\n    port: {port}\n")));
    project.refuses("up taken.scn", 100, &[&port.to_string(), "portal", "taken.scn:"]);
    let as_json = project.json("up taken.scn --json", 100);
    assert!(as_json["reason"].as_str().expect("a reason").contains(&port.to_string()), "{as_json}");
    assert!(hosts_in(project.path()).is_empty());
    assert!(project.ends("status", 0).stdout.contains("No sandbox is up"));
}

#[test]
fn a_probe_that_the_sandbox_cannot_apply_is_109() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    project.ends("up booth.scn", 0);
    // A part that came after the sandbox was brought up.
    let later = BOOTH.replace("slow_service: desk-svc", "slow_service: new-svc").replace("wait: 2m", "wait: 1ms")
        + "  service new-svc:\n    route GET \"/ready\":\n      - reply: 200\n";
    project.write("booth.scn", &later);
    let ran = project.ends("run slow", 109);
    assert!(ran.stdout.contains("no part `new-svc`"), "{}", ran.stdout);
    project.ends("down", 0);
}

#[test]
fn a_run_that_loses_its_sandbox_is_100() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    project.ends("up booth.scn", 0);
    let mut slow = Running::esr(project.path(), &["run", "slow"]);
    slow.line("latency spike injected");
    let down = project.ends("down", 0);
    assert!(down.stdout.contains("1 under way"), "{}", down.stdout);
    let (rest, code) = slow.end();
    assert_eq!(code, Some(100), "{rest}");
    assert!(rest.contains("the sandbox was lost"), "{rest}");
    let report = project.json("report slow --out - --format json", 0);
    assert_eq!(report["verdict"]["exit_code"], 100);
}

#[test]
fn a_sandbox_that_does_not_answer_is_ended_all_the_same() {
    let project = Project::with(&[("booth.scn", BOOTH)]);
    let up = project.json("up booth.scn --json", 0);
    let pid = u32::try_from(up["pid"].as_u64().expect("a process")).expect("its number");
    signal(pid, "STOP");
    let status = project.json("status --json", 0);
    assert_eq!(status["answers"], false);
    project.refuses("run quick", 100, &["does not answer"]);
    project.ends("down", 0);
    assert!(hosts_in(project.path()).is_empty());
    project.ends("up booth.scn", 0);
    project.ends("down", 0);
}
