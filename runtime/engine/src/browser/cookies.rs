//! Cookies by RFC 6265. When they expire is told by the clock of the run, so the store sees session cookies only.

use std::collections::{HashMap, HashSet};

use cookie_store::{Cookie, CookieStore, RawCookie};
use esr_tap::Timestamp;
use http::{HeaderMap, HeaderValue, header};
use url::Url;

/// Domain, path and name: what makes a cookie the same.
type Identity = (String, String, String);

/// The cookies of a browser.
#[derive(Debug, Default)]
pub(crate) struct Jar {
    store: CookieStore,
    expiries: HashMap<Identity, Timestamp>,
    /// Names of cookies that no response has set, but a script.
    scripted: HashSet<String>,
}

impl Jar {
    /// Keeps what a response from `url` at `now` sets; cookies that it must not set are passed over, as browsers do.
    pub(crate) fn receive(&mut self, headers: &HeaderMap, url: &Url, now: Timestamp) {
        let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        for cookie in set.filter_map(|text| RawCookie::parse(text.to_owned()).ok()) {
            self.scripted.remove(cookie.name());
            self.keep(cookie, url, now);
        }
    }

    /// Keeps the cookies of a request of a browser to `url` that scripts have set.
    pub(crate) fn overhear(&mut self, headers: &HeaderMap, url: &Url, now: Timestamp) {
        let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        for pair in sent.flat_map(|text| text.split("; ")) {
            let name = pair.split('=').next().unwrap_or_default();
            let is_known = self.store.matches(url).iter().any(|cookie| cookie.name() == name);
            if (!is_known || self.scripted.contains(name))
                && let Ok(cookie) = RawCookie::parse(format!("{pair}; Path=/"))
            {
                self.scripted.insert(name.to_owned());
                self.keep(cookie, url, now);
            }
        }
    }

    fn keep(&mut self, mut cookie: RawCookie<'static>, url: &Url, now: Timestamp) {
        // `Max-Age` takes precedence over `Expires`.
        let at_second = |second: i64| Timestamp(u64::try_from(second).unwrap_or(0).saturating_mul(1_000_000_000));
        let expiry = match (cookie.max_age(), cookie.expires_datetime()) {
            (Some(age), _) if age.is_positive() => {
                Some(now.plus(u64::try_from(age.whole_nanoseconds()).unwrap_or(u64::MAX)))
            }
            (Some(_), _) => Some(Timestamp(0)),
            (None, Some(date)) => Some(at_second(date.unix_timestamp())),
            (None, None) => None,
        };
        let no_age = cookie.max_age().filter(|_| false);
        cookie.set_max_age(no_age);
        cookie.unset_expires();
        let Ok(cookie) = Cookie::try_from_raw_cookie(&cookie, url) else { return };
        let identity = (String::from(&cookie.domain), String::from(&cookie.path), cookie.name().to_owned());
        if self.store.insert(cookie.into_owned(), url).is_err() {
            return;
        }
        match expiry {
            Some(expiry) => self.expiries.insert(identity, expiry),
            None => self.expiries.remove(&identity),
        };
        self.forget_expired(now);
    }

    /// The `Cookie` header of a request to `url` at `now`; none if no cookie is for it.
    pub(crate) fn header(&mut self, url: &Url, now: Timestamp) -> Option<HeaderValue> {
        self.forget_expired(now);
        let mut cookies = self.store.matches(url);
        // Longer paths first, as the RFC asks for; by name then, so that the header is the same in every run.
        cookies.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.name().cmp(b.name())));
        let pairs: Vec<String> = cookies.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        if pairs.is_empty() { None } else { HeaderValue::from_str(&pairs.join("; ")).ok() }
    }

    fn forget_expired(&mut self, now: Timestamp) {
        let store = &mut self.store;
        self.expiries.retain(|(domain, path, name), expiry| {
            let lives = *expiry > now;
            if !lives {
                store.remove(domain, path, name);
            }
            lives
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn receive(jar: &mut Jar, url: &str, now: u64, cookies: &[&str]) {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::SET_COOKIE, HeaderValue::from_str(cookie).expect("a header"));
        }
        jar.receive(&headers, &Url::parse(url).expect("a url"), Timestamp(now));
    }

    fn sent(jar: &mut Jar, url: &str, now: u64) -> String {
        let header = jar.header(&Url::parse(url).expect("a url"), Timestamp(now));
        header.map(|value| value.to_str().expect("ASCII").to_owned()).unwrap_or_default()
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let mut jar = Jar::default();
        receive(&mut jar, "http://127.0.0.1:1/a/b", 0, &["s=1", "root=2; Path=/", "evil=3; Domain=other.example"]);
        assert_eq!(sent(&mut jar, "http://127.0.0.1:1/a/c", 0), "s=1; root=2");
        assert_eq!(sent(&mut jar, "http://127.0.0.1:1/b", 0), "root=2");
        assert_eq!(sent(&mut jar, "http://127.0.0.2:1/a/c", 0), "");
    }

    #[test]
    fn scripts_set_cookies_that_no_response_sets() {
        let mut jar = Jar::default();
        let url = Url::parse("http://127.0.0.1/a").expect("a url");
        receive(&mut jar, url.as_str(), 0, &["s=1"]);
        for header in ["s=old; theme=light", "s=old; theme=dark"] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(header))]);
            jar.overhear(&headers, &url, Timestamp(0));
        }
        assert_eq!(sent(&mut jar, url.as_str(), 0), "s=1; theme=dark");
    }

    #[test]
    fn cookies_expire_by_the_clock_of_the_run() {
        let mut jar = Jar::default();
        let url = "http://127.0.0.1/";
        receive(&mut jar, url, 100 * SECOND, &["a=1; Max-Age=10", "b=2; Expires=Thu, 01 Jan 1970 00:02:00 GMT", "c=3"]);
        assert_eq!(sent(&mut jar, url, 105 * SECOND), "a=1; b=2; c=3");
        assert_eq!(sent(&mut jar, url, 115 * SECOND), "b=2; c=3");
        assert_eq!(sent(&mut jar, url, 121 * SECOND), "c=3");
        receive(&mut jar, url, 122 * SECOND, &["c=; Max-Age=0"]);
        assert_eq!(sent(&mut jar, url, 122 * SECOND), "");
    }
}
