//! What Typst sees while it sets a report: the template, its data and the fonts that ship with ESR. Nothing else
//! exists for it: no file system, no network, no clock, no system fonts.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::{FontStore, embedded};

/// Where the template finds its data.
const DATA: &str = "/report.json";

/// The template's modules; the first is where Typst starts.
const TEMPLATE: [(&str, &str); 4] = [
    ("/debrief.typ", include_str!("../../assets/report/debrief.typ")),
    ("/theme.typ", include_str!("../../assets/report/theme.typ")),
    ("/charts.typ", include_str!("../../assets/report/charts.typ")),
    ("/evidence.typ", include_str!("../../assets/report/evidence.typ")),
];

/// Inter for text and figures, JetBrains Mono for code.
const FONTS: [&[u8]; 5] = [
    include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../assets/fonts/Inter-Medium.otf"),
    include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../assets/fonts/InterDisplay-SemiBold.otf"),
    include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
];

/// Read once a process: parsing fonts costs more than setting a page. Typst's own fonts follow ours, for scripts that
/// ours lack.
static SHARED: LazyLock<(FontStore, LazyHash<Library>)> = LazyLock::new(|| {
    let mut fonts = FontStore::new();
    fonts.extend(FONTS.iter().flat_map(|data| Font::iter(Bytes::new(*data))).map(|font| {
        let info = font.info().clone();
        (font, info)
    }));
    fonts.extend(embedded());
    (fonts, LazyHash::new(Library::default()))
});

/// One report's world.
pub(super) struct ReportWorld {
    sources: Vec<Source>,
    main: FileId,
    data: (FileId, Bytes),
}

impl ReportWorld {
    /// A world whose data is `json`.
    pub(super) fn new(json: Vec<u8>) -> Self {
        let id = |path: &str| {
            let path = VirtualPath::new(path).expect("the template's paths are plain");
            RootedPath::new(VirtualRoot::Project, path).intern()
        };
        let sources = TEMPLATE.iter().map(|(path, text)| Source::new(id(path), (*text).to_owned())).collect();
        let [(main, _), ..] = TEMPLATE;
        ReportWorld { sources, main: id(main), data: (id(DATA), Bytes::new(json)) }
    }
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.1
    }

    fn book(&self) -> &LazyHash<FontBook> {
        SHARED.0.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|source| source.id() == id).cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if self.data.0 == id { Ok(self.data.1.clone()) } else { Err(missing(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.0.font(index)
    }

    /// A report has the time of its run, and no other.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_with_slash().into())
}
