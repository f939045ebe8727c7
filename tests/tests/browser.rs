//! Real browsers: a standing sandbox is clicked through by a person in one, and personas have browsers of their own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use esr_engine::make_file;
use esr_tests::{
    process::{Running, signal, wait_until},
    program,
    project::Project,
};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use scn_plan::FileSpec;
use serde_json::json;

/// Chromium's driver, on a port that it chose. It ends, with its browsers, when this is dropped.
struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver, which tests/run installs");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let told = lines.find_map(|line| {
            let line = line.expect("a line");
            line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        // It goes on printing, and must not wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address: format!("http://127.0.0.1:{}", told.expect("a port")) }
    }

    async fn browser(&self, profile: &Path) -> Client {
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &format!("--user-data-dir={}", profile.display()),
        ];
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments } });
        let capabilities = capabilities.as_object().expect("an object").clone();
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.address)
            .await
            .expect("chromium, which tests/run installs")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended; asked kindly, it takes away what it keeps in the temporary directory.
        signal(self.process.id(), "TERM");
        let _ = self.process.wait();
    }
}

/// The control that the label with this text belongs to, as a person finds it.
async fn labelled(browser: &Client, label: &str) -> Element {
    let path = format!("//label[contains(normalize-space(.), '{label}')]");
    let label = browser.find(Locator::XPath(&path)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    let id = label.attr("for").await.expect("an attribute").expect("a label for a control");
    browser.find(Locator::Id(&id)).await.expect("a control")
}

async fn press_continue(browser: &Client) {
    let button = browser.find(Locator::XPath("//button[normalize-space(.)='Continue']")).await.expect("a button");
    button.click().await.expect("a click");
}

/// Presses Continue, and waits for the page with this heading.
async fn go_on(browser: &Client, heading: &str) {
    press_continue(browser).await;
    let heading = format!("//h1[contains(., \"{heading}\")]");
    if let Err(error) = browser.wait().for_element(Locator::XPath(&heading)).await {
        panic!("{heading}: {error}\n{}", browser.source().await.unwrap_or_default());
    }
}

#[tokio::test]
async fn a_person_renews_a_passport_in_a_browser() {
    let project = Project::library();
    let up = project.json("up passport_renewal.scn.yaml --json", 0);
    let url = up["url"].as_str().expect("a URL");
    let photo = project.path().join("photo.jpg");
    let content = make_file(&FileSpec { name: "photo.jpg".into(), size: 120_000 }).expect("a photo");
    std::fs::write(&photo, content).expect("a file");

    let driver = Driver::start();
    let browser = driver.browser(&project.path().join("profile")).await;
    browser.goto(&format!("{url}start")).await.expect("the start page");
    // A number that nobody has is turned away, and that is said where people look for it.
    labelled(&browser, "Passport number").await.send_keys("X00000000").await.expect("keys");
    press_continue(&browser).await;
    let summary = browser.wait().for_element(Locator::Css(".error-summary")).await.expect("an error summary");
    assert!(summary.text().await.expect("its text").contains("We could not confirm"));

    let number = labelled(&browser, "Passport number").await;
    number.clear().await.expect("an empty field");
    number.send_keys("X12345678").await.expect("keys");
    go_on(&browser, "Your photo").await;
    labelled(&browser, "Photo").await.send_keys(&photo.display().to_string()).await.expect("a file");
    go_on(&browser, "Pay the fee").await;
    let amount = browser.find(Locator::Css("[name=amount]")).await.expect("the fee");
    assert_eq!(amount.text().await.expect("its text"), "$130");
    labelled(&browser, "Credit card").await.click().await.expect("a choice");
    for (label, value) in [
        ("Card number", "4111111111111111"),
        ("Expiry date", "12/29"),
        ("Security code", "123"),
        ("Name on the card", "Alex Sample"),
    ] {
        labelled(&browser, label).await.send_keys(value).await.expect("keys");
    }
    go_on(&browser, "Thank you").await;
    let page = browser.find(Locator::Css("main")).await.expect("the page").text().await.expect("its text");
    assert!(page.contains("Your renewal is on its way."), "{page}");
    browser.close().await.expect("the browser ends");

    // The sandbox says so, too: by hand, through the services behind the portal.
    let served = project.ends("logs payments-svc", 0).stdout;
    assert!(served.contains("POST /charge → 201") && served.contains("by hand"), "{served}");
    project.ends("down", 0);
}

/// What the sandbox of `tests/browser` serves lives by scripts; the journey through it does not mind.
fn app() -> Project {
    let files = [
        ("app.scn", include_str!("../browser/app.scn")),
        ("stubborn.scn", include_str!("../browser/stubborn.scn")),
        ("server.pl", include_str!("../browser/server.pl")),
    ];
    Project::with(&files)
}

/// How many of the browsers that are given their files in `directory` run.
fn browsers_in(directory: &Path) -> usize {
    let shown = Command::new("ps").args(["-eo", "args"]).output().expect("ps");
    let profile = format!("--user-data-dir={}", directory.display());
    String::from_utf8_lossy(&shown.stdout).lines().filter(|line| line.contains(&profile)).count()
}

#[test]
fn a_persona_has_a_browser_of_its_own() {
    let project = app();
    let told = project.json("rehearse app.scn --json", 99);
    let run = told["run"].as_str().expect("a run");
    let directory = project.path().join(".esr/runs").join(run);
    // All steps but the last, which a browser refuses.
    let journeys = std::fs::read_to_string(directory.join("journeys.jsonl")).expect("the journeys");
    let journey: serde_json::Value = serde_json::from_str(journeys.trim()).expect("one journey");
    assert_eq!(journey["step"], "click-2", "{journey}");
    let reason = "the browser does not submit the form: \"code\": Please match the requested format.";
    assert_eq!(journey["reason"], reason);

    // A request of a script is the step's that made it run, and what the sandbox does not serve is not asked for.
    let trace = std::fs::read_to_string(directory.join("trace.jsonl")).expect("the trace");
    let asked: Vec<serde_json::Value> = trace
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an event"))
        .filter(|event| event["attributes"]["esr.edge.caller"] == "persona" && event["kind"] == "CLIENT")
        .collect();
    let asked = |path: &str| asked.iter().filter(|event| event["attributes"]["url.path"] == path).count();
    assert_eq!([asked("/"), asked("/api/fee"), asked("/api/apply"), asked("/pixel.gif")], [1, 1, 1, 0], "{trace}");
    let clicked = journey["steps"].as_array().expect("samples").iter().find(|sample| sample["step"] == "click");
    assert!(clicked.is_some_and(|sample| sample["response_time"].as_u64() > Some(0)), "{journey}");

    let [screenshot] = told["screenshots"].as_array().expect("screenshots").as_slice() else { panic!("{told}") };
    let image = std::fs::read(project.path().join(screenshot.as_str().expect("a path"))).expect("an image");
    assert!(image.starts_with(b"\x89PNG\r\n"));
    project.ends("report app --out debrief.md", 0);
    let report = std::fs::read_to_string(project.path().join("debrief.md")).expect("a report");
    assert!(report.contains("1 screenshot in the run's directory:\n\n- `screenshots/00000-0-"), "{report}");
    assert_eq!(browsers_in(project.path()), 0);
}

#[test]
fn dialogs_frames_downloads_and_what_does_not_come_are_taken_as_a_person_takes_them() {
    let project = app();
    let told = project.json("rehearse stubborn.scn --json", 0);
    let directory = project.path().join(".esr/runs").join(told["run"].as_str().expect("a run"));
    let journeys = std::fs::read_to_string(directory.join("journeys.jsonl")).expect("the journeys");
    let journey: serde_json::Value = serde_json::from_str(journeys.trim()).expect("one journey");
    let steps = journey["steps"].as_array().expect("samples").iter();
    let failed: Vec<[&str; 2]> =
        steps.filter_map(|sample| Some([sample["step"].as_str()?, sample["error"].as_str()?])).collect();
    assert_eq!(failed, [["round", "too many redirects"], ["half", "connection broken"]], "{journey}");
}

#[test]
fn browsers_end_with_a_run_that_is_killed() {
    let project = app();
    let mut run = Running::esr(project.path(), &["rehearse", "app.scn"]);
    wait_until("a browser runs", || browsers_in(project.path()) > 0);
    run.kill();
    wait_until("no browser runs", || browsers_in(project.path()) == 0);
}

#[test]
fn without_a_driver_nothing_is_run() {
    let project = app();
    let ended = esr_tests::run_with(
        &program("esr"),
        project.path(),
        &["rehearse", "app.scn"],
        &[("ESR_CHROMEDRIVER", "/no/such/driver")],
    );
    assert_eq!(ended.code, Some(100), "{}", ended.stderr);
    assert!(ended.stderr.contains("`/no/such/driver` does not start: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("apt-get install chromium chromium-driver"), "{}", ended.stderr);
    let runs = std::fs::read_dir(project.path().join(".esr/runs")).map(Iterator::count);
    assert_eq!(runs.unwrap_or(0), 0);
}
