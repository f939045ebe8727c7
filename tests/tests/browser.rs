//! A standing sandbox is clicked through by a person in a browser: headless Chromium, driven by WebDriver.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use esr_engine::make_file;
use esr_tests::{process::signal, project::Project};
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
