//! Parts that are processes: what goes wrong with them is told with a place, and none outlives its sandbox.

use std::{fs, path::Path};

use esr_tests::{
    git,
    process::{Running, signal, wait_until},
    project::Project,
};

/// A sandbox with a service that is a process with these settings.
fn office(settings: &str) -> String {
    format!(
        "scenario visit:\n  tags: [test]\n  sandbox: office\n  personas: 1\n  steps:\n    - visit: \"/\"\n\n\
         sandbox office:\n  entry: portal\n  frontend portal:\n    page \"/\" \"Start\":\n      on view:\n        \
         - get: desk \"/number\" as: answer\n      show: {{ number: answer.body.number }}\n  service desk:\n{settings}"
    )
}

/// Serves `{"number": …}` until it is ended.
const SERVER: &str = r#"
use IO::Socket::INET;
my $listener = IO::Socket::INET->new(LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT}, Listen => 9, ReuseAddr => 1) or die;
if ($ENV{OWN}) { open(my $own, '>', $ENV{OWN}) or die; print $own $$; close $own; }
while (my $client = $listener->accept) {
    while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
    my $body = '{"number":"' . ($ENV{NUMBER} // 'one') . '"}';
    print $client "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    close $client;
}
"#;

#[test]
fn what_goes_wrong_is_told_with_its_place() {
    for (settings, says) in [
        ("    run: \"no-such-program --port 1\"\n", "there is no program `no-such-program`"),
        ("    run: \"perl -e 'print STDERR qq(no database); exit 3'\"\n", "ended before it was up, with exit code 3"),
        ("    build: \"false\"\n    run: \"perl server.pl\"\n", "`false` failed, with exit code 1"),
        ("    repo: \"nowhere\"\n    run: \"perl server.pl\"\n", "there is no directory"),
        ("    repo: \"file:///no/such/repo\"\n    run: \"perl server.pl\"\n", "`git clone"),
        ("    image: \"registry.example/desk\"\n", "cannot bring up what its `image:` asks for"),
    ] {
        let project = Project::with(&[("visit.scn", &office(settings)), ("server.pl", SERVER)]);
        project.refuses("rehearse visit.scn", 100, &["the sandbox did not come up", says, "visit.scn:"]);
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let project = Project::with(&[("visit.scn", &office(&format!("    run: \"perl server.pl\"\n    port: {port}\n")))]);
    project.refuses("rehearse visit.scn", 100, &[&format!("port {port} is in use"), "leave `port:` out"]);
}

#[test]
fn a_branch_of_a_repository_is_cloned_built_and_run() {
    let project = Project::empty();
    let desk = project.path().join("desk");
    fs::create_dir(&desk).expect("a directory");
    fs::write(desk.join("server.pl"), SERVER).expect("a server");
    git(&desk, &["init", "--quiet", "--initial-branch=main"]);
    git(&desk, &["add", "."]);
    git(&desk, &["commit", "--quiet", "-m", "One"]);
    git(&desk, &["checkout", "--quiet", "-b", "feature/two"]);
    fs::write(desk.join("server.pl"), SERVER.replace("'one'", "'two'")).expect("a server");
    git(&desk, &["commit", "--quiet", "-am", "Two"]);
    git(&desk, &["checkout", "--quiet", "main"]);
    let settings = |branch: &str| {
        format!(
            "    repo: \"file://{}\" branch: {branch}\n    build: \"cp server.pl built.pl\"\n    run: \"perl built.pl\"\n",
            desk.display()
        )
    };
    for (branch, number) in [("main", "one"), ("\"feature/two\"", "two")] {
        let scenario = office(&settings(branch));
        let scenario = scenario.replace(
            "    - visit: \"/\"\n",
            &format!("    - visit: \"/\"\n    - assert: page.text(\"[name=number]\") == \"{number}\"\n"),
        );
        project.write("visit.scn", &scenario);
        project.ends("rehearse visit.scn", 0);
    }
    // What was cloned and built stays with nobody.
    assert!(!desk.join("built.pl").exists());
}

#[test]
fn no_process_outlives_a_sandbox_that_is_killed() {
    let project = Project::with(&[
        ("visit.scn", &office("    run: \"perl server.pl\"\n    env: { OWN: \"own.pid\" }\n")),
        ("server.pl", SERVER),
    ]);
    let scenario = fs::read_to_string(project.path().join("visit.scn")).expect("a scenario");
    project.write("visit.scn", &scenario.replace("    - visit", "    - wait: 60s\n    - visit"));
    let mut run = Running::esr(project.path(), &["rehearse", "visit.scn"]);
    run.line("1 persona active");
    let pid: u32 = fs::read_to_string(project.path().join("own.pid")).expect("its id").parse().expect("a number");
    let lives = || Path::new(&format!("/proc/{pid}")).exists();
    assert!(lives());
    signal(run.pid(), "KILL");
    wait_until("the part's process has ended", || !lives());
}
